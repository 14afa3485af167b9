"""Vectors of many rows on disk, as whole numbers: their products are exact.

A vector of length 1 is kept as its numbers times 4,000, rounded: 2 bytes each, and cosines right to
about 0.0002. A sum of such products stays below 2^24 for vectors of up to 36,000 numbers, so that
float32 holds every partial sum exactly. Therefore neither the order in which a matrix product adds,
nor the number of threads, nor which rows stand together in a block can change a result.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from potstill.storage.files import explained

SCALE = 4000
_CHUNK = 8192
"""Rows whose cosines are computed at once."""

Rows = NDArray[np.int64]
Whole = NDArray[np.int16]


def whole(unit: NDArray[np.floating]) -> Whole:
    """Return rows of length 1, or 0, as whole numbers."""
    return np.rint(unit * SCALE).astype(np.int16)


class Vectors:
    """The vectors of some rows, known by their places; 8 bytes of memory each."""

    def __init__(self, data: Whole) -> None:
        """Use an array, which may be mapped from disk."""
        self._data = data
        self.squares = np.concatenate(
            [np.zeros(0), *(_squares(data[i : i + _CHUNK]) for i in range(0, len(data), _CHUNK))]
        )
        """The square of each vector's length, about 4,000²."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._data)

    def block(self, places: Rows) -> NDArray[np.float32]:
        """Return some vectors for a matrix product."""
        return self._data[places].astype(np.float32)

    def cosines(self, one: Rows, other: Rows) -> NDArray[np.float64]:
        """Return the cosine of each pair."""
        found = np.empty(len(one))
        for i in range(0, len(one), _CHUNK):
            a, b = one[i : i + _CHUNK], other[i : i + _CHUNK]
            products = np.einsum("ij,ij->i", self.block(a), self.block(b), dtype=np.float64)
            found[i : i + _CHUNK] = products / np.sqrt(self.squares[a] * self.squares[b])
        return found


def _squares(data: Whole) -> NDArray[np.float64]:
    rows = data.astype(np.float64)
    return np.einsum("ij,ij->i", rows, rows)


@contextmanager
def stored(blocks: Iterable[Whole]) -> Generator[Vectors]:
    """Give vectors that lie in a temporary file, which is gone at the end.

    Raises:
        StorageError: The file can't be written.
    """
    with tempfile.TemporaryFile() as file:
        rows = dims = 0
        with explained(Path(tempfile.gettempdir())):
            for block in blocks:
                file.write(np.ascontiguousarray(block).data)
                rows, dims = rows + len(block), block.shape[1]
            file.flush()
        shape = (rows, dims)
        data = np.memmap(file, np.int16, "r", shape=shape) if rows else np.empty(shape, np.int16)
        yield Vectors(data)
