"""Parquet files: one problem a row of the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from potstill.errors import SourceError
from potstill.protocols import Place
from potstill.records import Dropped, Problem, to_json
from potstill.sources.arrow import RepeatedName, json_rows, json_schema
from potstill.sources.decode import DEPTH, BadRow, check_depth
from potstill.sources.fields import check, to_problem
from potstill.sources.files import files
from potstill.sources.pieces import HEAD, LIMIT
from potstill.sources.rows import dropped
from potstill.text.printable import printable

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_BATCH = 16
"""Rows that are in memory at once: 256 MiB of the longest that are read."""
_BUFFER = 1 << 20
"""Bytes that are read of a column at once; pyarrow would else read whole row groups."""


def parquet(place: Place, /) -> Iterator[Problem | Dropped]:
    """Read `.parquet` files; a row's line is its number in the file, from 1.

    What JSON has no type for becomes text: dates and times as ISO 8601, decimals with their zeros,
    binary values as base64, NaN and infinities by name. A map is a list of pairs.

    What is held does not grow with rows: about 0.5 GiB at most, or the largest page and row as
    Arrow has them, where these are larger.

    Example:
        sources:
          - {use: parquet, path: data/train.parquet, set: {category: math}}

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
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER) as file:
            schema = _schema(path, file)
            for group in range(file.num_row_groups):
                rows = _batch_rows(file, group)
                for batch in file.iter_batches(rows, row_groups=[group]):  # pyright: ignore[reportUnknownMemberType]
                    yield batch.cast(schema)
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} has a column whose name is not UTF-8") from error
    except (OSError, pa.ArrowException) as error:
        reason = printable(str(error).partition("\n")[0])
        raise SourceError(f"{path} is no Parquet file, or a damaged one: {reason}") from error


def _batch_rows(file: pq.ParquetFile, index: int) -> int:
    """Return how many rows of a row group are read at once.

    A small file can hold large rows: what is packed well, and one text of a dictionary as the value
    of every row. So a row is taken to have the mean size, or that of the largest dictionary.
    """
    group = file.metadata.row_group(index)
    if group.total_byte_size <= LIMIT:
        return _BATCH
    # Damage to a column's metadata raises here; `group.column` would end the process on it.
    next(file.iter_batches(1, row_groups=[index]), None)  # pyright: ignore[reportUnknownMemberType]
    dictionaries = [_dictionary_bytes(group.column(i)) for i in range(group.num_columns)]
    largest = max(1, group.total_byte_size // max(1, group.num_rows), *dictionaries)
    return max(1, min(_BATCH, _BATCH * LIMIT // largest))


def _dictionary_bytes(column: pq.ColumnChunkMetaData) -> int:
    """Return how large a column's dictionary is, if it is packed as well as its other pages."""
    if (start := column.dictionary_page_offset) is None:
        return 0
    packed = column.data_page_offset - start
    return packed * column.total_uncompressed_size // max(1, column.total_compressed_size)


def _schema(path: Path, file: pq.ParquetFile) -> pa.Schema:
    if not file.metadata.num_columns:  # and pyarrow ends the process on a number of rows below 0
        raise SourceError(f"{path} has no columns")
    try:
        return json_schema(file.schema_arrow)
    except RecursionError as error:
        raise SourceError(f"{path} has a column nested deeper than {DEPTH}") from error
    except RepeatedName as error:
        raise SourceError(
            f"{path} has two columns of one name: '{printable(str(error))}'"
        ) from error
