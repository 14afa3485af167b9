"""The scripted teacher's replies that come whole, and those with an HTTP error."""

import math
from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import JsonValue

from potstill.models.script.script import Fault, Script, Style
from potstill.models.script.text import Said

Part = Literal["reasoning_content", "reasoning", "content", "thinking", "text", "refusal"]

_THINKING: dict[Style, Part] = {
    "reasoning_content": "reasoning_content",
    "reasoning": "reasoning",
    "blocks": "thinking",
}
"""Styles with a place of its own for the thinking."""


class Reply(NamedTuple):
    """A whole reply."""

    status: int
    headers: dict[str, str]
    body: dict[str, JsonValue]


FAILURES: dict[Fault, tuple[int, str, str]] = {
    "rate_limited": (429, "too many requests", "rate_limit_exceeded"),
    "server_error": (500, "the scripted teacher fails", "internal_error"),
    "bad_request": (400, "the scripted teacher does not take this request", "bad_request"),
    "over_context": (400, "the prompt exceeds the context length", "context_length_exceeded"),
}
"""Status, message and code of the faults that are an HTTP error."""


def failure(fault: Fault, script: Script) -> Reply:
    """Return the reply to a request that ends in one of `FAILURES`."""
    reply = refusal(*FAILURES[fault])
    return after(reply, script.seconds(script.retry_after)) if fault == "rate_limited" else reply


def overloaded(script: Script) -> Reply:
    """Return a 503 that says when to come back."""
    reply = refusal(503, "the scripted teacher is overloaded", "overloaded")
    return after(reply, script.seconds(script.retry_after))


def too_many(seconds: float) -> Reply:
    """Return the reply to a request over a limit, which may come again in so many seconds."""
    return after(refusal(429, "Rate limit reached", "rate_limit_exceeded"), seconds)


def refusal(status: int, message: str, code: str) -> Reply:
    """Return a reply in the shape of OpenAI's errors."""
    return Reply(status, {}, {"error": {"message": message, "code": code}})


def after(reply: Reply, seconds: float) -> Reply:
    """Return a reply with Retry-After; fractions of a second serve scripts in fast motion."""
    # Rounded up: who comes back too early is refused again.
    shown = f"{math.ceil(seconds * 1000) / 1000:.3f}".rstrip("0").rstrip(".")
    return reply._replace(headers={"Retry-After": shown})


def whole(
    said: Said, body: Mapping[str, JsonValue], request: str, usage: JsonValue
) -> dict[str, JsonValue]:
    """Return what is said as a `chat.completion`."""
    choice: JsonValue = {"index": 0, "message": _message(said), "finish_reason": said.finish}
    return {
        "id": f"chatcmpl-{request}",
        "object": "chat.completion",
        "created": 0,  # a time would make two replies to one request differ
        "model": body.get("model", ""),
        "choices": [choice],
        "usage": usage,
    }


def usage(said: Said, cached: float) -> JsonValue:
    """Return the tokens; details only where there are some, as endpoints have it.

    Args:
        said: What the reply holds.
        cached: Share of the prompt's tokens that are told as cached.
    """
    told: dict[str, JsonValue] = {
        "prompt_tokens": said.prompt_tokens,
        "completion_tokens": said.completion_tokens,
        "total_tokens": said.prompt_tokens + said.completion_tokens,
    }
    if cached:
        told["prompt_tokens_details"] = {"cached_tokens": int(said.prompt_tokens * cached)}
    if said.think_tokens:
        told["completion_tokens_details"] = {"reasoning_tokens": said.think_tokens}
    return told


def parts(said: Said) -> list[tuple[Part, str]]:
    """Return the texts of a reply and where each goes, in the order in which they stream."""
    thinking = _THINKING.get(said.style)
    answer = said.answer if thinking or not said.think else _tagged(said)
    found: list[tuple[Part, str]] = [
        (thinking or "content", said.think if thinking else ""),
        ("text" if said.style == "blocks" else "content", answer),
        ("refusal", said.refusal),
    ]
    return [(part, text) for part, text in found if text]


def delta(part: Part, text: str) -> dict[str, JsonValue]:
    """Return a piece of text as a message, or a chunk's delta, holds it."""
    if part in ("thinking", "text"):
        return {"content": [{"type": part, part: text}]}
    return {part: text}


def _tagged(said: Said) -> str:
    if said.style == "prompted":
        return f"<think> {said.think} </think> <answer> {said.answer} </answer>"
    opened = "" if said.style == "lone_close" else "<think>\n"
    return f"{opened}{said.think}\n</think>\n\n{said.answer}"


def _message(said: Said) -> dict[str, JsonValue]:
    message: dict[str, JsonValue] = {"role": "assistant", "content": ""}
    if said.style == "blocks":
        message["content"] = [{"type": part, part: text} for part, text in parts(said)]
    else:
        message.update(parts(said))
    if said.call:
        called: JsonValue = {"name": said.call.name, "arguments": said.call.arguments}
        message["tool_calls"] = [{"id": said.call.id, "type": "function", "function": called}]
    return message
