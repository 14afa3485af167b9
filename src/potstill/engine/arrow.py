"""Arrow files, mapped from disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from potstill.storage.files import discard, explained, partial, publish

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def write_batches(path: Path, batches: Iterable[pa.RecordBatch]) -> None:
    """Write one Arrow file whole; without a batch, there is none.

    Raises:
        StorageError: The file can't be written.
    """
    writer = None
    try:
        for batch in batches:  # what reading them raises is not about this file
            with explained(path):
                writer = writer or pa.ipc.new_file(str(partial(path)), batch.schema)
                writer.write_batch(batch)  # pyright: ignore[reportUnknownMemberType]
        if writer is not None:
            with explained(path):
                writer.close()
            publish(path)
    finally:
        discard(path)


def read_batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a file; what is not looked at stays on disk."""
    reader = pa.ipc.open_file(pa.memory_map(str(path)))
    for i in range(reader.num_record_batches):
        yield reader.get_batch(i)


def read_column(files: Sequence[Path], column: str) -> NDArray[np.generic]:
    """Return a column of several files as one array in memory."""
    return column_of([batch for file in files for batch in read_batches(file)], column)


def column_of(batches: Sequence[pa.RecordBatch], column: str) -> NDArray[np.generic]:
    """Return a column of numbers, or of bytes of a fixed width, as one array in memory."""
    import numpy as np

    parts = [_values(batch.column(column)) for batch in batches]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _values(array: Any) -> NDArray[np.generic]:
    import numpy as np

    if pa.types.is_fixed_size_binary(array.type):
        whole = np.frombuffer(array.buffers()[1], dtype=f"V{array.type.byte_width}")
        return whole[array.offset : array.offset + len(array)]
    return array.to_numpy(zero_copy_only=not pa.types.is_boolean(array.type))
