"""Records of a CSV file, each as one piece: a line, or several where a quoted field has line ends.

Quotes are followed without parsing what lies between them, so that a bad record costs one row.
"""

import re
from collections.abc import Iterator

from potstill.sources.file import File
from potstill.sources.pieces import Collector, Oversize, Piece
from potstill.sources.unpack import chunks

_BOM = b"\xef\xbb\xbf"
_MARK = re.compile(rb'["\n]')


def records(file: File, separator: bytes) -> Iterator[Piece]:
    """Yield the records of a file without their ends (LF or CRLF); the last one needs none.

    A record's number is the line of the file on which it begins. A byte order mark at the start is
    left out. A record above the limit is read past, never held; so is all behind a quote that is
    never closed.

    Raises:
        SourceError: The file can't be read.
    """
    record, quotes = _Record(), _Quotes(separator)
    for chunk in chunks(file):
        start = 0
        for end in quotes.ends(chunk):
            record.add(chunk[start:end])
            yield record.take()
            start = end + 1
        record.add(chunk[start:])
    if record.length:
        yield record.take()


class _Quotes:
    """Follows which quotes open and close a field."""

    def __init__(self, separator: bytes) -> None:
        self._opens_behind = separator + b"\n"
        self._last = b"\n"
        self._inside = False
        self._closed = False

    def ends(self, chunk: bytes) -> Iterator[int]:
        """Yield the places in the next chunk at which a record ends."""
        at = 0
        while (here := self._next(chunk, at)) >= 0:
            before = chunk[here - 1 : here] if here else self._last
            doubled = self._closed and here == at
            at = here + 1
            self._closed = self._inside
            if self._inside:
                self._inside = False
            elif chunk[here:at] == b"\n":
                yield here
            else:  # of a doubled quote the second one opens again what the first one closed
                self._inside = doubled or before in self._opens_behind
        self._closed = self._closed and at == len(chunk)
        self._last = chunk[-1:]

    def _next(self, chunk: bytes, at: int) -> int:
        """Return the place of the next quote or, outside of quotes, end of a line; else -1."""
        if self._inside:
            return chunk.find(b'"', at)
        match = _MARK.search(chunk, at)
        return match.start() if match else -1


class _Record:
    """Collects one record, and counts lines and bytes."""

    def __init__(self) -> None:
        self.length = 0
        self._collected = Collector()
        self._line, self._offset, self._inner = 1, 0, 0

    def add(self, part: bytes) -> None:
        self._collected.add(part)
        self.length += len(part)
        self._inner += part.count(b"\n")

    def take(self) -> Piece:
        data = self._collected.take()
        if not isinstance(data, Oversize):
            data = data.removesuffix(b"\r")
            data = data if self._offset else data.removeprefix(_BOM)
        piece = Piece(self._line, self._offset, data)
        self._line += self._inner + 1
        self._offset += self.length + 1
        self.length = self._inner = 0
        return piece
