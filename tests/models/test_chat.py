"""Functions and calls, in whatever shape they come."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.models.chat import call_text, calls, functions, tool_calls, tool_text, with_ids

F = {"name": "f", "description": "Adds.", "parameters": {"type": "object", "properties": {}}}
TOOL = {"type": "function", "function": F}
CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
SEARCH = {"type": "web_search", "filters": {}}


def reply(**message):
    return {"choices": [{"message": message}]}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([TOOL], [TOOL]),
        ([F], [TOOL]),
        (json.dumps([F]), [TOOL]),
        ([{"function": F}], [TOOL]),
        ([{"type": "function", **F}], [TOOL]),
        ([TOOL, SEARCH], [TOOL, SEARCH]),
        ([], []),
        (None, []),
        (" ", []),
        ("null", []),
        (F, None),
        ("a hammer", None),
        (["a hammer"], None),
        ([{"name": "hammer", "price": 5}], None),
        ("[" * 100_000, None),
    ],
)
def test_functions(value, found) -> None:
    assert functions(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([CALL], [CALL]),
        (json.dumps([CALL]), [CALL]),
        ([CALL | {"index": 0, "extra_content": {"s": "x"}}], None),
        ([{"name": "f", "arguments": {"x": 1}, "id": "1"}], [CALL]),
        ([{"id": "1", "function": {"name": "f", "arguments": {"x": 1}}}], [CALL]),
        ([{"type": "custom", "custom": {"name": "f", "input": "x"}}], None),
        ([], []),
        (None, []),
    ],
)
def test_calls(value, found) -> None:
    assert calls(value) == (value if found is None else found)


@pytest.mark.parametrize("value", ["f(1)", {"name": "f"}, ["f"], [{}], [{"function": {}}], [None]])
def test_what_is_no_call(value) -> None:
    assert calls(value) is None


def test_arguments_are_text_as_it_came() -> None:
    for text in ("", "{", '{"x":1.50}', "数"):
        (call,) = calls([{"function": {"name": "f", "arguments": text}}]) or []
        assert call["function"] == {"name": "f", "arguments": text}
    for nothing in ({"name": "f"}, {"name": "f", "arguments": None}):
        assert calls([nothing]) == [
            {"type": "function", "function": {"name": "f", "arguments": "{}"}}
        ]


def test_the_calls_of_a_reply() -> None:
    assert tool_calls(reply(content=None, tool_calls=[CALL])) == (CALL,)
    assert tool_calls(reply(tool_calls=[None, "x", {"function": 5}, CALL])) == (CALL,)
    old = {"name": "f", "arguments": '{"x": 1}'}
    assert tool_calls(reply(function_call=old)) == ({"type": "function", "function": old},)
    for none in ({}, reply(content="x"), reply(tool_calls=[]), reply(tool_calls="x")):
        assert tool_calls(none) == ()


def test_only_calls_without_an_id_get_one() -> None:
    bare = {"type": "function", "function": {"name": "f", "arguments": "{}"}}
    named = with_ids([bare, CALL, bare | {"id": None}], first=3)
    assert [call["id"] for call in named] == ["call_3", "1", "call_5"]
    assert len({*named[0]} & {"type", "function", "id"}) == 3


def test_as_a_person_reads_them() -> None:
    assert call_text(CALL) == 'f({"x": 1})'
    assert tool_text(TOOL) == "f: Adds."
    assert tool_text({"type": "function", "function": {"name": "g"}}) == "g"
    assert tool_text(SEARCH) == call_text(SEARCH) == json.dumps(SEARCH)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["\ud800", "[]"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "function", "name", "arguments", "parameters", "x"]),
            inner,
        )
    ),
    max_leaves=10,
)


@given(JSON | st.lists(JSON))
def test_whatever_comes_is_read_or_not(value) -> None:
    for read, text in ((functions, tool_text), (calls, call_text)):
        found = read(value)
        if found is not None:
            assert read(found) == found
            json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
            assert all(map(text, found))
    tool_calls(reply(tool_calls=value, function_call=value))
