import pytest

from potstill.filters.format import format
from potstill.registry import bind


def reason(sample, **options):
    found = bind(format, options)(sample)
    return found and found.reason


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"ending": "truncated"}, "truncated"),
        ({"ending": "refused", "answer": "I can't help."}, "refused"),
        (
            {"ending": "thinking_only", "answer": "", "think": "hm", "reasoning": "on"},
            "empty_answer",
        ),
        ({"answer": " \n"}, "empty_answer"),
        ({"answer": "", "tool_calls": [{"type": "function"}]}, None),
        ({"answer": "", "tool_calls": [{"type": "function"}], "reasoning": "on"}, "no_think"),
        ({"reasoning": "on"}, "no_think"),
        ({"reasoning": "on", "think": " "}, "no_think"),
        ({"reasoning": "on", "think": "hm"}, None),
        ({"reasoning": "prompted"}, "no_think"),
        ({"reasoning": "prompted", "think": "hm"}, None),
        ({"reasoning": "off", "think": "hm"}, "unexpected_think"),
        ({"answer": "so </think> 2"}, "stray_tag"),
        ({"answer": "<answer>2"}, "stray_tag"),
        ({"answer": "I think <thinking> is 2 < 3 > 1"}, None),
        ({"reasoning": "on", "think": "a <think> b"}, "stray_tag"),
    ],
)
def test_as_asked(make_sample, fields: dict[str, str], expected: str | None) -> None:
    assert reason(make_sample(**fields)) == expected


@pytest.mark.parametrize(
    ("think", "fields", "expected"),
    [
        ("required", {"reasoning": "off"}, "no_think"),
        ("required", {"reasoning": "off", "think": "hm"}, None),
        ("forbidden", {"reasoning": "on"}, None),
        ("forbidden", {"reasoning": "on", "think": "hm"}, "unexpected_think"),
    ],
)
def test_think_can_be_required_or_forbidden(make_sample, think, fields, expected) -> None:
    assert reason(make_sample(**fields), think=think) == expected


def test_a_stray_tag_is_shown(make_sample) -> None:
    found = format(make_sample(reasoning="on", think="fine", answer="2 </answer>"))
    assert found is not None
    assert found.evidence == {"tag": "</answer>", "part": "answer", "position": 2}
