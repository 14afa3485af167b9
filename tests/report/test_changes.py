"""Settings that differ, one clause for each."""

import pytest
from pydantic import JsonValue

from potstill.report.changes import changes


@pytest.mark.parametrize(
    ("old", "new", "clauses"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, ["a.b.1 was 2, is 3"]),
        ({"a": 1}, {"b": 1}, ["a was 1, is null", "b was null, is 1"]),
        ([1], [1, 2], [".1 is new: 2"]),
        ({"a": [1, 2, 3]}, {"a": [2, 3]}, ["a.0 was 1, is no longer there"]),
        (
            {"a": [1, {"b": 2}, 3]},
            {"a": [1, {"b": 4}, 3, 5]},
            ["a.1.b was 2, is 4", "a.3 is new: 5"],
        ),
        ({"a": "x" * 90}, {"a": None}, [f'a was "{"x" * 53}..., is null']),
        (
            {"a": "x" * 90 + "old"},
            {"a": "x" * 90 + "new"},
            [f'a was ...{"x" * 15}old", is ...{"x" * 15}new"'],
        ),
    ],
)
def test_each_value_that_differs_has_its_clause(
    old: JsonValue, new: JsonValue, clauses: list[str]
) -> None:
    assert list(changes(old, new)) == clauses
