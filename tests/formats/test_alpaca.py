import pyarrow
import pytest

from potstill.formats.alpaca import AlpacaRow, alpaca
from potstill.protocols import NotExpressible
from potstill.records import Message, Problem
from potstill.storage.schema import arrow_schema


def conversation(sample, *roles):
    turns = tuple(Message(role=role, content=f"{role} {i}") for i, role in enumerate(roles))
    problem = Problem(source="s", file="f", line=1, messages=turns)
    return sample.model_copy(update={"problem": problem})


def written(sample):
    return alpaca(sample).model_dump(exclude_unset=True)


def test_one_question_has_the_three_columns_of_stanford_alpaca(make_sample) -> None:
    sample = make_sample(think="One and one.", answer="It is 2.")
    assert written(sample) == {
        "instruction": "1 + 1 = ?",
        "input": "",
        "output": "<think>\nOne and one.\n</think>\n\nIt is 2.",
    }


def test_earlier_turns_are_history(make_sample) -> None:
    sample = conversation(make_sample(), "system", "user", "assistant", "user")
    assert written(sample) == {
        "instruction": "user 3",
        "input": "",
        "output": "2",
        "system": "system 0",
        "history": (("user 1", "assistant 2"),),
    }


@pytest.mark.parametrize(
    "roles",
    [("user", "user"), ("assistant", "user"), ("user", "system", "user"), ("user", "assistant")],
)
def test_turns_that_do_not_alternate_are_refused(make_sample, roles) -> None:
    with pytest.raises(NotExpressible) as raised:
        alpaca(conversation(make_sample(), *roles))
    assert raised.value.reason == "not_alternating"


def test_an_empty_system_prompt_is_not_the_same_as_none(make_sample) -> None:
    turns = (Message(role="system", content=" "), Message(role="user", content="Hi"))
    problem = Problem(source="s", file="f", line=1, messages=turns)
    with pytest.raises(NotExpressible) as raised:
        alpaca(make_sample().model_copy(update={"problem": problem}))
    assert raised.value.reason == "not_alternating"


def test_rows_fit_one_table(make_sample) -> None:
    samples = [make_sample(), conversation(make_sample(), "user", "assistant", "user")]
    rows = [alpaca(sample).model_dump() for sample in samples]
    table = pyarrow.Table.from_pylist(rows, arrow_schema(AlpacaRow))
    assert table.column("history").to_pylist() == [None, [["user 0", "assistant 1"]]]
    assert table.column("system").to_pylist() == [None, None]
