import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.dedup.exact import exact
from potstill.records import Message, Problem
from potstill.text.normalise import normalise


def problem(line, *turns, source="s", answer=None, tests=None):
    roles = ("user",) if len(turns) == 1 else ("system", "user")
    messages = [Message(role=r, content=t) for r, t in zip(roles, turns, strict=True)]
    return Problem(
        source=source,
        file="f.jsonl",
        line=line,
        messages=messages,
        reference_answer=answer,
        tests=tests or {},
    )


def test_the_first_of_equal_rows_stays(table):
    texts = ["What is 3 + 4?", "b", "what is  3+4?", "B ", "c", "WHAT IS 3+4?"]
    rows = table([problem(i, text) for i, text in enumerate(texts)], shard_rows=2)
    same = [(row, of, 1.0, "duplicate") for row, of in ((2, 0), (3, 1), (5, 0))]
    assert [*exact(rows)] == same


def test_every_turn_counts(table):
    rows = [problem(1, "a", "b"), problem(2, "a b"), problem(3, "b"), problem(4, "b", "a")]
    assert [*exact(table(rows))] == []
    assert len([*exact(table([*rows, problem(5, "A", "b")]))]) == 1


def test_no_rows(table):
    assert [*exact(table([]))] == []


@settings(deadline=None)
@given(st.lists(st.text(alphabet="aAｂ² \n\\~", max_size=4)), st.integers(1, 9))
def test_what_stays_is_each_text_once(table, texts, shard_rows):
    rows = [problem(i, text) for i, text in enumerate(texts)]
    dropped = {found.row for found in exact(table(rows, shard_rows))}
    left = [normalise(text) for row, text in enumerate(texts) if row not in dropped]
    assert left == list(dict.fromkeys(map(normalise, texts)))


def test_tools_and_calls_count_but_not_their_ids(table) -> None:
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
        problem(6, "Which?"),
    ]
    assert [*exact(table(rows))] == [(4, 1, 1.0, "duplicate")]


def test_a_row_with_a_reference_or_tests_stays(table):
    rows = [problem(1, "a"), problem(2, "a", answer="1"), problem(3, "a", tests={"code": "x"})]
    assert {found.of for found in exact(table(rows))} == {1}
    assert {found.of for found in exact(table([rows[0], rows[2]]))} == {1}
    assert {found.of for found in exact(table(rows), keep=["first"])} == {0}


def test_a_row_of_a_preferred_source_stays(table):
    rows = table([problem(i, "a", source=name) for i, name in enumerate("abc")])
    assert {found.of for found in exact(rows, keep=["priority"], priority=["c", "a"])} == {2}
    assert {found.of for found in exact(rows, keep=["priority"], priority=["b"])} == {1}


def test_the_longest_row_stays(table):
    rows = table([problem(1, "a b"), problem(2, "a  b "), problem(3, "a  b\n")])
    assert {found.of for found in exact(rows, keep=["longest"])} == {1}


ANSWERS = ["1", None, "2", "1.0", "2"]


@pytest.mark.parametrize(
    ("conflicts", "expected"),
    [
        ("drop", [(1, 0, ""), (2, 0, "!"), (3, 0, ""), (4, 0, "!")]),
        ("keep", [(1, 0, ""), (3, 0, ""), (4, 2, "")]),
        ("drop_all", [(0, 2, "!"), (1, 2, "!"), (2, 0, "!"), (3, 2, "!"), (4, 0, "!")]),
    ],
)
def test_one_question_with_different_references(table, conflicts, expected):
    rows = table([problem(i, "a", answer=answer) for i, answer in enumerate(ANSWERS)])
    reasons = {"": "duplicate", "!": "reference_conflict"}
    assert [*exact(rows, conflicts=conflicts)] == [
        (row, of, 1.0, reasons[mark]) for row, of, mark in expected
    ]


def test_a_conflict_is_seen_where_the_row_that_stays_has_no_reference(table):
    rows = table([problem(1, "a"), problem(2, "a", answer="1"), problem(3, "a", answer="2")])
    assert [*exact(rows, keep=["first"])] == [
        (1, 0, 1.0, "duplicate"),
        (2, 1, 1.0, "reference_conflict"),
    ]
