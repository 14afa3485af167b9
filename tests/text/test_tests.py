"""Tests of programs, in whichever shape they come."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.text.tests import joined
from potstill.text.tests import tests as read

CODE = "assert f(1) == 2"
PAIRS = {"inputs": ["1", "2"], "outputs": ["3", "4"]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, {}),
        ("", {}),
        ([], {}),
        ({}, {}),
        ("null", {}),
        ({"inputs": [], "outputs": []}, {}),
        ({"test_code": None}, {}),
        (CODE, {"code": CODE}),
        ({"code": CODE, "entry_point": "f"}, {"code": CODE, "entry_point": "f"}),
        ({"functional": CODE}, {"code": CODE}),
        ([CODE, CODE], {"code": f"{CODE}\n{CODE}"}),
        (PAIRS, PAIRS),
        ({"input": ["1", "2"], "output": ["3", "4"]}, PAIRS),
        ([{"input": "1", "output": "3"}, {"input": "2", "output": "4"}], PAIRS),
        ({"inputs": [["a", "b"]], "outputs": [["c"]]}, {"inputs": ["a\nb"], "outputs": ["c"]}),
        (
            {"fn_name": "f", "inputs": [[1]], "outputs": [2]},
            {"inputs": [[1]], "outputs": [2], "entry_point": "f"},
        ),
        ("see below", None),
        (5, None),
        (True, None),
        ([CODE, 5], None),
        ([{"input": "1"}], None),
        ({"inputs": ["1"], "outputs": []}, None),
        ({"inputs": "1", "outputs": "2"}, None),
        ({"a": 1}, None),
        ("[" * 100_000, None),
    ],
)
def test_shapes(value, expected) -> None:
    assert read(value) == expected
    if not isinstance(value, str):
        assert read(json.dumps(value)) == expected


def test_parts_are_joined_in_order() -> None:
    second = [{"input": "5", "output": "6"}]
    assert joined(PAIRS, None, second, "x", {"code": CODE}) == {
        "inputs": ["1", "2", "5"],
        "outputs": ["3", "4", "6"],
    }
    assert joined(None, {}) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["code", "inputs", "outputs", "input", "output", "fn_name", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(JSON)
def test_what_is_read_is_read_again_as_it_is(value) -> None:
    found = read(value)
    if found:
        assert found.keys() <= {"code", "inputs", "outputs", "entry_point"}
        assert read(found) == read(json.dumps(found)) == found
