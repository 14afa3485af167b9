"""What an endpoint says of a batch and of each call in it, whatever it leaves out or adds."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

from potstill.models import failures
from potstill.models.replies import complaint, parse
from potstill.models.transport import Exchange
from potstill.records import Ending

ENDED = ("completed", "failed", "expired", "cancelled")
"""The states in which nothing more comes of a batch."""
QUEUE_FULL = "token_limit_exceeded"
"""The code of an error that says that the endpoint's queue has no room for a batch yet."""

_UNBEGUN = ("batch_expired", "batch_cancelled")
"""The codes of calls that were not asked before their batch ended."""


class RemoteBatch(NamedTuple):
    """A batch as the endpoint tells of it."""

    id: str
    """The endpoint's name of it."""
    status: str
    """Its state, such as `in_progress`; see `ENDED`."""
    input_file: str
    """Id of the uploaded requests."""
    tag: str
    """The name that it got here."""
    output_file: str
    """Id of the answers; empty where there are none yet."""
    error_file: str
    """Id of the failures; empty where there are none."""
    error: str
    """Why it failed as a whole, on one line."""
    queue_full: bool
    """Whether it failed because the endpoint's queue had no room for it yet."""
    created_at: float | None
    """Unix time at which it was created."""
    ended_at: float | None
    """Unix time at which it ended."""
    answered: int
    """How many of its calls have ended."""


def read_batch(answer: Mapping[str, JsonValue]) -> RemoteBatch:
    """Return the batch in a reply of the endpoint."""
    errors = _errors(answer.get("errors"))
    counts = _object(answer.get("request_counts"))
    ends = (_time(answer.get(f"{status}_at")) for status in ENDED)
    return RemoteBatch(
        id=_text(answer.get("id")),
        status=_text(answer.get("status")).lower(),
        input_file=_text(answer.get("input_file_id")),
        tag=_text(_object(answer.get("metadata")).get("potstill")),
        output_file=_text(answer.get("output_file_id")),
        error_file=_text(answer.get("error_file_id")),
        error=_first(errors),
        queue_full=any(error.get("code") == QUEUE_FULL for error in errors),
        created_at=_time(answer.get("created_at")),
        ended_at=next((end for end in ends if end is not None), None),
        answered=sum(_count(counts.get(name)) for name in ("completed", "failed")),
    )


def read_page(page: Mapping[str, JsonValue]) -> list[RemoteBatch]:
    """Return the batches of one page of the endpoint's list."""
    listed = page.get("data")
    return [read_batch(_object(each)) for each in listed] if isinstance(listed, list) else []


class Line(NamedTuple):
    """What became of one call."""

    key: str
    """Its `custom_id`."""
    exchange: Exchange | None
    """The reply to it; None where there was none."""
    error: dict[str, JsonValue]
    """Why there was none."""

    def error_ending(self) -> tuple[Ending, str]:
        """Return how a call ended without a reply, and what is to be told of it."""
        said = complaint(json.dumps({"error": self.error}))
        code = self.error.get("code")
        if code in _UNBEGUN:
            return "cancelled", said
        if isinstance(code, int):
            return failures.of_status(code, said), said
        if "rate_limit" in _text(code):
            return "rate_limited", said
        ending = failures.of_status(400, said)
        return ("server_error" if ending == "bad_request" else ending), said


def read_line(text: str) -> Line | None:
    """Return what a line of a batch's files holds, or None where it can't be read."""
    found = parse(text) or {}
    key, response = _text(found.get("custom_id")), found.get("response")
    if not key:
        return None
    if not isinstance(response, dict):
        return Line(key, None, _object(found.get("error")))
    body = response.get("body")
    if isinstance(body, str):  # some gateways write it as JSON in a text
        body = parse(body) or body
    given = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
    reply = body if isinstance(body, dict) else None
    return Line(key, Exchange(_count(response.get("status_code")) or 200, {}, given, reply), {})


def _errors(value: JsonValue) -> list[dict[str, JsonValue]]:
    listed = value.get("data") if isinstance(value, dict) else value
    return [_object(each) for each in listed] if isinstance(listed, list) else []


def _first(errors: list[dict[str, JsonValue]]) -> str:
    if not errors:
        return "it does not say why"
    line = _count(errors[0].get("line"))
    more = f", and {len(errors) - 1} more errors" if len(errors) > 1 else ""
    said = complaint(json.dumps({"error": errors[0]}))
    return f"line {line}: {said}{more}" if line else f"{said}{more}"


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _text(value: JsonValue) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _count(value: JsonValue) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _time(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None
