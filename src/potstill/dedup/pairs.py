"""The true similarity of many pairs of rows at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from potstill.dedup import arrow
from potstill.dedup.shingles import BLOCK, tagged, tags_of
from potstill.text.tokens import offsets_of

Rows = NDArray[np.int64]
_CHUNK = 1 << 22
"""Members of sets that are in memory at once, 32 MiB, where a single pair has not more."""


class _Batch(NamedTuple):
    """Rows as lists of turns, and turns as lists of members, mapped from disk."""

    turns: NDArray[np.int32]
    sets: NDArray[np.int32]
    members: NDArray[np.uint64]

    def sizes(self) -> NDArray[np.int32]:
        return np.diff(self.sets[self.turns])


class _Read(NamedTuple):
    """The sets of some rows."""

    turns: Rows
    """The turns of row `i` are `turns[i]` to `turns[i + 1]`."""
    sets: Rows
    """The members of turn `i` are `sets[i]` to `sets[i + 1]`."""
    members: NDArray[np.uint64]


class Pairs:
    """Compares rows by the sets of their turns; 4 bytes a row."""

    def __init__(self, batches: Sequence[pa.RecordBatch], column: str) -> None:
        """Take a column of lists of sorted lists of numbers."""
        self._batches = [_opened(arrow.column(batch, column)) for batch in batches]
        self._starts = offsets_of(np.array([len(batch) for batch in batches]))
        empty = np.empty(0, dtype=np.int32)
        self._sizes = np.concatenate([empty, *(batch.sizes() for batch in self._batches)])

    def similarities(self, one: Rows, other: Rows) -> NDArray[np.float64]:
        """Return the Jaccard similarity of the least similar turn of each pair.

        It is 0 where the rows have not as many turns.
        """
        found = np.zeros(len(one))
        members = np.cumsum(self._sizes[one] + self._sizes[other], dtype=np.int64)
        start = 0
        while start < len(one):
            before = members[start - 1] if start else 0
            end = max(int(np.searchsorted(members, before + _CHUNK)), start + 1)
            found[start:end] = self._similarities(one[start:end], other[start:end])
            start = end
        return found

    def _similarities(self, one: Rows, other: Rows) -> NDArray[np.float64]:
        rows, places = np.unique(np.concatenate((one, other)), return_inverse=True)
        read = self._read(rows)
        left, right = places[: len(one)], places[len(one) :]
        counts = np.diff(read.turns)
        alike = np.flatnonzero(counts[left] == counts[right])
        left, right = left[alike], right[alike]
        turns = counts[left]
        similar = _jaccard(read, spread(read.turns[left], turns), spread(read.turns[right], turns))
        found = np.zeros(len(one))
        if len(alike):
            found[alike] = np.minimum.reduceat(similar, offsets_of(turns)[:-1])
        return found

    def _read(self, rows: Rows) -> _Read:
        parts = [*self._parts(rows)]
        counts, sizes, members = (np.concatenate(each) for each in zip(*parts, strict=True))
        return _Read(offsets_of(counts), offsets_of(sizes), members)

    def _parts(self, rows: Rows) -> Iterator[tuple[Rows, Rows, NDArray[np.uint64]]]:
        borders = np.searchsorted(rows, self._starts)
        for number in np.flatnonzero(np.diff(borders)):
            batch = self._batches[number]
            local = rows[borders[number] : borders[number + 1]] - self._starts[number]
            counts = (batch.turns[local + 1] - batch.turns[local]).astype(np.int64)
            turns = spread(batch.turns[local], counts)
            sizes = (batch.sets[turns + 1] - batch.sets[turns]).astype(np.int64)
            yield counts, sizes, batch.members[spread(batch.sets[turns], sizes)]


def spread(starts: NDArray[np.int32] | Rows, counts: Rows) -> Rows:
    """Return `counts[i]` numbers from `starts[i]` on, for each `i`."""
    offsets = offsets_of(counts)
    return np.arange(int(offsets[-1])) + np.repeat(starts - offsets[:-1], counts)


def _jaccard(read: _Read, left: Rows, right: Rows) -> NDArray[np.float64]:
    """Return the similarities of pairs of turns."""
    sizes = np.diff(read.sets)
    common = np.concatenate(
        [np.empty(0, dtype=np.int64)]
        + [
            _common(read, left[start : start + BLOCK], right[start : start + BLOCK], sizes)
            for start in range(0, len(left), BLOCK)
        ]
    )
    return common / (sizes[left] + sizes[right] - common)


def _common(read: _Read, left: Rows, right: Rows, sizes: Rows) -> Rows:
    """Return how many members the turns of each pair share."""
    pair = np.arange(len(left))
    both = [
        tagged(read.members[spread(read.sets[turns], sizes[turns])], np.repeat(pair, sizes[turns]))
        for turns in (left, right)
    ]
    members = np.sort(np.concatenate(both))
    shared = members[1:][members[1:] == members[:-1]]
    return np.bincount(tags_of(shared), minlength=len(left))


def _opened(column: Any) -> _Batch:
    turns, sets = column.offsets.to_numpy(), column.values
    return _Batch(turns, sets.offsets.to_numpy(), sets.values.to_numpy())
