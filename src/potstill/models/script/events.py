"""The scripted teacher's replies as server-sent events, chunk by chunk.

The order is that of OpenAI and vLLM: the role, the thinking, the answer or the tool call, the
finish reason, the usage where it was asked for, `[DONE]`.
"""

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from pydantic import JsonValue

from potstill.models.script.replies import delta, parts
from potstill.models.script.script import Quirk, Script
from potstill.models.script.text import Said

MOST_PIECES = 200
"""Pieces into which the quirk `split` cuts one reply."""

DONE = b"[DONE]"

Delta = dict[str, JsonValue]


class Stream(NamedTuple):
    """A reply as encoded events."""

    answer: list[bytes]
    """Role, thinking, and answer or tool call."""
    end: list[bytes]
    """Finish reason, usage, `[DONE]`."""


def encode(value: JsonValue) -> bytes:
    """Return JSON as endpoints send it: UTF-8, not escaped, so that a cut can divide a letter."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def stream(
    script: Script,
    body: Mapping[str, JsonValue],
    request: str,
    said: Said,
    usage: JsonValue,
    quirks: frozenset[Quirk] = frozenset(),
) -> Stream:
    """Return what is said as a stream.

    Args:
        script: How to behave.
        body: The request's body.
        request: Its hash.
        said: What the reply holds.
        usage: The tokens, for the chunk that tells them.
        quirks: Of the reply; `split` and `closed_early` are left to who sends it.
    """
    options = body.get("stream_options")
    counts = isinstance(options, dict) and options.get("include_usage") is True
    chunks = _Chunks(body, request, quirks, counts=counts)
    answer = [chunks.of(_role(said))]
    for part, text in parts(said):
        pieces = pieces_of(text, script.chunk, script.chunk_unit)
        answer += chunks.texts(delta(part, ""), pieces)
    answer += [chunks.of(change) for change in _tool_deltas(said, script.chunk)]
    finish = chunks.of({}, said.finish, usage if "usage_with_finish" in quirks else None)
    end = [finish] * (2 if "finish_doubled" in quirks else 1)
    if counts and "usage_with_finish" not in quirks:
        end.append(chunks.last(None if "null_usage" in quirks else usage))
    if "done_missing" not in quirks:
        end += [frame(DONE, quirks)] * (2 if "done_doubled" in quirks else 1)
    return Stream(answer, end)


def frame(data: bytes, quirks: frozenset[Quirk] = frozenset()) -> bytes:
    """Return one event with this data, which holds no line end."""
    comment = b": keep-alive\n\n" if "comments" in quirks else b""
    start = b"data:" if "no_space" in quirks else b"data: "
    event = comment + start + data + b"\n\n"
    return event.replace(b"\n", b"\r\n") if "crlf" in quirks else event


def error_events(message: str, model: JsonValue, *, as_vllm: bool) -> list[bytes]:
    """Return the end of a stream that fails, as vLLM or else as OpenRouter tells it."""
    if as_vllm:
        error: JsonValue = {"message": message, "type": "InternalServerError", "code": 500}
        return [frame(encode({"error": error})), frame(DONE)]
    choice: JsonValue = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
    said: JsonValue = {
        "object": "chat.completion.chunk",
        "model": model,
        "error": {"code": 502, "message": message},
        "choices": [choice],
    }
    return [frame(encode(said))]


def split(pieces: list[bytes], request: str) -> list[bytes]:
    """Return the same bytes in other pieces, cut anywhere."""
    whole = b"".join(pieces)
    most = max(len(whole) - 1, 0)
    cuts = random.Random(request).sample(range(1, most + 1), min(most, MOST_PIECES))
    return [whole[start:end] for start, end in pairwise([0, *sorted(cuts), len(whole)])]


def pieces_of(text: str, count: int, unit: str) -> list[str]:
    """Return a text in pieces of so many words or characters."""
    if unit == "characters":
        return [text[i : i + count] for i in range(0, len(text), count)]
    words = text.split(" ")
    pieces = [" ".join(words[i : i + count]) for i in range(0, len(words), count)]
    return [f"{piece} " for piece in pieces[:-1]] + pieces[-1:]


class _Chunks:
    """Writes the chunks of one reply; what they have in common is encoded once."""

    def __init__(
        self,
        body: Mapping[str, JsonValue],
        request: str,
        quirks: frozenset[Quirk],
        *,
        counts: bool,
    ) -> None:
        head: JsonValue = {
            "id": f"chatcmpl-{request}",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": body.get("model", ""),
        }
        self._head = encode(head)[:-1]
        # Who asks for the usage gets null in each chunk but the one that tells it.
        self._tail = b',"usage":null}' if counts else b"}"
        self._quirks = quirks

    def of(self, change: Delta, finish: str | None = None, usage: JsonValue = None) -> bytes:
        choice = b',"choices":[{"index":0,"delta":%b,"finish_reason":%b}]'
        tail = self._tail if usage is None else b',"usage":%b}' % encode(usage)
        data = self._head + choice % (encode(change), encode(finish)) + tail
        return frame(data, self._quirks)

    def texts(self, change: Delta, pieces: Iterable[str]) -> list[bytes]:
        """Return a chunk for each piece, put where `change` has an empty text."""
        before, _, after = self.of(change).rpartition(b'""')
        # One call for all: within JSON text a line end is escaped, so it can divide the pieces.
        lines = json.dumps(list(pieces), ensure_ascii=False, separators=("\n", ":"))[1:-1]
        encoded = lines.encode("utf-8", "replace").split(b"\n")
        return [before + piece + after for piece in encoded]

    def last(self, usage: JsonValue) -> bytes:
        return frame(self._head + b',"choices":[],"usage":%b}' % encode(usage), self._quirks)


def _role(said: Said) -> Delta:
    return {"role": "assistant"} if said.style == "blocks" else {"role": "assistant", "content": ""}


def _tool_deltas(said: Said, chunk: int) -> Iterator[Delta]:
    if said.call is None:
        return
    named: JsonValue = {"name": said.call.name, "arguments": ""}
    yield {"tool_calls": [{"index": 0, "id": said.call.id, "type": "function", "function": named}]}
    for piece in pieces_of(said.call.arguments, 4 * chunk, "characters"):
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
