"""How a call can end, how each ending is recognised, and what is done about it."""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

from potstill.errors import EndpointError
from potstill.models.replies import complaint, first_choice
from potstill.models.teacher import Teacher
from potstill.models.traces import from_reply
from potstill.records import Ending, Reasoning


class Policy(NamedTuple):
    """What is done about an ending."""

    retries: int
    """How often a call that ended so is sent again."""
    delay: float
    """Seconds before the first retry; they double with each."""
    final: bool
    """Whether it stays: a later run asks again only where it does not."""


POLICIES: dict[Ending, Policy] = {
    # Answered: paid for, and never asked again.
    "ok": Policy(0, 0, final=True),
    "truncated": Policy(0, 0, final=True),
    "thinking_only": Policy(0, 0, final=True),
    "refused": Policy(0, 0, final=True),
    # A fault that may pass; if it does not, the teacher has said all that it will.
    "empty": Policy(2, 1, final=True),
    "malformed": Policy(2, 1, final=True),
    # The endpoint is busy or away: in a later run it may not be.
    "rate_limited": Policy(20, 1, final=False),
    "server_error": Policy(8, 1, final=False),
    "network": Policy(8, 1, final=False),
    "stalled": Policy(2, 1, final=False),
    "cancelled": Policy(0, 0, final=False),
    # The request is at fault: the same one would fail again.
    "bad_request": Policy(0, 0, final=True),
    "over_context": Policy(0, 0, final=True),
}


def is_final(ending: Ending) -> bool:
    """Return whether a call that ended so is done, so that no run asks it again."""
    return POLICIES[ending].final


_FINISHED: dict[JsonValue, Ending] = {
    "length": "truncated",
    "model_length": "truncated",  # Mistral
    "content_filter": "refused",
    "abort": "server_error",  # vLLM, SGLang
    "error": "server_error",  # OpenRouter
    "insufficient_system_resource": "server_error",  # DeepSeek
}
"""What a `finish_reason` other than a natural stop means."""

_NATURE = (
    r"unsupported|unknown|unrecognized|unexpected|invalid|extra|not (supported|permitted|allowed)"
)
_FILTERED = re.compile(r"content.?(filter|policy|exists.risk)|moderation|flagged", re.I)
_NO_CREDIT = re.compile(r"insufficient.(quota|balance)", re.I)
_NO_MODEL = re.compile(
    r"model\b.{0,80}(does not|doesn't|not) (exist|found)|(unknown|invalid) model\b|model_not_found",
    re.I | re.S,
)
_NO_SEED = re.compile(rf"({_NATURE}).{{0,60}}\bseed\b|\bseed\b.{{0,60}}({_NATURE})", re.I | re.S)
_OVER_CONTEXT = re.compile(
    r"context.{0,20}(length|window|size|limit)|(length|window|size|limit).{0,20}context"
    r"|(prompt|input)\b.{0,40}\btoo (long|many)|too many (input|prompt) tokens",
    re.I | re.S,
)


def of_reply(reply: Mapping[str, JsonValue] | None, reasoning: Reasoning) -> Ending:
    """Return how a call with status 200 ended; `reply` is None where the body is no JSON object."""
    choice = first_choice(reply or {})
    if reply is None or choice is None:
        return _of_error_in_body(reply or {})
    finish = choice.get("finish_reason")
    if isinstance(finish, str) and finish in _FINISHED:
        return _FINISHED[finish]
    message = choice["message"]
    if isinstance(message, dict) and message.get("refusal"):
        return "refused"
    trace = from_reply(reply, reasoning)
    if trace.answer:
        return "ok"
    return "thinking_only" if trace.think else "empty"


def _of_error_in_body(reply: Mapping[str, JsonValue]) -> Ending:
    # OpenRouter reports what went wrong behind it with status 200 and the real one in the body.
    error = reply.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return of_status(code, "") if isinstance(code, int) and code >= 429 else "malformed"


def of_status(status: int, said: str) -> Ending:
    """Return how a call ended whose status is not 200 and which is not `fatal`."""
    if status == 429:
        return "rate_limited"
    if status >= 500 or status in (408, 425):
        return "server_error"
    if _FILTERED.search(said):
        return "refused"
    return "over_context" if _OVER_CONTEXT.search(said) or status == 413 else "bad_request"


def fatal(teacher: Teacher, status: int, body: str) -> EndpointError | None:
    """Return the error if every call to the teacher would fail in this way, else None.

    Args:
        teacher: Whom the sentence names: model, address, and the key's variable, never the key.
        status: The HTTP status.
        body: The reply's text, already without the key.
    """
    said = complaint(body)
    why = _why_fatal(teacher, status, said)
    if why is None:
        return None
    # Some endpoints repeat a part of a wrong key, which must not end in a log.
    quote = f": {said}" if said and status != 401 else ""
    return EndpointError(
        f"teacher {teacher.model!r} at {teacher.address} {why} (HTTP {status}{quote})"
    )


def _why_fatal(teacher: Teacher, status: int, said: str) -> str | None:
    key = (
        f"the key in {teacher.key_env}" if teacher.key_env else "a call without a key (no key_env)"
    )
    if status in (400, 403, 422) and _FILTERED.search(said):
        return None  # one prompt's trouble, whatever the status
    if status == 402 or (status in (403, 429) and _NO_CREDIT.search(said)):
        return f"has no credit left for {key}"
    if status in (401, 403):
        return f"refuses {key}"
    if status in (400, 422) and _NO_SEED.search(said):
        return "takes no seed: set `seed: false` for this teacher"
    if status in (400, 422) and _NO_MODEL.search(said):
        return "knows no such model"
    if status == 404:
        return "knows no such model, or base_url is not what comes before /chat/completions"
    if status == 405 or 300 <= status < 400:
        return "answers no chat calls there: check base_url"
    return None


def reason(error: OSError) -> str:
    """Return why there is no connection, in the system's words alone."""
    number = error.errno
    if number is not None and number > 0:  # the numbers of name look-ups are negative
        return os.strerror(number)
    return error.strerror or str(error)


def unreachable(teacher: Teacher, detail: str) -> EndpointError:
    """Return the error for a host that never answered."""
    return EndpointError(
        f"teacher {teacher.model!r} at {teacher.address} does not answer: {detail}"
    )
