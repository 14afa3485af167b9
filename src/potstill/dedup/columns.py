"""Equal keys of millions of rows, by Arrow."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa


def first_seen(keys: bytearray, width: int) -> memoryview[int]:
    """Return a code for each key of `width` bytes: equal keys have one, counted as they appear."""
    import pyarrow as pa

    kind, rows = pa.binary(width), len(keys) // width
    column = pa.FixedSizeBinaryArray.from_buffers(kind, rows, [None, pa.py_buffer(keys)])
    codes = column.dictionary_encode().indices  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return _values(codes, "i")  # pyright: ignore[reportUnknownArgumentType]


def repeated(keys: array[int]) -> Iterator[list[int]]:
    """Yield the rows of each key that two rows or more have, in their order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = pa.Array.from_buffers(pa.int64(), len(keys), [None, pa.py_buffer(keys)])
    order = pc.array_sort_indices(column)  # pyright: ignore[reportUnknownMemberType]
    for _, group in groupby(_values(order, "Q"), key=keys.__getitem__):
        if len(rows := list(group)) > 1:
            yield rows


def _values(column: pa.Array[pa.Scalar[pa.DataType]], code: Literal["i", "Q"]) -> memoryview[int]:
    buffer = column.buffers()[1]
    return memoryview(buffer or b"").cast(code)[: len(column)]
