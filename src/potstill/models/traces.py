"""Thinking and answer out of a reply, whichever way the endpoint writes them.

Endpoints put the thinking in `reasoning_content` (DeepSeek, vLLM, SGLang, llama.cpp) or in
`reasoning` (OpenRouter, newer vLLM), or leave it in the content between `<think>` and `</think>`;
where the chat template has already opened the tag, only the closing one is in the content.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

from potstill.models.replies import first_message
from potstill.records import Reasoning

_SURROGATES = re.compile("[\ud800-\udfff]")


class Trace(NamedTuple):
    """What a teacher wrote, in the one shape that the records hold."""

    think: str | None
    """The thinking without its tags; None where there is none."""
    answer: str
    """What follows the thinking; empty where the reply ended before it."""


def from_reply(reply: Mapping[str, JsonValue], reasoning: Reasoning) -> Trace:
    """Return the trace of a whole reply; an empty one where it has no message."""
    return extract(first_message(reply), reasoning)


def extract(message: Mapping[str, JsonValue], reasoning: Reasoning) -> Trace:
    """Return thinking and answer of a message, without surrounding white space.

    A `<think>` that is never closed is thinking that was cut: the answer is empty then. Elsewhere
    than at the start, `<think>` is text like any other. `<answer>` tags are taken off where they
    wrap the whole answer, or where the prompt asked for them. Lone surrogates, which JSON can hold
    and UTF-8 can't, become U+FFFD.

    Args:
        message: `choices[0].message` of the reply.
        reasoning: How the teacher was asked to think.
    """
    content = _text(message.get("content"))
    think = (_text(message.get("reasoning_content")) or _text(message.get("reasoning"))).strip()
    # Beside thinking in a field of its own, a lone closing tag is part of the answer.
    inside, answer = _split(content)
    if inside is None or (think and not content.lstrip().startswith("<think>")):
        inside, answer = "", content
    if inside.strip() != think:
        think = "\n".join(part for part in (think, inside.strip()) if part)
    return Trace(think or None, _untag(answer, reasoning).strip())


def _text(value: JsonValue) -> str:
    if isinstance(value, list):  # content in parts: [{"type": "text", "text": "…"}]
        return "".join(_text(part.get("text")) for part in value if isinstance(part, dict))
    return _clean(value) if isinstance(value, str) else ""


def _clean(text: str) -> str:
    try:
        text.encode()  # much faster than looking for surrogates, which are rare
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text)
    return text


def _split(content: str) -> tuple[str | None, str]:
    text = content.lstrip()
    opened = text.startswith("<think>")
    inside, closed, rest = text.removeprefix("<think>").partition("</think>")
    if closed and (opened or "<think>" not in inside):
        return inside, rest
    return (inside, "") if opened else (None, content)


def _untag(answer: str, reasoning: Reasoning) -> str:
    before, opened, rest = answer.partition("<answer>")
    inside, closed, after = rest.partition("</answer>")
    whole = closed and not before.strip() and not after.strip()
    if opened and (whole or reasoning == "prompted"):
        return before + inside + after
    return answer
