import json

import pyarrow

from potstill.formats.sharegpt import SharegptRow, sharegpt
from potstill.records import Message, Problem
from potstill.storage.schema import arrow_schema

TURNS = tuple(Message(role=role, content=role) for role in ("system", "user", "assistant", "user"))


def test_turns_say_from_whom_they_are(make_sample) -> None:
    problem = Problem(source="s", file="f", line=1, messages=TURNS)
    sample = make_sample(think="Hm.").model_copy(update={"problem": problem})
    assert json.loads(sharegpt(sample).model_dump_json(exclude_unset=True)) == {
        "id": "r",
        "conversations": [
            {"from": "system", "value": "system"},
            {"from": "human", "value": "user"},
            {"from": "gpt", "value": "assistant"},
            {"from": "human", "value": "user"},
            {"from": "gpt", "value": "<think>\nHm.\n</think>\n\n2"},
        ],
    }


def test_a_table_has_the_same_names(make_sample) -> None:
    row = sharegpt(make_sample())
    table = pyarrow.Table.from_pylist([row.model_dump()], arrow_schema(SharegptRow))
    assert table.to_pylist() == [json.loads(row.model_dump_json())]
