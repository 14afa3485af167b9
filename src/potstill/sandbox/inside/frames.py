"""Messages on pipes: their size, a head in JSON, and bytes that go with it."""

from __future__ import annotations

import json
import os
import struct
from typing import Any, cast

HEAD_BYTES = 1 << 16
"""Longest head that is read; what is long goes into the bytes."""
_SIZES = struct.Struct("!II")


class ClosedError(EOFError):
    """The other side is gone."""


def frame(head: dict[str, Any], body: bytes = b"") -> bytes:
    """Return a message as it is sent."""
    text = json.dumps(head).encode()
    return b"".join([_SIZES.pack(len(text), len(body)), text, body])


def send(fd: int, data: bytes) -> None:
    """Write all of the bytes.

    Raises:
        BrokenPipeError: Nobody reads.
    """
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def receive(fd: int) -> tuple[dict[str, Any], bytes]:
    """Read one message from one who is trusted.

    Raises:
        ClosedError: There is none any more.
    """
    head, body = _SIZES.unpack(exactly(fd, _SIZES.size))
    return json.loads(exactly(fd, head)), exactly(fd, body)


def exactly(fd: int, count: int) -> bytes:
    """Read so many bytes.

    Raises:
        ClosedError: There are fewer.
    """
    parts: list[bytes] = []
    while count:
        part = os.read(fd, min(count, 1 << 20))
        if not part:
            raise ClosedError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


class Frames:
    """Takes messages apart as their bytes come in, from a sender who may send anything."""

    def __init__(self, body_bytes: int) -> None:
        """Accept bodies up to this size."""
        self._limit = body_bytes
        self._data = bytearray()

    def feed(self, data: bytes) -> list[tuple[dict[str, Any], bytes]]:
        """Return the messages that are complete by now.

        Raises:
            OverflowError: One is larger than it may be.
            ValueError: These are no messages.
        """
        self._data += data
        found: list[tuple[dict[str, Any], bytes]] = []
        while len(self._data) >= _SIZES.size:
            head, body = _SIZES.unpack_from(self._data)
            if head > HEAD_BYTES:
                raise ValueError("no message")
            if body > self._limit:
                raise OverflowError
            end = _SIZES.size + head + body
            if len(self._data) < end:
                break
            found.append((self._head(end - body), bytes(self._data[end - body : end])))
            del self._data[:end]
        return found

    def _head(self, end: int) -> dict[str, Any]:
        try:
            fields: Any = json.loads(bytes(self._data[_SIZES.size : end]))
        except RecursionError:
            raise ValueError("no message") from None
        if type(fields) is not dict:
            raise ValueError("no message")
        return cast("dict[str, Any]", fields)
