"""What the scripted teacher says: pure functions of a request's body.

Each choice (right or wrong, which fault, which words) is drawn from a hash of the body, so two
servers with the same script say the same, in whatever order they are asked.
"""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from potstill.errors import InputError
from potstill.records import Ending

Style = Literal["reasoning_content", "think_tags", "none"]

FAULTS: tuple[Ending, ...] = (
    "rate_limited",
    "server_error",
    "network",
    "stalled",
    "empty",
    "truncated",
    "thinking_only",
    "refused",
    "malformed",
    "bad_request",
    "over_context",
)
"""The faults that can be scripted, named by the ending that they lead to."""


_WORDS = tuple(f"step{i}" for i in range(1000))


@dataclass(frozen=True)
class Script:
    """How the scripted teacher behaves."""

    model: str | None = None
    """The only model that it knows; None to accept every name."""
    key: str | None = None
    """The key that it wants; None for no key."""
    latency: float = 0.0
    """Seconds before each answer."""
    style: Style = "reasoning_content"
    """Where the thinking goes; `none` for answers without thinking."""
    words: int = 40
    """Words of thinking."""
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Prompt to reference answer. A prompt also counts as known when it is followed by further
    lines, such as the instruction of a prompt template."""
    accuracy: float = 1.0
    """Share of known prompts that are answered right."""
    faults: Mapping[Ending, float] = field(default_factory=dict[Ending, float])
    """Share of requests that end in each fault of `FAULTS`."""
    retry_after: float = 1.0
    """Seconds in the Retry-After header of a `rate_limited` reply."""

    def __post_init__(self) -> None:
        """Check the faults.

        Raises:
            InputError: A fault that can't be scripted, or shares that add up to more than 1.
        """
        unknown = sorted(set(self.faults) - set(FAULTS))
        if unknown:
            raise InputError(f"no fault is called {unknown[0]!r}: {', '.join(FAULTS)}")
        if sum(self.faults.values()) > 1:
            raise InputError(f"the shares of faults add up to more than 1: {dict(self.faults)}")


def fault_of(script: Script, request: str, attempt: int) -> Ending | None:
    """Return the fault that this attempt (from 0) of the request with this hash ends in, if any."""
    left = _draw(request, f"fault {attempt}")
    for fault in FAULTS:
        left -= script.faults.get(fault, 0.0)
        if left < 0:
            return fault
    return None


def completion(
    script: Script, body: Mapping[str, JsonValue], request: str, fault: Ending | None = None
) -> dict[str, JsonValue]:
    """Return the body of the reply.

    Args:
        script: How to behave.
        body: The request's body.
        request: Its hash: `content_hash(body)`.
        fault: None, or one of `empty`, `truncated`, `thinking_only` and `refused`, which have a
            reply of their own.
    """
    think, answer = _thinking(script, request), _answer(script, _prompt(body), request)
    if fault == "truncated":
        answer = answer[: len(answer) // 2]
    elif fault in ("empty", "thinking_only", "refused"):
        answer, think = "", think if fault == "thinking_only" else ""
    message = _message(script.style, think, answer)
    if fault == "refused":
        message["refusal"] = "I can't help with that."
    choice: JsonValue = {
        "index": 0,
        "message": message,
        "finish_reason": "length" if fault == "truncated" else "stop",
    }
    return {
        "id": f"chatcmpl-{request}",
        "object": "chat.completion",
        "created": 0,  # a time would make two replies to one request differ
        "model": body.get("model", ""),
        "choices": [choice],
        "usage": _usage(len(_prompt(body).split()), len(think.split()) + len(answer.split())),
    }


def _message(style: Style, think: str, answer: str) -> dict[str, JsonValue]:
    if style == "reasoning_content":
        return {"role": "assistant", "reasoning_content": think, "content": answer}
    tagged = (
        f"<think>\n{think}\n</think>\n\n{answer}" if style == "think_tags" and think else answer
    )
    return {"role": "assistant", "content": tagged}


def _usage(prompt: int, completion: int) -> JsonValue:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _prompt(body: Mapping[str, JsonValue]) -> str:
    messages = body.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        if isinstance(message, dict) and message.get("role") == "user":
            return str(message.get("content"))
    return ""


def _thinking(script: Script, request: str) -> str:
    if script.style == "none":
        return ""
    return " ".join(random.Random(request).choices(_WORDS, k=script.words))


def _answer(script: Script, prompt: str, request: str) -> str:
    reference = _reference(script.answers, prompt)
    if reference is None:
        reference = str(int(_draw(request, "answer") * 1000))
    elif _draw(request, "accuracy") >= script.accuracy:
        reference = _wrong(reference)
    return f"The answer is \\boxed{{{reference}}}."


def _reference(answers: Mapping[str, str], prompt: str) -> str | None:
    while prompt not in answers and "\n" in prompt:
        prompt = prompt.rpartition("\n")[0]
    return answers.get(prompt)


def _wrong(reference: str) -> str:
    if reference in ("A", "B", "C", "D"):
        return "BCDA"["ABCD".index(reference)]
    return str(int(reference) + 1) if reference.isdecimal() else "0"


def _draw(request: str, what: str) -> float:
    digest = hashlib.sha256(f"{request} {what}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
