"""Lines of a file, each as one piece."""

from collections.abc import Iterator

from potstill.sources.file import File
from potstill.sources.pieces import Collector, Piece
from potstill.sources.unpack import chunks

_BOM = b"\xef\xbb\xbf"


def lines(file: File) -> Iterator[Piece]:
    """Yield the lines of a file without their ends (LF or CRLF); the last one needs none.

    A byte order mark at the start is left out. A line above the limit is read past, never held.

    Raises:
        SourceError: The file can't be read.
    """
    number, offset, position = 1, 0, 0
    line = Collector()
    for chunk in chunks(file):
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            line.add(chunk[start:end])
            yield _piece(number, offset, line)
            start = end + 1
            number, offset = number + 1, position + start
        line.add(chunk[start:])
        position += len(chunk)
    if position > offset:
        yield _piece(number, offset, line)


def _piece(number: int, offset: int, line: Collector) -> Piece:
    data = line.take()
    if isinstance(data, bytes):
        data = data.removesuffix(b"\r")
        if number == 1:
            data = data.removeprefix(_BOM)
    return Piece(number, offset, data)
