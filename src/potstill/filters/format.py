"""Responses that are whole: thinking and answer where they belong, and nothing left of the tags."""

import re
from typing import Literal

from potstill.protocols import Rejection
from potstill.records import Sample

_TAG = re.compile(r"</?(?:think|answer)>")


def format(
    sample: Sample, /, *, think: Literal["as asked", "required", "forbidden"] = "as asked"
) -> Rejection | None:
    """Reject a response that is cut, lacks a part, or has tags in its text.

    A response that calls tools needs no answer.

    AM-1.4M keeps only strict `<think>…</think><answer>…</answer>` (arXiv 2503.19633); here the tags
    are already taken off, so that what is left of them is a second or a broken pair.

    Args:
        sample: The sample.
        think: Whether there must be thinking: if the teacher was asked to think, always, or never.

    Example:
        filter:
          - {use: format, think: required}

    Returns:
        `truncated`, `refused`, `empty_answer`, `no_think`, `unexpected_think` or `stray_tag`.
    """
    response = sample.response
    if response.ending in ("truncated", "refused"):
        return Rejection(response.ending, completion_tokens=response.completion_tokens)
    if not response.answer.strip() and not response.tool_calls:
        return Rejection("empty_answer", ending=response.ending)
    wanted = think == "required" or (think == "as asked" and response.reasoning != "off")
    if wanted and not (response.think or "").strip():
        return Rejection("no_think", reasoning=response.reasoning)
    if not wanted and response.think:
        return Rejection("unexpected_think", reasoning=response.reasoning)
    for part, text in (("think", response.think or ""), ("answer", response.answer)):
        if found := _TAG.search(text):
            return Rejection("stray_tag", tag=found[0], part=part, position=found.start())
    return None
