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
        ([1], [1, 2], [" was [1], is [1,2]"]),
        ({"a": "x" * 90}, {"a": None}, [f'a was "{"x" * 56}..., is null']),
    ],
)
def test_each_value_that_differs_has_its_clause(
    old: JsonValue, new: JsonValue, clauses: list[str]
) -> None:
    assert list(changes(old, new)) == clauses
