"""CSV and TSV files: one row a record."""

import csv as python_csv
from collections.abc import Iterator, Sequence
from functools import partial

from pydantic import JsonValue

from potstill.errors import SourceError
from potstill.protocols import Place
from potstill.sources.decode import BadRow, decoded
from potstill.sources.file import File
from potstill.sources.pieces import LIMIT, Oversize, Piece
from potstill.sources.records import records
from potstill.sources.rows import Decode, Rows, read
from potstill.text.printable import printable

_ENDINGS = tuple(name + packed for name in (".csv", ".tsv") for packed in ("", ".zst", ".gz"))


def csv(place: Place, /, *, columns: tuple[str, ...] = ()) -> Rows:
    """Read `.csv` and `.tsv` files, packed as `.zst` or `.gz` or not: a record a row, in UTF-8.

    Fields are separated by commas, in `.tsv` files by tabs, and quoted by `"`. Each is text. A
    row's line is that on which its record begins.

    Args:
        place: What the source is told about itself.
        columns: The columns' names, for files whose first record is a row already.

    Example:
        sources:
          - {use: csv, path: mmlu/test, columns: [question, A, B, C, D, answer], schema: qa}

    Raises:
        SourceError: There is nothing to read, a file is damaged, or its header can't be used.
        InputError: The source's `map` or `set` is wrong.
    """
    python_csv.field_size_limit(LIMIT)
    return read(place, "csv", _ENDINGS, partial(_split, columns=columns))


def _split(file: File, columns: Sequence[str]) -> tuple[Decode, Iterator[Piece]]:
    separator = "\t" if ".tsv" in file.name.rpartition("/")[2] else ","
    pieces = records(file, separator.encode())
    columns = columns or _header(file, next(pieces, None), separator)
    return partial(_row, columns=tuple(columns), separator=separator), pieces


def _header(file: File, piece: Piece | None, separator: str) -> Sequence[str]:
    """Return the columns' names.

    Raises:
        SourceError: The first record names none, or one twice.
    """
    if piece is None or isinstance(piece.data, Oversize):
        raise SourceError(f"{file.shown} has no header that can be read")
    try:
        names = _fields(piece.data, separator)
    except BadRow as bad:
        raise SourceError(f"{file.shown} has a header that can't be read: {bad.reason}") from bad
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        hint = "name the columns by `columns` if the first line is no header"
        raise SourceError(
            f"{file.shown} has two columns of one name: {printable(twice)[:100]!r}; {hint}"
        )
    return names


def _row(data: bytes, columns: Sequence[str], separator: str) -> dict[str, JsonValue]:
    fields = _fields(data, separator)
    if len(fields) != len(columns):
        raise BadRow("wrong_number_of_fields", found=len(fields), expected=len(columns))
    return dict(zip(columns, fields, strict=True))


def _fields(data: bytes, separator: str) -> list[str]:
    try:
        (fields,) = python_csv.reader([decoded(data)], delimiter=separator, strict=True)
    except (python_csv.Error, ValueError) as error:
        raise BadRow("not_csv", error=str(error)) from error
    return fields
