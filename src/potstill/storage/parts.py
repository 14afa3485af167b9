"""Tables of records in Parquet parts of bounded size, each written whole or not at all."""

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import compress
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import JsonValue

from potstill.errors import StorageError
from potstill.records import Record
from potstill.storage.files import discard, explained, partial, publish, remedy, sha256
from potstill.storage.schema import arrow_schema

R = TypeVar("R", bound=Record)

PART_ROWS = 20_000
"""Rows in a part."""
GROUP_ROWS = 500
"""Rows in a row group; one group is held in memory, never a part."""
GROUP_CHARACTERS = 1 << 24
"""Characters of text after which a group ends, however few its rows."""
_BATCH_ROWS = 5_000
"""Most rows that a shard hands out at once."""


class Part(Record):
    """One file of a table."""

    name: str
    """File name in the stage's folder."""
    rows: int
    """How many rows it holds."""
    sha256: str
    """Hash of the file: equal parts have equal bytes."""


class PartWriter(Generic[R]):
    """Writes rows to `PREFIX-00000.parquet`, `PREFIX-00001.parquet`, … in one folder."""

    def __init__(
        self,
        folder: Path,
        record: type[R],
        *,
        prefix: str = "part",
        part_rows: int = PART_ROWS,
        number: int | None = None,
    ) -> None:
        """Prepare to write; no file is made before there is a row.

        Args:
            folder: Where the parts go.
            record: What the rows are.
            prefix: How their names begin.
            part_rows: Rows after which a part ends.
            number: The number of the one part that takes all rows, where the parts beside it are
                written by others.
        """
        self._folder, self._prefix, self._part_rows = folder, prefix, part_rows
        self._number = number
        self._schema = arrow_schema(record)
        self._file: pq.ParquetWriter | None = None
        self._group: list[dict[str, JsonValue]] = []
        self._characters = 0
        self._rows = 0
        self._parts: list[Part] = []

    @property
    def _path(self) -> Path:
        number = len(self._parts) if self._number is None else self._number
        return self._folder / f"{self._prefix}-{number:05}.parquet"

    def write(self, row: R) -> None:
        """Add one row.

        Raises:
            StorageError: A part can't be written.
        """
        values = row.model_dump()
        self._group.append(values)
        self._rows += 1
        self._characters += _characters(values)
        if len(self._group) >= GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
            self._write_group()
        if self._number is None and self._rows >= self._part_rows:
            self._end_part()

    def write_table(self, table: pa.Table) -> None:
        """Add rows that are a table of the record's columns already, as a row group of their own.

        Raises:
            StorageError: The part can't be written.
        """
        if table.num_rows:
            self._rows += table.num_rows
            self._append(table)

    def close(self) -> tuple[Part, ...]:
        """Write what is left and return the parts in order.

        Raises:
            StorageError: A part can't be written.
        """
        if self._rows:
            self._end_part()
        return tuple(self._parts)

    def abandon(self) -> None:
        """Remove the file that is being written; what can't be removed is left without a name."""
        if self._rows:  # else that name is the next part's, which another process may write
            with suppress(StorageError):
                self._close_file()
            discard(self._path)

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with explained(self._path):
                file.close()

    def _write_group(self) -> None:
        self._append(pa.Table.from_pylist(self._group, schema=self._schema))
        self._group, self._characters = [], 0

    def _append(self, group: pa.Table) -> None:
        with explained(self._path):
            if self._file is None:
                self._file = pq.ParquetWriter(
                    partial(self._path),
                    self._schema,
                    compression="zstd",
                    write_page_checksum=True,
                )
            self._file.write_table(group)

    def _end_part(self) -> None:
        if self._group:
            self._write_group()
        path = self._path
        self._close_file()
        publish(path)
        self._parts.append(Part(name=path.name, rows=self._rows, sha256=sha256(path)))
        self._rows = 0


def _characters(value: JsonValue) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_characters, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(_characters, value))
    return 0


def read_part(path: Path, record: type[R], start: int = 0) -> Iterator[R]:
    """Yield the rows of one part from `start` on, holding one row group in memory.

    Raises:
        StorageError: The part is missing or damaged, or holds rows of another kind.
    """
    with _readable(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
        batches = file.iter_batches(GROUP_ROWS)  # pyright: ignore[reportUnknownMemberType]
        for batch in batches:
            for row in batch.slice(start).to_pylist():
                yield record.model_validate(row)
            start = max(0, start - len(batch))


@contextmanager
def _readable(path: Path) -> Generator[None]:
    """Turn what a missing or damaged part leads to into one sentence."""
    try:
        yield
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else str(error)
        raise StorageError(f"{path} can't be read: {said}; {remedy(path.parent)}") from error
    except (ValueError, KeyError, TypeError, pa.ArrowException) as error:  # pydantic's, too
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise StorageError(f"{path} can't be read: {said}; {remedy(path.parent)}") from error


def read_parts(folder: Path, parts: Iterable[Part], record: type[R], start: int = 0) -> Iterator[R]:
    """Yield the rows of a table in order, from the row `start` on, counted from 0.

    Raises:
        StorageError: A part is missing or damaged.
    """
    for part in parts:
        if start < part.rows:
            _check(folder / part.name, part)
            yield from read_part(folder / part.name, record, start)
        start = max(0, start - part.rows)


class PartShard(NamedTuple):
    """One part of a table as a shard: another process can read it."""

    folder: Path
    """Where it lies."""
    part: Part
    """Which part it is."""
    chosen: bytes | None = None
    """Which of its rows count, a byte each that is 0 or 1; None is all."""

    @property
    def rows(self) -> int:
        """How many rows count."""
        return self.part.rows if self.chosen is None else self.chosen.count(1)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows that count, in batches of about 16 MiB at most.

        Raises:
            StorageError: The part is missing or damaged.
        """
        path, start = self.folder / self.part.name, 0
        _check(path, self.part)
        with _readable(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
            for batch in file.iter_batches(_batch_rows(file, columns), columns=columns):  # pyright: ignore[reportUnknownMemberType, reportArgumentType]
                stop = start + len(batch)
                if self.chosen is not None:
                    chosen = np.frombuffer(self.chosen[start:stop], dtype=np.bool_)
                    batch = batch.filter(pa.array(chosen))
                start = stop
                if len(batch):
                    yield batch


def _batch_rows(file: pq.ParquetFile, columns: Sequence[str] | None) -> int:
    """Return how many rows of these columns take about 16 MiB."""
    wanted = tuple(columns or ())
    size = rows = 0
    for i in range(file.num_row_groups):
        group = file.metadata.row_group(i)
        rows += group.num_rows
        for j in range(group.num_columns):
            column = group.column(j)
            if not wanted or column.path_in_schema.startswith(wanted):
                size += column.total_uncompressed_size
    return max(1, min(_BATCH_ROWS, GROUP_CHARACTERS * rows // max(1, size)))


def _check(path: Path, part: Part) -> None:
    """Look whether a part is the one that was written: reading can't tell in every case."""
    with _readable(path):
        if sha256(path) == part.sha256:
            return
    raise StorageError(f"{path} is not as it was written; {remedy(path.parent)}")


def find(
    folder: Path, parts: Iterable[Part], record: type[R], column: str, prefix: str
) -> Iterator[R]:
    """Yield the rows whose text in `column` begins with `prefix`; only that column is read in full.

    Args:
        folder: Where the parts lie.
        parts: The parts to look through.
        record: What the rows are.
        column: A text column's name; a dot leads into a struct, as in `problem.row_id`.
        prefix: What its value begins with.

    Raises:
        StorageError: A part is missing or damaged.
    """
    outer, _, inner = column.partition(".")
    for part in parts:
        with _readable(folder / part.name):
            values = (row[outer] for row in read_columns(folder, [part], [column]))
            begins = [str(v[inner] if inner else v).startswith(prefix) for v in values]
        if any(begins):
            yield from compress(read_part(folder / part.name, record), begins)


def read_columns(
    folder: Path, parts: Iterable[Part], columns: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield some columns of a table's rows, in order; the others are not read.

    Args:
        folder: Where the parts lie.
        parts: The table.
        columns: Names; a dot leads into a struct, as in `problem.row_id`, whose value is then a
            dictionary of what was asked for.

    Raises:
        StorageError: A part is missing or damaged.
    """
    for part in parts:
        path = folder / part.name
        with _readable(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
            batches = file.iter_batches(GROUP_ROWS, columns=[*columns])  # pyright: ignore[reportUnknownMemberType]
            for batch in batches:
                yield from batch.to_pylist()
