"""The rows of text files of JSON, whichever way a file is cut into rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import JsonValue

from potstill.errors import SourceError
from potstill.protocols import Place
from potstill.records import Dropped, Problem
from potstill.sources.decode import BadRow, decode
from potstill.sources.fields import check, to_problem
from potstill.sources.files import files
from potstill.sources.pieces import LIMIT, Oversize, Piece


def read(
    place: Place, rule: str, endings: Sequence[str], split: Callable[[Path], Iterable[Piece]]
) -> Iterator[Problem | Dropped]:
    """Yield a problem for each piece that `split` cuts from the files, or why it is none.

    Raises:
        SourceError: There is nothing to read, or a file is damaged or holds no rows.
        InputError: The source's `map` or `set` is wrong.
    """
    check(place)
    for name, path in files(place.path, endings):
        rows = 0
        for piece in split(path):
            rows += 1
            try:
                yield to_problem(place, name, piece.number, _decode(piece))
            except BadRow as bad:
                evidence: dict[str, JsonValue] = {"offset": piece.offset, **bad.evidence}
                text = _text(piece.data)
                yield dropped(place, rule, name, piece.number, bad.reason, evidence, text)
        if not rows:
            raise SourceError(f"{path} holds no rows")


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


def _decode(piece: Piece) -> dict[str, JsonValue]:
    if isinstance(piece.data, Oversize):
        length, sha256, _ = piece.data
        raise BadRow("too_large", length=length, sha256=sha256, limit=LIMIT)
    if piece.broken is not None:
        raise BadRow(piece.broken, error="the file can't be read on from here")
    if not piece.data.strip():
        raise BadRow("blank_row")
    return decode(piece.data)


def _text(data: bytes | Oversize) -> str:
    raw = data.head if isinstance(data, Oversize) else data
    return raw.decode("utf-8", "backslashreplace")
