"""Rows that share a key, brought together by a Daft program: on this machine or on a cluster.

Only what needs Daft imports this. Daft keeps the first of equal rows and the order of groups as it
happens; here rows carry their numbers, and are sorted by them at the end.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import daft
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from daft.io.pushdowns import Pushdowns
from daft.io.source import DataSource, DataSourceTask
from daft.recordbatch import RecordBatch
from daft.schema import Schema

from potstill.engine.arrow import read_batches
from potstill.protocols import Groups


def groups(files: Sequence[Path], column: str) -> Groups:
    """Return the rows that share a value in a column; keys never pass through this process.

    Args:
        files: Arrow files, which together are one table.
        column: The name of a column of integers, or of bytes of a fixed width.
    """
    filled = [file for file in files if any(map(len, read_batches(file)))]
    if not filled:
        return Groups(np.empty(0, np.int64), np.zeros(1, np.int64))
    row = daft.col("row")
    table = (
        _Keys(filled, column)
        .read()
        .groupby("key")
        .agg(row.min().alias("first"), row.count().alias("size"), row.list_agg().alias("rows"))
        .where("size > 1")
        .sort("first")
        .select("size", daft.col("rows").list_sort())
        .to_arrow()
    )
    offsets = np.zeros(len(table) + 1, dtype=np.int64)
    np.cumsum(table.column("size").to_numpy(), out=offsets[1:])
    return Groups(pc.list_flatten(table.column("rows")).to_numpy(), offsets)


class _Keys(DataSource):
    """A column of Arrow files, and the number of each row."""

    def __init__(self, files: Sequence[Path], column: str) -> None:
        self._files, self._column = files, column
        self._schema = next(_numbered(files[0], column, 0)).schema

    @property
    def name(self) -> str:
        return "keys"

    @property
    def schema(self) -> Schema:
        return Schema.from_pyarrow_schema(self._schema)

    async def get_tasks(self, pushdowns: Pushdowns) -> AsyncIterator[DataSourceTask]:
        first = 0
        for file in self._files:
            yield _KeysOfFile(file, self._column, first, self._schema)
            first += sum(map(len, read_batches(file)))


class _KeysOfFile(DataSourceTask):
    """The part of one file, read where the program runs."""

    def __init__(self, file: Path, column: str, first: int, schema: pa.Schema) -> None:
        self._file, self._column, self._first, self._schema = file, column, first, schema

    @property
    def schema(self) -> Schema:
        return Schema.from_pyarrow_schema(self._schema)

    async def read(self) -> AsyncIterator[RecordBatch]:
        for batch in _numbered(self._file, self._column, self._first):
            yield RecordBatch.from_arrow_record_batches([batch], self._schema)


def _numbered(file: Path, column: str, first: int) -> Iterator[pa.RecordBatch]:
    """Yield a file's keys, each with the number of its row in the table."""
    for batch in read_batches(file):
        rows = pa.array(np.arange(first, first + len(batch), dtype=np.int64))
        yield batch.select([column]).rename_columns(["key"]).append_column("row", rows)
        first += len(batch)
