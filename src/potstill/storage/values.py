"""One model call, and the bytes as which the journal keeps it.

A value is one zstd frame with a checksum of its content: a line of JSON with everything that is
small, then the two bodies word for word. `zstd -dc` shows it. In version 1 of the journal it was
one JSON object, in which the bodies were objects, and which holds no line break.
"""

import json
import threading
from collections.abc import Mapping, Sequence

import zstandard

from potstill.records import Ending, Record

VERSION = 2
"""Version of the values that are written; the first line of each tells it."""

LEVEL = 1
"""Of zstd: 8 kB of a trace take 30 us and shrink to 35%. Level 3 takes 38 us for 34%, level -1
24 us for 43%, which is a page more to write: `benchmarks/journal.py --levels`."""


class Attempt(Record):
    """One request that was sent for a call."""

    at: str
    """When it was sent: ISO 8601, UTC."""
    ending: Ending
    """How it ended."""
    status: int | None = None
    """The HTTP status, where there was one."""
    seconds: float = 0.0
    """From sending to the end of the reply."""
    detail: str = ""
    """What the endpoint said of a failure, cut at 300 characters."""
    prompt_tokens: int | None = None
    """As the endpoint counted them: each attempt may cost money."""
    completion_tokens: int | None = None
    """As the endpoint counted them."""
    cached_tokens: int | None = None
    """Those of the prompt that the endpoint had in its cache, as it counted them."""
    reasoning_tokens: int | None = None
    """Those of the completion that are thinking, as the endpoint counted them."""
    estimated: bool = False
    """Whether the tokens were counted here, because the endpoint did not say."""
    first_token_s: float | None = None
    """From sending to the first piece of a streamed answer."""
    endpoint: str = ""
    """Address of the endpoint that was asked."""
    batch: str = ""
    """The endpoint's id of the batch in which it was sent; empty where it was sent by itself."""
    run: str = ""
    """The run that sent it: the name of its directory."""


class Entry(Record):
    """One call: what was asked, how it ended, and the reply as it came."""

    key: str
    """Hash of the call's content; see `models.requests.Request.key`."""
    model: str
    """Name of the model."""
    ending: Ending
    """How the last attempt ended."""
    request: str
    """The body as sent: JSON."""
    reply: str = ""
    """The body of the last reply as it came; of a streamed one, its pieces put together. Empty
    where none came."""
    attempts: tuple[Attempt, ...] = ()
    """Every request sent for this call, in order, those of earlier runs included."""


class DamagedValueError(Exception):
    """A value is not as it was written."""


_DEFAULTS: Mapping[str, object] = {n: f.default for n, f in Attempt.model_fields.items()}
_DAMAGE = (zstandard.ZstdError, ValueError, TypeError, MemoryError, RecursionError)
_dump = json.JSONEncoder(separators=(",", ":")).encode
_own = threading.local()  # one thread at a time may use what unpacks


def encode(entries: Sequence[Entry]) -> list[bytes]:
    """Return the value of each call."""
    packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    # One call for all: each one gives up the interpreter's lock and has to wait for it again.
    packed = packer.multi_compress_to_buffer([_plain(entry) for entry in entries])
    return [packed[i].tobytes() for i in range(len(packed))]


def _plain(entry: Entry) -> bytes:
    request, reply = _to_bytes(entry.request), _to_bytes(entry.reply)
    head = {
        "version": VERSION,
        "key": entry.key,
        "model": entry.model,
        "ending": entry.ending,
        "attempts": [_changed(attempt) for attempt in entry.attempts],
        "request_bytes": len(request),
    }
    return b"%b\n%b%b" % (_dump(head).encode("ascii"), request, reply)


def _changed(attempt: Attempt) -> dict[str, object]:
    """Return the fields that are not as they are by default; twice as fast as pydantic's dump."""
    return {name: value for name, value in vars(attempt).items() if value != _DEFAULTS[name]}


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # half a pair is no UTF-8, but it may have come


def decode(value: bytes) -> Entry:
    """Return the call that a value holds.

    Raises:
        DamagedValueError: The value is not as it was written.
    """
    try:
        return Entry.model_validate(_fields(_unpack(value)))
    except _DAMAGE as error:
        raise DamagedValueError from error


def _unpack(value: bytes) -> bytes:
    if not hasattr(_own, "unpacker"):
        _own.unpacker = zstandard.ZstdDecompressor()
    return _own.unpacker.decompress(value)


def _fields(plain: bytes) -> dict[str, object]:
    line, _, bodies = plain.partition(b"\n")
    head: dict[str, object] = dict(json.loads(line))
    match head.pop("version", 1):
        case 1:
            if head.get("reply") == "{}":
                head["reply"] = ""
        case 2:
            length = int(str(head.pop("request_bytes", "")))
            head["request"] = bodies[:length].decode("utf-8", "surrogatepass")
            head["reply"] = bodies[length:].decode("utf-8", "surrogatepass")
        case other:
            raise ValueError(other)
    return head
