"""How the scripted teacher answers one attempt of a request: bytes, pauses, and how it breaks off.

All of it is drawn here, before anything is sent, so that it can be told without a network.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import JsonValue

from potstill.models.script.events import encode, error_events, frame, split, stream
from potstill.models.script.replies import FAILURES, Reply, failure, overloaded, usage, whole
from potstill.models.script.script import Fault, Quirk, Script, draw, fault_of, quirks_of
from potstill.models.script.text import say
from potstill.records import ANSWERED, content_hash

JSON = "application/json"
EVENTS = "text/event-stream"

Then = Literal["end", "close", "reset", "hang"]
"""After the last piece the reply ends as it should, or its connection is closed or reset, or
nothing more comes."""

_NOT_ASKED = ("stream", "stream_options")


class Plan(NamedTuple):
    """One reply."""

    status: int
    """Of the reply."""
    pieces: list[bytes]
    """What is sent, with a pause between two; none where not even the headers are."""
    then: Then = "end"
    """What follows."""
    headers: Mapping[str, str] = {}
    """Beside the type."""
    type: str = JSON
    """What the pieces are."""
    length: int | None = None
    """Bytes that the headers promise; None for a stream."""
    answered: bool = False
    """Whether it is a complete answer."""
    prompt_tokens: int = 0
    """What is billed."""
    completion_tokens: int = 0
    """What is billed."""
    fault: Fault | None = None
    """The fault that was drawn."""
    request: str = ""
    """The request's hash; empty where the request is at fault, or over a limit."""
    latency: float = 0.0
    """Seconds before the first piece."""

    @property
    def tokens(self) -> int:
        """What is billed in all."""
        return self.prompt_tokens + self.completion_tokens


def hash_of(body: Mapping[str, JsonValue]) -> str:
    """Return the hash of a request: the same whether its reply is to come whole or streamed."""
    return content_hash({key: body[key] for key in body if key not in _NOT_ASKED})


def plan(script: Script, body: Mapping[str, JsonValue], request: str, attempt: int) -> Plan:
    """Return how this attempt (from 0) of the request with this hash is answered."""
    fault = fault_of(script, request, attempt)
    planned = _broken(script, body, request, attempt, fault) if fault else None
    if planned is None:
        quirks = frozenset[Quirk]() if fault else quirks_of(script, request, attempt)
        shape = _streamed if body.get("stream") is True else _whole
        planned = shape(script, body, request, fault, quirks)
    latency = script.latency_of(request)
    return planned._replace(request=request, latency=latency, fault=fault)


def error(reply: Reply) -> Plan:
    """Return the plan for a reply without an answer."""
    data = encode(reply.body)
    return Plan(reply.status, [data], headers=reply.headers, length=len(data))


def _broken(
    script: Script, body: Mapping[str, JsonValue], request: str, attempt: int, fault: Fault
) -> Plan | None:
    """Return the plan for a fault before the first byte of an answer; half of some come later."""
    late = draw(request, f"late {attempt}") < 0.5
    if fault in ("network", "stalled"):
        return None if late else Plan(200, [], "reset" if fault == "network" else "hang")
    if fault == "server_error" and draw(request, f"overloaded {attempt}") < script.overloaded:
        return error(overloaded(script))
    if fault not in FAILURES or (fault == "server_error" and late and body.get("stream") is True):
        return None
    return error(failure(fault, script))


def _whole(
    script: Script,
    body: Mapping[str, JsonValue],
    request: str,
    fault: Fault | None,
    quirks: frozenset[Quirk],
) -> Plan:
    said = say(script, body, request, fault)
    told = None if "null_usage" in quirks else usage(said, script.cached)
    data = encode(whole(said, body, request, told))
    sent, then = data, _then(fault, quirks)
    if fault == "malformed":
        sent = data = data[: len(data) // 3]
    elif fault in ("network", "stalled"):
        sent = data[: len(data) // 2]
    return Plan(
        200,
        split([sent], request) if "split" in quirks else [sent],
        "end" if then == "close" else then,
        length=len(data),
        answered=fault is None or fault in ANSWERED,
        prompt_tokens=said.prompt_tokens,
        completion_tokens=said.completion_tokens,
    )


def _then(fault: Fault | None, quirks: frozenset[Quirk]) -> Then:
    if fault == "network":
        return "reset"
    if fault == "stalled":
        return "hang"
    return "close" if "closed_early" in quirks else "end"


def _streamed(
    script: Script,
    body: Mapping[str, JsonValue],
    request: str,
    fault: Fault | None,
    quirks: frozenset[Quirk],
) -> Plan:
    said = say(script, body, request, fault)
    answer, end = stream(script, body, request, said, usage(said, script.cached), quirks)
    half = len(answer) // 2
    if "closed_early" in quirks:
        end = end[:1]
    if fault == "malformed":
        answer[half] = frame(b'{"choices":[{"index":0,"delta":{"content":"')
    elif fault in ("network", "stalled"):
        answer, end = answer[:half], []
    elif fault == "server_error":
        as_vllm = draw(request, "as vLLM") < 0.5
        end = error_events("the scripted teacher fails", body.get("model"), as_vllm=as_vllm)
        answer = answer[:half]
    pieces = [*answer, *end]
    if "split" in quirks:
        pieces = split(pieces, request)
    return Plan(
        200,
        pieces if script.chunk_s or "split" in quirks else [b"".join(pieces)],
        _then(fault, quirks),
        type=EVENTS,
        answered=fault is None or fault in ANSWERED,
        prompt_tokens=said.prompt_tokens,
        completion_tokens=said.completion_tokens,
    )
