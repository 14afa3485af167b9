"""Pieces of a text file, one of which should be one row; none is held above 16 MiB."""

import hashlib
from typing import NamedTuple

LIMIT = 16 * 1024 * 1024
"""Bytes of the longest row that is read."""
HEAD = 1024
"""Bytes that are kept of a longer one."""


class Oversize(NamedTuple):
    """What is kept of a piece above `LIMIT`."""

    length: int
    """Its bytes."""
    sha256: str
    """Of all of them, in hexadecimal digits."""
    head: bytes
    """The first kilobyte."""


class Piece(NamedTuple):
    """One row as it stands in its file."""

    number: int
    """Line, or element of an array, counted from 1."""
    offset: int
    """Bytes in the (unpacked) file before it."""
    data: bytes | Oversize
    """The row's bytes, without its line end."""
    broken: str | None = None
    """Why the file can't be read on from here: a reason's slug. Such a piece is the last."""


class Collector:
    """Collects one piece from parts, in bounded memory."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._data = bytearray()
        self._length = 0
        self._hash = hashlib.sha256()

    def add(self, part: bytes) -> None:
        """Take the next bytes."""
        if self._length > LIMIT:
            self._hash.update(part)
        else:
            self._data += part
        within = self._length <= LIMIT
        self._length += len(part)
        if within and self._length > LIMIT:
            self._hash.update(self._data)
            del self._data[HEAD:]

    def take(self) -> bytes | Oversize:
        """Return what was collected, and start again."""
        data, length, digest = bytes(self._data), self._length, self._hash
        self._data.clear()
        self._length = 0
        if length <= LIMIT:
            return data
        self._hash = hashlib.sha256()
        return Oversize(length, digest.hexdigest(), data)
