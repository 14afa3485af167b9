"""Parquet files: one problem a row of the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from potstill.errors import SourceError
from potstill.protocols import Place
from potstill.records import Dropped, Problem, to_json
from potstill.sources.arrow import json_rows, json_schema
from potstill.sources.decode import BadRow, check_depth
from potstill.sources.fields import check, to_problem
from potstill.sources.files import files
from potstill.sources.pieces import HEAD
from potstill.sources.rows import dropped

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 128
"""Rows that are in memory at once."""


def parquet(place: Place, /) -> Iterator[Problem | Dropped]:
    """Read `.parquet` files; a row's line is its number in the file, from 1.

    What JSON has no type for becomes text: dates and times as ISO 8601, decimals with their zeros,
    binary values as base64, NaN and infinities by name. A map is a list of pairs.

    Raises:
        SourceError: There is nothing to read, or a file is damaged, cut short or without rows.
        InputError: The source's `map` or `set` is wrong.
    """
    check(place)
    for name, path in files(place.path, (".parquet",)):
        rows = (row for batch in _batches(path) for row in json_rows(batch))
        number = 0
        for number, (row, bad) in enumerate(rows, start=1):
            yield _row(place, name, number, row, bad)
        if not number:
            raise SourceError(f"{path} holds no rows")


def _row(
    place: Place, file: str, number: int, row: dict[str, JsonValue], bad: BadRow | None
) -> Problem | Dropped:
    try:
        if bad is not None:
            raise bad
        check_depth(row)
        return to_problem(place, file, number, row)
    except BadRow as bad:
        text = to_json(row)[: HEAD if bad.reason == "too_large" else None]
        return dropped(place, "parquet", file, number, bad.reason, bad.evidence, text)


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            if len(set(names)) < len(names):
                raise SourceError(f"{path} has two columns of one name: {', '.join(names)}")
            schema = json_schema(file.schema_arrow)
            for batch in file.iter_batches(_BATCH):  # pyright: ignore[reportUnknownMemberType]
                yield batch.cast(schema)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise SourceError(f"{path} is no Parquet file, or a damaged one: {reason}") from error
