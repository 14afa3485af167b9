import pyarrow
import pytest

from potstill.formats.messages import MessagesRow, Turn, messages
from potstill.protocols import NotExpressible
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
    assert messages(sample).model_dump(exclude_unset=True) == {
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
    # JSON Lines leave out what is not set: nothing may be but what tools need.
    assert {*MessagesRow.model_fields} - row.model_fields_set == {"tools"}
    needed = {"tool_calls", "tool_call_id", "name"}
    assert all({*Turn.model_fields} - turn.model_fields_set == needed for turn in row.messages)


def test_rows_fit_one_table(make_sample, sample) -> None:
    rows = [messages(each).model_dump() for each in (sample, make_sample())]
    table = pyarrow.Table.from_pylist(rows, arrow_schema(MessagesRow))
    assert table.column("outcome").to_pylist() == ["pass", None]


TOOL = {"type": "function", "function": {"name": "f", "parameters": {"类型": "object"}}}
CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.fixture
def called(make_sample):
    turns = (
        Message(role="user", content="Which?"),
        Message(role="assistant", content="", tool_calls=(CALL | {"index": 0},)),
        Message(role="tool", content="1", tool_call_id="1", name="f"),
    )
    problem = Problem(source="s", file="f", line=1, messages=turns, tools=(TOOL,))
    made = make_sample(answer="", tool_calls=[CALL, CALL])
    return made.model_copy(update={"problem": problem})


def test_tools_stand_where_chat_templates_look_for_them(called) -> None:
    row = messages(called).model_dump(exclude_unset=True)
    assert row["tools"] == (
        '[{"type": "function", "function": {"name": "f", "parameters": {"类型": "object"}}}]'
    )
    asked, *turns = row["messages"]
    assert asked == {"role": "user", "content": "Which?", "reasoning_content": None}
    told = [{k: v for k, v in turn.items() if k != "reasoning_content"} for turn in turns]
    assert told == [
        {"role": "assistant", "content": "", "tool_calls": (CALL,)},
        {"role": "tool", "content": "1", "tool_call_id": "1", "name": "f"},
        {"role": "assistant", "content": "", "tool_calls": (CALL, CALL)},
    ]


def test_rows_with_and_without_tools_fit_one_table(make_sample, called) -> None:
    rows = [messages(each).model_dump() for each in (make_sample(), called)]
    plain, tools = pyarrow.Table.from_pylist(rows, arrow_schema(MessagesRow)).to_pylist()
    assert plain["tools"] is None
    assert plain["messages"][0]["tool_calls"] is None
    assert tools["messages"][-1]["tool_calls"] == [CALL, CALL]


@pytest.mark.parametrize("call", [{"type": "custom", "custom": {}}, {"function": {"name": "f"}}])
def test_a_call_of_another_kind_is_not_written(make_sample, call) -> None:
    with pytest.raises(NotExpressible) as raised:
        messages(make_sample(tool_calls=[call]))
    assert raised.value.reason == "tool_calls"
