import pytest

from potstill.formats.tags import in_tags
from potstill.protocols import NotExpressible


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"think": "Hm.", "answer": "2"}, "<think>\nHm.\n</think>\n\n2"),
        ({"think": None, "answer": "2"}, "2"),
        ({"think": "", "answer": "2"}, "2"),
        ({"think": "Hm.", "answer": ""}, "<think>\nHm.\n</think>\n\n"),
        ({"think": "x < y", "answer": "a <think> b"}, "<think>\nx < y\n</think>\n\na <think> b"),
    ],
)
def test_thinking_stands_before_the_answer(make_sample, fields, text) -> None:
    assert in_tags(make_sample(**fields).response) == text


@pytest.mark.parametrize(
    "fields",
    [
        {"think": "the tag </think> closes", "answer": "2"},
        {"think": None, "answer": "<think>x</think>2"},
        {"think": None, "answer": "x</think>2"},
        {"think": "Hm.", "answer": "<answer>2</answer>"},
    ],
)
def test_tags_that_would_be_read_otherwise_are_refused(make_sample, fields) -> None:
    with pytest.raises(NotExpressible) as raised:
        in_tags(make_sample(**fields).response)
    assert raised.value.reason == "ambiguous_tags"
