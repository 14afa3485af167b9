"""How each ending of a call is recognised, and which failures would meet every call."""

import json
import re
from collections.abc import Mapping

from pydantic import JsonValue

from potstill.errors import EndpointError
from potstill.models.chat import tool_calls
from potstill.models.replies import complaint, first_choice
from potstill.models.teacher import Endpoint
from potstill.models.traces import Trace
from potstill.models.transport import Exchange
from potstill.records import ANSWERED, Ending

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
_NO_STREAM = re.compile(
    rf"({_NATURE}).{{0,60}}\bstream|\bstream(ing|_options)?\b.{{0,60}}({_NATURE})", re.I | re.S
)
_OVER_CONTEXT = re.compile(
    r"context.{0,20}(length|window|size|limit)|(length|window|size|limit).{0,20}context"
    r"|(prompt|input)\b.{0,40}\btoo (long|many)|too many (input|prompt) tokens",
    re.I | re.S,
)


_BROKEN: dict[str, tuple[Ending, str]] = {
    "stalled": ("stalled", "the stream stopped: no byte came any more"),
    "late": ("stalled", "the answer was not whole by its deadline"),
    "cut": ("network", "the stream ended before the answer did"),
    "too_long": ("malformed", "the reply is longer than any answer"),
    "damaged": ("malformed", "an event of the stream is no JSON object"),
}
"""What the ways in which a reply breaks off are called, and a sentence for each."""


def of_exchange(exchange: Exchange, trace: Trace) -> tuple[Ending, str]:
    """Return how a call ended whose reply is not `fatal`, and what the endpoint said of it."""
    if exchange.status != 200:
        said = complaint(exchange.text)
        return of_status(exchange.status, said), said
    if exchange.broken is not None and not (exchange.reply or {}).get("error"):
        return _BROKEN[exchange.broken]
    ending = of_reply(exchange.reply, trace)
    return ending, "" if ending in ANSWERED else complaint(exchange.text)


def of_reply(reply: Mapping[str, JsonValue] | None, trace: Trace) -> Ending:
    """Return how a call with status 200 ended.

    Args:
        reply: The body; None where it is no JSON object.
        trace: Thinking and answer of it.
    """
    choice = first_choice(reply or {})
    if reply is None or choice is None or reply.get("error"):
        return _of_error_in_body(reply or {})
    finish = choice.get("finish_reason")
    if isinstance(finish, str) and finish in _FINISHED:
        return _FINISHED[finish]
    message = choice["message"]
    if isinstance(message, dict) and message.get("refusal"):
        return "refused"
    if trace.answer or tool_calls(reply):
        return "ok"
    return "thinking_only" if trace.think else "empty"


def _of_error_in_body(reply: Mapping[str, JsonValue]) -> Ending:
    # OpenRouter reports what went wrong behind it with status 200 and the real one in the body.
    error = reply.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(code, int) or code < 400:
        return "malformed"
    return of_status(code, complaint(json.dumps({"error": error})))


def of_status(status: int, said: str) -> Ending:
    """Return how a call ended whose status is not 200 and which is not `fatal`."""
    if status < 400:  # no failure, but no answer either
        return "malformed"
    if status == 429:
        return "rate_limited"
    if status >= 500 or status in (408, 425):
        return "server_error"
    if _FILTERED.search(said):
        return "refused"
    return "over_context" if _OVER_CONTEXT.search(said) or status == 413 else "bad_request"


def fatal(model: str, endpoint: Endpoint, status: int, body: str) -> EndpointError | None:
    """Return the error if every call to the endpoint would fail in this way, else None.

    Args:
        model: The teacher's name.
        endpoint: Its address stands in the sentence, and the key's variable, never the key.
        status: The HTTP status.
        body: The reply's text, already without the key.
    """
    if status == 200:
        return None
    said = complaint(body)
    why = _why_fatal(endpoint, status, said)
    if why is None:
        return None
    # Some endpoints repeat a part of a wrong key, which must not end in a log.
    quote = f": {said}" if said and status != 401 else ""
    return EndpointError(f"teacher {model!r} at {endpoint.address} {why} (HTTP {status}{quote})")


def _why_fatal(endpoint: Endpoint, status: int, said: str) -> str | None:
    env = endpoint.key_env
    key = f"the key in {env}" if env else "a call without a key (no key_env)"
    if status in (400, 403, 422) and _FILTERED.search(said):
        return None  # one prompt's trouble, whatever the status
    if status == 402 or (status in (403, 429) and _NO_CREDIT.search(said)):
        return f"has no credit left for {key}"
    if status in (401, 403):
        return f"refuses {key}"
    if status in (400, 422) and _NO_SEED.search(said):
        return "takes no seed: set `seed: false` for this teacher"
    if status in (400, 422) and _NO_STREAM.search(said):
        return "takes no streamed calls: set `stream: false` for this teacher"
    if status in (400, 422) and _NO_MODEL.search(said):
        return "knows no such model"
    if status == 407:
        return "is behind a proxy that wants another name or password"
    if status == 404:
        return "knows no such model, or base_url is not what comes before /chat/completions"
    if status == 405 or 300 <= status < 400:
        return "answers no chat calls there: check base_url"
    return None


def unreachable(model: str, endpoint: Endpoint, detail: str) -> EndpointError:
    """Return the error for a host that never answered."""
    return EndpointError(f"teacher {model!r} at {endpoint.address} does not answer: {detail}")


def stopped(model: str, ending: Ending, detail: str) -> EndpointError:
    """Return the error for an ending on which the recipe says to stop."""
    said = f": {detail}" if detail else ""
    return EndpointError(
        f"a call to teacher {model!r} ended as {ending}{said}, and endings.{ending}.then is stop"
    )
