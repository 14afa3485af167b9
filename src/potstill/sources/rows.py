"""A source's rows, as one stream or as shards that other processes turn into problems."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from potstill.errors import SourceError
from potstill.protocols import Place
from potstill.records import Dropped, Problem
from potstill.sources.decode import BadRow
from potstill.sources.fields import check, to_problem
from potstill.sources.file import File
from potstill.sources.files import files
from potstill.sources.pieces import LIMIT, Oversize, Piece

Decode = Callable[[bytes], dict[str, JsonValue]]
"""Turns the bytes of a row into an object; raises BadRow."""


_TOGETHER = 16
"""Rows that are read before the first of them is passed on."""


class Shard(Protocol):
    """Some rows that follow each other in one file, as they stand there; it can be pickled."""

    @property
    def rows(self) -> int:
        """How many there are."""
        ...

    def __iter__(self) -> Iterator[Problem | Dropped]:
        """Yield a problem for each row, or why it is none; no file is opened."""
        ...


class Rows:
    """The rows of a source."""

    def __init__(self, shards: Callable[[int], Iterator[Shard]]) -> None:
        """Keep what cuts the source into shards of at most so many rows."""
        self._shards = shards

    def __iter__(self) -> Iterator[Problem | Dropped]:
        """Yield a problem for each row, or why it is none, in the order of files and rows.

        Raises:
            SourceError: There is nothing to read, or a file is damaged or holds no rows.
            InputError: The source's `map` or `set` is wrong.
        """
        for shard in self._shards(_TOGETHER):
            yield from shard

    def shards(self, rows: int) -> Iterator[Shard]:
        """Yield the same rows in shards of at most `rows`, and about 16 MiB.

        A row, or 16 of a table, may have more. This process does all reading; an error is raised
        behind the shards of the rows before it.

        Raises:
            SourceError: There is nothing to read, or a file is damaged or holds no rows.
            InputError: The source's `map` or `set` is wrong.
        """
        return self._shards(rows)


@dataclass(frozen=True)
class Pieces:
    """A shard of a text file."""

    place: Place
    """What the source was told."""
    rule: str
    """The source's name, under which bad rows are booked."""
    file: str
    """The file's name in row ids."""
    decode: Decode
    """Reads a row."""
    pieces: Sequence[Piece]
    """The rows."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.pieces)

    def __iter__(self) -> Iterator[Problem | Dropped]:
        """Yield a problem for each row, or why it is none."""
        return map(self._row, self.pieces)

    def _row(self, piece: Piece) -> Problem | Dropped:
        try:
            row = self.decode(_readable(piece))
            return to_problem(self.place, self.file, piece.number, row)
        except BadRow as bad:
            evidence: dict[str, JsonValue] = {"offset": piece.offset, **bad.evidence}
            text = _text(piece.data)
            return dropped(
                self.place, self.rule, self.file, piece.number, bad.reason, evidence, text
            )


def read(
    place: Place,
    rule: str,
    endings: Sequence[str],
    split: Callable[[File], tuple[Decode, Iterable[Piece]]],
) -> Rows:
    """Return the rows of text files.

    Args:
        place: What the source was told.
        rule: The source's name.
        endings: Of the files that are read in a folder.
        split: Cuts a file into pieces, each of which is a row, and says how to read one.
    """

    def shards(rows: int) -> Iterator[Pieces]:
        check(place)
        for file in files(place, endings):
            decode, pieces = split(file)
            found = False
            for some in _cut(pieces, rows):
                found = True
                yield Pieces(place, rule, file.name, decode, some)
            if not found:
                raise SourceError(f"{file.shown} holds no rows")

    return Rows(shards)


def _cut(pieces: Iterable[Piece], rows: int) -> Iterator[tuple[Piece, ...]]:
    some, size = list[Piece](), 0
    try:
        for piece in pieces:
            some.append(piece)
            size += len(piece.data.head if isinstance(piece.data, Oversize) else piece.data)
            if len(some) == rows or size >= LIMIT:
                yield tuple(some)
                some, size = [], 0
    except SourceError:
        if some:
            yield tuple(some)
        raise
    if some:
        yield tuple(some)


def dropped(
    place: Place,
    rule: str,
    file: str,
    line: int,
    reason: str,
    evidence: dict[str, JsonValue],
    row: str,
) -> Dropped:
    """Return the entry in the books for a row that can't become a problem."""
    return Dropped(
        stage="gather",
        rule=rule,
        reason=reason,
        row_id=f"{place.name}:{file}:{line}",
        evidence={"file": file, "line": line, **evidence},
        row=row,
    )


def _readable(piece: Piece) -> bytes:
    """Return a row's bytes.

    Raises:
        BadRow: It is too large, blank, or the broken end of a file.
    """
    if isinstance(piece.data, Oversize):
        length, sha256, _ = piece.data
        raise BadRow("too_large", length=length, sha256=sha256, limit=LIMIT)
    if piece.broken is not None:
        raise BadRow(piece.broken, error="the file can't be read on from here")
    if not piece.data.strip():
        raise BadRow("blank_row")
    return piece.data


def _text(data: bytes | Oversize) -> str:
    raw = data.head if isinstance(data, Oversize) else data
    return raw.decode("utf-8", "backslashreplace")
