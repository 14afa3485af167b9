"""Responses of a bearable length."""

from typing import Annotated

from pydantic import Field

from potstill.protocols import Rejection
from potstill.records import Sample

Limit = Annotated[int, Field(ge=0)]


def length(
    sample: Sample,
    /,
    *,
    min_answer_chars: Limit = 1,
    max_answer_chars: Limit | None = None,
    min_think_chars: Limit = 0,
    max_think_chars: Limit | None = None,
    max_tokens: Limit | None = None,
) -> Rejection | None:
    """Reject a response whose thinking or answer is too short or too long.

    Args:
        sample: The sample.
        min_answer_chars: Fewest characters of the answer, where no tool is called.
        max_answer_chars: Most characters of the answer.
        min_think_chars: Fewest characters of the thinking, where there is any.
        max_think_chars: Most characters of the thinking.
        max_tokens: Most tokens of both, as the endpoint counted them; a response that was not
            counted is kept.

    Example:
        filter:
          - {use: length, max_answer_chars: 8000, max_tokens: 16384}

    Returns:
        `too_short` or `too_long`.
    """
    response = sample.response
    answer, think = len(response.answer), len(response.think or "")
    bounds = [
        ("answer_chars", answer, 0 if response.tool_calls else min_answer_chars, max_answer_chars),
        ("think_chars", think, min_think_chars if think else 0, max_think_chars),
        ("tokens", response.completion_tokens or 0, 0, max_tokens),
    ]
    for what, found, least, most in bounds:
        if found < least:
            return Rejection("too_short", **{what: found, "least": least})
        if most is not None and found > most:
            return Rejection("too_long", **{what: found, "most": most})
    return None
