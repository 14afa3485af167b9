import pyarrow
import pytest

from potstill.formats.messages import MessagesRow, messages
from potstill.records import Message, Problem, Verdict
from potstill.storage.schema import arrow_schema


@pytest.fixture
def sample(make_sample):
    sample = make_sample(reasoning="on", think="One and one.", answer="It is 2.")
    verdicts = (
        Verdict(outcome="undecided", reason="timeout", verifier="math"),
        Verdict(outcome="pass", reason="equal", verifier="choice"),
    )
    return sample.model_copy(update={"verdicts": verdicts, "outcome": "pass"})


def test_a_row_has_the_conversation_and_its_provenance(sample) -> None:
    assert messages(sample).model_dump() == {
        "id": "r",
        "messages": (
            {"role": "user", "content": "1 + 1 = ?", "reasoning_content": None},
            {"role": "assistant", "content": "It is 2.", "reasoning_content": "One and one."},
        ),
        "problem_id": sample.problem.id,
        "row_id": "school:a.jsonl:7",
        "source": "school",
        "category": None,
        "language": None,
        "reference_answer": "2",
        "teacher": "t",
        "reasoning": "on",
        "outcome": "pass",
        "verifier": "choice",
        "reason": "equal",
    }


def test_a_conversation_keeps_its_turns(sample) -> None:
    turns = tuple(
        Message(role=role, content=role) for role in ("system", "user", "assistant", "user")
    )
    problem = Problem(source="s", file="f", line=1, messages=turns)
    row = messages(sample.model_copy(update={"problem": problem}))
    assert [turn.role for turn in row.messages] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
    ]


def test_without_thinking_or_verdict_the_keys_are_the_same(make_sample, sample) -> None:
    row = messages(make_sample())
    assert row.model_dump().keys() == messages(sample).model_dump().keys()
    assert (row.outcome, row.verifier, row.reason) == (None, None, None)
    assert row.messages[-1].reasoning_content is None
    # JSON Lines leave out what is not set: nothing may be.
    assert row.model_fields_set == set(MessagesRow.model_fields)
    assert all(turn.model_fields_set == {*type(turn).model_fields} for turn in row.messages)


def test_rows_fit_one_table(make_sample, sample) -> None:
    rows = [messages(each).model_dump() for each in (sample, make_sample())]
    table = pyarrow.Table.from_pylist(rows, arrow_schema(MessagesRow))
    assert table.column("outcome").to_pylist() == ["pass", None]
