"""Parquet files: one problem a row of the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue

from potstill.errors import SourceError
from potstill.protocols import Place
from potstill.records import Dropped, Problem, to_json
from potstill.sources.arrow import RepeatedName, json_rows, json_schema
from potstill.sources.decode import DEPTH, BadRow, check_depth
from potstill.sources.fields import check, to_problem
from potstill.sources.file import File, reason
from potstill.sources.files import files
from potstill.sources.pieces import HEAD, LIMIT
from potstill.sources.rows import Rows, dropped
from potstill.text.printable import printable

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_BATCH = 16
"""Rows that are in memory at once: 256 MiB of the longest that are read."""
_BUFFER = 1 << 20
"""Bytes that are read of a column at once; pyarrow would else read whole row groups."""


def parquet(place: Place, /) -> Rows:
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

    def shards(rows: int) -> Iterator[Batch]:
        check(place)
        for file in files(place, (".parquet",)):
            number = 1
            for batch in _cut(_batches(file), rows):
                yield Batch(place, file.name, number, batch)
                number += batch.num_rows
            if number == 1:
                raise SourceError(f"{file.shown} holds no rows")

    return Rows(shards)


@dataclass(frozen=True)
class Batch:
    """A shard of a table."""

    place: Place
    """What the source was told."""
    file: str
    """The file's name in row ids."""
    first: int
    """Number of the first row, from 1."""
    batch: pa.RecordBatch
    """The rows."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.batch.num_rows

    def __iter__(self) -> Iterator[Problem | Dropped]:
        """Yield a problem for each row, or why it is none."""
        for number, (row, bad) in enumerate(json_rows(self.batch), start=self.first):
            yield _row(self.place, self.file, number, row, bad)


def _row(
    place: Place, file: str, number: int, row: dict[str, JsonValue], bad: BadRow | None
) -> Problem | Dropped:
    if bad is not None:  # raised, it would hold the whole batch until the next garbage collection
        return _dropped(place, file, number, row, bad)
    try:
        check_depth(row)
        return to_problem(place, file, number, row)
    except BadRow as error:
        return _dropped(place, file, number, row, error)


def _dropped(
    place: Place, file: str, number: int, row: dict[str, JsonValue], bad: BadRow
) -> Dropped:
    text = to_json(row)[: HEAD if bad.reason == "too_large" else None]
    return dropped(place, "parquet", file, number, bad.reason, bad.evidence, text)


def _cut(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Yield batches joined, or in slices, so that each has at most `rows`."""
    some: list[pa.RecordBatch] = []
    count = size = 0
    try:
        for part in (part for batch in batches for part in _slices(batch, rows)):
            if count + part.num_rows > rows:
                yield _joined(some)
                some, count, size = [], 0, 0
            some.append(part)
            count, size = count + part.num_rows, size + part.nbytes
            if size >= LIMIT:  # and no more is read before this is passed on
                yield _joined(some)
                some, count, size = [], 0, 0
    except SourceError:
        if some:
            yield _joined(some)
        raise
    if some:
        yield _joined(some)


def _joined(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    import pyarrow as pa

    if len(batches) == 1:
        return batches[0]
    (batch,) = pa.Table.from_batches(batches).combine_chunks().to_batches()
    return batch


def _slices(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    return (batch.slice(start, rows) for start in range(0, batch.num_rows, rows))


def _batches(file: File) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with (
            file.open() as opened,
            pq.ParquetFile(opened, pre_buffer=False, buffer_size=_BUFFER) as table,
        ):
            schema = _schema(file, table)
            for group in range(table.num_row_groups):
                rows = _batch_rows(table, group)
                for batch in table.iter_batches(rows, row_groups=[group]):  # pyright: ignore[reportUnknownMemberType]
                    yield batch.cast(schema)
    except UnicodeDecodeError as error:
        raise SourceError(f"{file.shown} has a column whose name is not UTF-8") from error
    except (OSError, pa.ArrowException) as error:
        raise SourceError(
            f"{file.shown} is no Parquet file, or a damaged one: {reason(error)}"
        ) from error


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


def _schema(file: File, table: pq.ParquetFile) -> pa.Schema:
    if not table.metadata.num_columns:  # and pyarrow ends the process on a number of rows below 0
        raise SourceError(f"{file.shown} has no columns")
    try:
        return json_schema(table.schema_arrow)
    except RecursionError as error:
        raise SourceError(f"{file.shown} has a column nested deeper than {DEPTH}") from error
    except RepeatedName as error:
        raise SourceError(
            f"{file.shown} has two columns of one name: '{printable(str(error))}'"
        ) from error
