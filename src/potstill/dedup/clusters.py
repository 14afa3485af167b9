"""Rows that belong together, directly or through others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from potstill.protocols import Groups
from potstill.text.tokens import offsets_of

Rows = NDArray[np.int64]
Similar = Callable[[Rows, Rows], NDArray[np.bool_]]
"""Says of many pairs of rows whether the two are similar."""

_NEIGHBOURS = 32
"""Rows behind a row that it is compared with where more than these share a key."""


class Clusters:
    """Clusters of rows by number, 8 bytes a row; the root of a cluster is its first row."""

    def __init__(self, rows: int) -> None:
        """Start with each row alone."""
        self._parent = np.arange(rows)

    def roots(self, rows: Rows) -> Rows:
        """Return the first row of each row's cluster."""
        parent = self._parent
        found = parent[rows]
        while (parent[found] != found).any():
            found = parent[found]
        parent[rows] = found
        return found

    def join(self, one: Rows, other: Rows) -> None:
        """Make one cluster of the clusters of each pair's two rows."""
        while len(one):
            one, other = self.roots(one), self.roots(other)
            apart = one != other
            one, other = one[apart], other[apart]
            np.minimum.at(self._parent, np.maximum(one, other), np.minimum(one, other))

    def join_similar(self, groups: Groups, order: NDArray[np.uint64], similar: Similar) -> None:
        """Join the clusters of similar rows of each group.

        No pair of one cluster is looked at. In groups of more than 33 rows each is compared with
        the 32 behind it, in an order that the rows' contents give: so the pairs of a group of any
        size are 32 for each row at most, and which ones they are does not depend on how the rows
        are ordered in the table.

        Args:
            groups: Rows that may be similar.
            order: A hash of each row's content, other ones for the rows of a group.
            similar: Says which pairs are.
        """
        group = np.repeat(np.arange(len(groups.offsets) - 1), np.diff(groups.offsets))
        rows = groups.rows[np.lexsort((order[groups.rows], group))]
        for step in range(1, _NEIGHBOURS + 1):
            first = np.flatnonzero(group[step:] == group[:-step])
            if not len(first):
                return
            one, other = rows[first], rows[first + step]
            apart = self.roots(one) != self.roots(other)
            one, other = one[apart], other[apart]
            found = similar(one, other)
            self.join(one[found], other[found])

    def groups(self) -> Groups:
        """Return the clusters of two rows and more."""
        roots = self.roots(np.arange(len(self._parent)))
        sizes = np.bincount(roots, minlength=len(roots))
        rows = np.flatnonzero(sizes[roots] > 1)
        return Groups(rows[np.argsort(roots[rows], kind="stable")], offsets_of(sizes[sizes > 1]))


def among(groups: Groups, chosen: NDArray[np.bool_]) -> Groups:
    """Return the groups of the chosen rows alone; those of one row are left out."""
    stays = chosen[groups.rows]
    group = np.repeat(np.arange(len(groups.offsets) - 1), np.diff(groups.offsets))
    sizes = np.bincount(group[stays], minlength=len(groups.offsets) - 1)
    stays &= sizes[group] > 1
    return Groups(groups.rows[stays], offsets_of(sizes[sizes > 1]))
