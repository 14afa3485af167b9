"""Columns of Arrow, in and out; pyarrow's stubs know too little of lists, structs and buffers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_arrow: Any = pa


def column(batch: pa.RecordBatch, name: str) -> Any:
    """Return a column of a batch."""
    known: Any = batch
    return known.column(name)


def record_batch(columns: Mapping[str, Any]) -> pa.RecordBatch:
    """Return a batch of columns, numpy's or Arrow's."""
    return _arrow.record_batch({name: pa.array(each) for name, each in columns.items()})


def lists(offsets: NDArray[np.int64], values: Any) -> Any:
    """Return a column of lists, one after another in `values`."""
    return _arrow.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), pa.array(values))


def table_rows(numbers: NDArray[np.generic]) -> Any:
    """Return a column of the rows of a table of numbers, as bytes."""
    width = numbers.shape[1] * numbers.itemsize
    data = _arrow.py_buffer(np.ascontiguousarray(numbers))
    return _arrow.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(numbers), [None, data])


def digests(low: NDArray[np.uint64], high: NDArray[np.uint64]) -> Any:
    """Return a column of 16 bytes a row."""
    return table_rows(np.stack((low, high), axis=1))
