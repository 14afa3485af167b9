"""What the scripted teacher says to a request: thinking, an answer or a tool call, and tokens.

A token is a word between spaces. Nothing here knows how a reply is sent.
"""

import random
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from pydantic import JsonValue

from potstill.models.script.script import Fault, Script, Style, draw
from potstill.models.script.tools import ToolCall, tool_call
from potstill.models.script.wishes import asks_for_tags, wants_thinking

_PHRASES = 9973  # a prime: every stride but 0 visits all phrases before it repeats one
_PHRASE_WORDS = 10


class Said(NamedTuple):
    """What a reply holds."""

    style: Style
    """Where the thinking goes."""
    think: str
    """The thinking; empty where there is none."""
    answer: str
    """What follows the thinking."""
    finish: str
    """The `finish_reason`."""
    prompt_tokens: int
    """Words of all messages."""
    think_tokens: int
    """Words of the thinking."""
    answer_tokens: int
    """Words of the answer or of the tool's arguments."""
    refusal: str = ""
    """Why there is no answer, where it is refused."""
    call: ToolCall | None = None
    """The call of a tool, where there is one instead of an answer."""

    @property
    def completion_tokens(self) -> int:
        """Words of thinking and answer."""
        return self.think_tokens + self.answer_tokens


def say(
    script: Script, body: Mapping[str, JsonValue], request: str, fault: Fault | None = None
) -> Said:
    """Return what is said to a request.

    Args:
        script: How to behave.
        body: The request's body.
        request: Its hash.
        fault: None, or a fault; `empty`, `truncated`, `thinking_only` and `refused` change what
            is said.
    """
    call = _call(script, body, request) if fault is None else None
    answer = "" if call else _answer(script, prompt_of(body), request)
    think = _think(script, body, request)
    if fault == "truncated":
        answer = answer[: len(answer) // 2]
    elif fault in ("empty", "thinking_only", "refused"):
        answer, think = "", think if fault == "thinking_only" else ""
    return Said(
        style=script.style,
        think=think,
        answer=answer,
        finish="tool_calls" if call else "length" if fault == "truncated" else "stop",
        prompt_tokens=sum(len(text.split()) for _, text in messages_of(body)),
        think_tokens=script.words if think else 0,
        answer_tokens=_count(call.arguments if call else answer),
        refusal="I can't help with that." if fault == "refused" else "",
        call=call,
    )


def messages_of(body: Mapping[str, JsonValue]) -> Iterator[tuple[JsonValue, str]]:
    """Yield role and text of each message of a request; parts of a text are joined."""
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict):
            yield message.get("role"), _text(message.get("content"))


def prompt_of(body: Mapping[str, JsonValue]) -> str:
    """Return the last user turn; empty where there is none."""
    turns = [text for role, text in messages_of(body) if role == "user"]
    return turns[-1] if turns else ""


def _text(content: JsonValue) -> str:
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _count(text: str) -> int:
    return text.count(" ") + 1 if text else 0


def _think(script: Script, body: Mapping[str, JsonValue], request: str) -> str:
    if script.style == "none" or (script.switchable and not wants_thinking(body)):
        return ""
    if script.style == "prompted" and not asks_for_tags(body):
        return ""
    if script.missing_traces and draw(request, "missing trace") < script.missing_traces:
        return ""
    return filler(request, "thinking", script.words)


def filler(request: str, what: str, words: int) -> str:
    """Return so many words, always the same for this request and this purpose.

    No phrase of ten words comes twice before all phrases were used: a text that repeats itself
    would be dropped by a filter.
    """
    phrases = _phrases()
    at = int(draw(request, f"{what} start") * _PHRASES)
    stride = 1 + int(draw(request, f"{what} stride") * (_PHRASES - 1))
    whole, rest = divmod(words, _PHRASE_WORDS)
    chosen = [phrases[(at + i * stride) % _PHRASES] for i in range(whole)]
    if rest:
        last = phrases[(at + whole * stride) % _PHRASES]
        chosen.append(" ".join(last.split(" ")[:rest]))
    return " ".join(chosen)


@cache
def _phrases() -> list[str]:
    words = [f"step{i}" for i in range(1000)]
    seeded = random.Random(0)
    return [" ".join(seeded.choices(words, k=_PHRASE_WORDS)) for _ in range(_PHRASES)]


def _answer(script: Script, prompt: str, request: str) -> str:
    reference = _reference(script.answers, prompt)
    if reference is None:
        reference = str(int(draw(request, "answer") * 1000))
    elif draw(request, "accuracy") >= script.accuracy:
        reference = _wrong(reference)
    last = f"The answer is \\boxed{{{reference}}}."
    return f"{filler(request, 'answer', script.answer_words)} {last}".lstrip()


def _reference(answers: Mapping[str, str], prompt: str) -> str | None:
    if not answers:
        return None
    while prompt not in answers and "\n" in prompt:
        prompt = prompt.rpartition("\n")[0]
    return answers.get(prompt)


def _wrong(reference: str) -> str:
    if reference in ("A", "B", "C", "D"):
        return "BCDA"["ABCD".index(reference)]
    return str(int(reference) + 1) if reference.isdecimal() else "0"


def _call(script: Script, body: Mapping[str, JsonValue], request: str) -> ToolCall | None:
    if not script.tool_calls or draw(request, "tool call") >= script.tool_calls:
        return None
    return tool_call(body, request)
