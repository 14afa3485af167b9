"""Tables of records in Parquet parts of bounded size, each written whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from potstill.errors import StorageError
from potstill.records import Record
from potstill.storage.files import replacing, sha256
from potstill.storage.schema import arrow_schema

R = TypeVar("R", bound=Record)

PART_ROWS = 10_000
"""Rows in a part: at 20 kB a row, 200 MB before compression."""
GROUP_ROWS = 500
"""Rows in a row group, which is what one part holds in memory at a time."""


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
        self, folder: Path, record: type[R], *, prefix: str = "part", part_rows: int = PART_ROWS
    ) -> None:
        """Prepare to write; no file is made before there is a row."""
        self._folder, self._record, self._prefix = folder, record, prefix
        self._part_rows = part_rows
        self._rows: list[R] = []
        self._parts: list[Part] = []

    def write(self, row: R) -> None:
        """Add one row.

        Raises:
            StorageError: A part can't be written.
        """
        self._rows.append(row)
        if len(self._rows) >= self._part_rows:
            self._flush()

    def close(self) -> tuple[Part, ...]:
        """Write what is left and return the parts in order.

        Raises:
            StorageError: A part can't be written.
        """
        if self._rows:
            self._flush()
        return tuple(self._parts)

    def _flush(self) -> None:
        path = self._folder / f"{self._prefix}-{len(self._parts):05}.parquet"
        schema = arrow_schema(self._record)
        with (
            replacing(path) as partial,
            pq.ParquetWriter(
                partial, schema, compression="zstd", write_page_checksum=True
            ) as writer,
        ):
            for start in range(0, len(self._rows), GROUP_ROWS):
                group = [row.model_dump() for row in self._rows[start : start + GROUP_ROWS]]
                writer.write_table(pa.Table.from_pylist(group, schema=schema))
        self._parts.append(Part(name=path.name, rows=len(self._rows), sha256=sha256(path)))
        self._rows = []


def read_part(path: Path, record: type[R]) -> Iterator[R]:
    """Yield the rows of one part, holding one row group in memory.

    Raises:
        StorageError: The part is missing or damaged, or holds rows of another kind.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            batches = file.iter_batches(GROUP_ROWS)  # pyright: ignore[reportUnknownMemberType]
            for batch in batches:
                for row in batch.to_pylist():
                    yield record.model_validate(row)
    except (OSError, ValueError) as error:  # pyarrow's and pydantic's errors are ValueErrors
        reason = str(error).splitlines()[0]
        raise StorageError(f"{path} can't be read: {reason}") from error
