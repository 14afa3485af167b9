"""All pairs of vectors from a cosine on: exact among few rows, by cells among many.

Among many, k-means makes cells of vectors that point the same way (an inverted file: Sivic and
Zisserman, Video Google, 2003), and a row is compared with those of the 8 cells that are nearest to
it. All is computed in whole numbers and in an order that the rows' contents give (`vectors.py`):
which pairs are found does not depend on threads, nor on how the rows lie in the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from potstill.dedup.vectors import SCALE, Rows, Vectors

EXACT = 10_000
"""Rows among which every pair is compared."""
PROBES = 8
"""Cells in which a row looks for others."""
_SAMPLE = 20
"""Rows for each cell that k-means learns from."""
_ROUNDS = 8
"""Rounds of k-means."""
_BLOCK = 1 << 22
"""Products that are in memory at once, 16 MiB."""

Blocks = NDArray[np.float32]


class Pairs(NamedTuple):
    """Places of rows that are near each other."""

    one: Rows
    other: Rows


def near_pairs(vectors: Vectors, members: Rows, threshold: float) -> Iterator[Pairs]:
    """Yield the pairs of `members` with a cosine of `threshold` at least; some more than once.

    Args:
        vectors: Where the members' vectors are.
        members: Places, in an order that depends on the rows' contents only.
        threshold: Above 0.
    """
    if len(members) <= EXACT:
        yield from _compare(vectors, members, members, threshold)
        return
    cells = _cells(vectors, members)
    nearest = _nearest(vectors, members, cells)
    home, ends = _listed(nearest[:, :1], len(cells))
    looking, lasts = _listed(nearest, len(cells))
    for cell in range(len(cells)):
        inside = members[home[ends[cell] : ends[cell + 1]]]
        rows = members[looking[lasts[cell] : lasts[cell + 1]]]
        yield from _compare(vectors, rows, inside, threshold)


def _compare(vectors: Vectors, rows: Rows, others: Rows, threshold: float) -> Iterator[Pairs]:
    """Yield the pairs of one of `rows` and one of `others`, which are among them."""
    if not len(others):
        return
    columns = max(1, min(len(others), 4096))
    for left in range(0, len(others), columns):
        second = others[left : left + columns]
        block = vectors.block(second).T
        for top in range(0, len(rows), height := max(1, _BLOCK // columns)):
            first = rows[top : top + height]
            products = vectors.block(first) @ block
            # The shortest vectors bound it from below: the few that are left are looked at exactly.
            least = threshold * min(vectors.squares[first].min(), vectors.squares[second].min())
            a, b = np.divmod(np.flatnonzero(products >= least), len(second))
            squares = vectors.squares[first[a]] * vectors.squares[second[b]]
            near = (products[a, b] / np.sqrt(squares) >= threshold) & (first[a] != second[b])
            if near.any():
                yield Pairs(first[a[near]], second[b[near]])


def _cells(vectors: Vectors, members: Rows) -> Blocks:
    """Return the middles of the cells, as whole numbers of the vectors' scale."""
    count = int(np.sqrt(PROBES * len(members)) / 2)
    sample = vectors.block(members[: count * _SAMPLE])
    middles = sample[:count].copy()
    for _ in range(_ROUNDS):
        nearest = np.concatenate([np.argmax(part, axis=1) for part in _products(sample, middles)])
        order, ends = _listed(nearest[:, None], count)
        filled = np.flatnonzero(np.diff(ends))
        # Sums of whole numbers are exact in float64, whatever their order.
        sums = np.add.reduceat(sample[order].astype(np.float64), ends[filled], axis=0)
        lengths = np.sqrt(np.einsum("ij,ij->i", sums, sums))
        middles[filled] = np.rint(sums / np.maximum(lengths, 1)[:, None] * SCALE)
    return middles


def _nearest(vectors: Vectors, members: Rows, cells: Blocks) -> NDArray[np.int32]:
    """Return the nearest cells of each row, the nearest first; 32 bytes a row."""
    found: list[NDArray[np.int32]] = []
    height = max(1, _BLOCK // len(cells))
    for start in range(0, len(members), height):
        products = vectors.block(members[start : start + height]) @ cells.T
        some = np.argpartition(-products, PROBES - 1, axis=1)[:, :PROBES]
        some.sort(axis=1)  # so that of equally near cells the first one comes first
        order = np.argsort(-np.take_along_axis(products, some, 1), axis=1, kind="stable")
        found.append(np.take_along_axis(some, order, 1).astype(np.int32))
    return np.concatenate(found)


def _products(rows: Blocks, cells: Blocks) -> Iterator[Blocks]:
    height = max(1, _BLOCK // len(cells))
    for start in range(0, len(rows), height):
        yield rows[start : start + height] @ cells.T


def _listed(cells: NDArray[np.integer], count: int) -> tuple[Rows, Rows]:
    """Return the rows that name each cell: one cell after another, and where each one begins."""
    flat = cells.ravel()
    order = np.argsort(flat, kind="stable")
    ends = np.concatenate(([0], np.cumsum(np.bincount(flat, minlength=count))))
    return order // cells.shape[1], ends
