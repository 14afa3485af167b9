from hypothesis import given
from hypothesis import strategies as st

from potstill.dedup.exact import exact
from potstill.records import Message, Problem
from potstill.text.normalise import normalise


def problem(line, *turns, source="s"):
    roles = ("user",) if len(turns) == 1 else ("system", "user")
    messages = [Message(role=r, content=t) for r, t in zip(roles, turns, strict=True)]
    return Problem(source=source, file="f.jsonl", line=line, messages=messages)


def test_the_first_of_equal_rows_stays():
    texts = ["What is 3 + 4?", "b", "what is  3+4?", "B ", "c", "WHAT IS 3+4?"]
    rows = [problem(i, text) for i, text in enumerate(texts, start=1)]
    assert list(exact(rows)) == [
        ("s:f.jsonl:3", "s:f.jsonl:1", 1.0),
        ("s:f.jsonl:4", "s:f.jsonl:2", 1.0),
        ("s:f.jsonl:6", "s:f.jsonl:1", 1.0),
    ]


def test_every_turn_counts():
    rows = [problem(1, "a", "b"), problem(2, "a b"), problem(3, "b"), problem(4, "b", "a")]
    assert list(exact(rows)) == []
    assert len(list(exact([*rows, problem(5, "A", "b")]))) == 1


def test_row_ids_of_any_shape_come_back():
    ids = ["a:f:1", "b", "c:007", "d:-1", "e:" + "9" * 30, ":", "a:f:2", "", "f:\u0663"]
    rows = [problem(1, "same").model_copy(update={"row_id": row_id}) for row_id in ids]
    assert [found.row_id for found in exact(rows)] == ids[1:]
    assert {found.of for found in exact(rows)} == {"a:f:1"}


def test_no_rows():
    assert list(exact([])) == []


@given(st.lists(st.text(alphabet="aAｂ \n", max_size=4)))
def test_what_stays_is_each_text_once(texts):
    rows = [problem(i, text) for i, text in enumerate(texts)]
    dropped = {found.row_id for found in exact(iter(rows))}
    left = [normalise(row.text) for row in rows if row.row_id not in dropped]
    assert left == list(dict.fromkeys(map(normalise, texts)))


def test_tools_and_calls_count_but_not_their_ids() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    other = {"type": "function", "function": {"name": "g", "parameters": {}}}
    user = Message(role="user", content="Which?")

    def conversation(line: int, call: dict, *tools: dict) -> Problem:
        called = Message(role="assistant", content="", tool_calls=(call,))
        turns = (user, called, Message(role="tool", content="1"))
        return Problem(source="s", file="f.jsonl", line=line, messages=turns, tools=tools)

    rows = [
        conversation(1, call),
        conversation(2, call, tool),
        conversation(3, call, other),
        conversation(4, call | {"function": {"name": "f", "arguments": '{"x": 1}'}}),
        conversation(5, call | {"id": "2"}, tool),
    ]
    assert list(exact(rows)) == [("s:f.jsonl:5", "s:f.jsonl:2", 1.0)]
