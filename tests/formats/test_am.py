import json

import pyarrow
import pytest

from potstill.formats.am import AmRow, am_1_4m
from potstill.protocols import NotExpressible
from potstill.records import Message, Problem
from potstill.storage.schema import arrow_schema


@pytest.fixture
def sample(make_sample):
    return make_sample(reasoning="on", think="One and one.\nTwo.", answer="It is 2.")


def test_the_record_is_the_card_s(sample) -> None:
    written = json.loads(am_1_4m(sample).model_dump_json(exclude_unset=True))
    assert written == {
        "messages": [
            {
                "role": "user",
                "content": "1 + 1 = ?",
                "info": {"source": "school", "reference_answer": "2", "test_case": None},
            },
            {
                "role": "assistant",
                "content": ("<think>One and one.\nTwo.\n</think>\n<answer>\nIt is 2.\n</answer>"),
                "info": {
                    "source": "school",
                    "think_content": "One and one.\nTwo.\n",
                    "answer_content": "\nIt is 2.\n",
                },
            },
        ]
    }


def test_the_content_is_made_of_its_parts(sample) -> None:
    turn = am_1_4m(sample).messages[1]
    think, answer = turn.info.think_content, turn.info.answer_content
    assert turn.content == f"<think>{think}</think>\n<answer>{answer}</answer>"


def test_no_reference_answer_is_null(make_sample) -> None:
    row = am_1_4m(make_sample(reference_answer=None, think="Hm."))
    assert row.messages[0].info.reference_answer is None


@pytest.mark.parametrize("fields", [{"think": None}, {"think": ""}, {"think": "hm", "answer": ""}])
def test_a_sample_that_lacks_a_part_is_refused(make_sample, fields) -> None:
    with pytest.raises(NotExpressible) as raised:
        am_1_4m(make_sample(**fields))
    assert raised.value.reason == "no_think"


def test_a_conversation_is_refused(sample) -> None:
    turns = (Message(role="system", content="Be brief."), *sample.problem.messages)
    problem = Problem(source="s", file="f", line=1, messages=turns)
    with pytest.raises(NotExpressible) as raised:
        am_1_4m(sample.model_copy(update={"problem": problem}))
    assert raised.value.reason == "not_one_turn"


def test_all_turns_have_one_type_in_a_table(sample) -> None:
    table = pyarrow.Table.from_pylist([am_1_4m(sample).model_dump()], arrow_schema(AmRow))
    user, assistant = table.to_pylist()[0]["messages"]
    assert user["info"].keys() == assistant["info"].keys()
    assert user["info"]["think_content"] is None
    assert assistant["info"]["reference_answer"] is None
