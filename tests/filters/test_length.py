import pytest

from potstill.filters.length import length


@pytest.mark.parametrize(
    ("options", "fields", "expected"),
    [
        ({}, {"answer": "2"}, None),
        ({}, {"answer": ""}, ("too_short", {"answer_chars": 0, "least": 1})),
        ({}, {"answer": "", "tool_calls": [{"type": "function"}]}, None),
        ({"min_answer_chars": 3}, {"answer": "12"}, ("too_short", {"answer_chars": 2, "least": 3})),
        ({"min_answer_chars": 3}, {"answer": "123"}, None),
        ({"max_answer_chars": 3}, {"answer": "123"}, None),
        ({"max_answer_chars": 3}, {"answer": "1234"}, ("too_long", {"answer_chars": 4, "most": 3})),
        ({"max_answer_chars": 0}, {"answer": "1"}, ("too_long", {"answer_chars": 1, "most": 0})),
        ({"min_think_chars": 2}, {"think": "a"}, ("too_short", {"think_chars": 1, "least": 2})),
        ({"min_think_chars": 2}, {"think": None}, None),
        ({"max_think_chars": 2}, {"think": "ab"}, None),
        ({"max_think_chars": 2}, {"think": "abc"}, ("too_long", {"think_chars": 3, "most": 2})),
        ({"max_tokens": 9}, {"completion_tokens": 9}, None),
        ({"max_tokens": 9}, {"completion_tokens": 10}, ("too_long", {"tokens": 10, "most": 9})),
        ({"max_tokens": 9}, {"completion_tokens": None}, None),
    ],
)
def test_length(make_sample, options, fields, expected) -> None:
    found = length(make_sample(**fields), **options)
    assert (found and (found.reason, found.evidence)) == expected
