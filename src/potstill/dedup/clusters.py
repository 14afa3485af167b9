"""Rows that belong together, directly or through others."""

from array import array
from collections.abc import Callable, Iterable


class Clusters:
    """Clusters of rows by number, 8 bytes a row; the root of a cluster is its first row."""

    def __init__(self, rows: int) -> None:
        """Start with each row alone."""
        self._parent = array("q", range(rows))

    def root(self, row: int) -> int:
        """Return the first row of this row's cluster."""
        parent = self._parent
        while parent[row] != row:
            parent[row] = row = parent[parent[row]]
        return row

    def join(self, one: int, other: int) -> None:
        """Make one cluster of two rows' clusters."""
        first, second = sorted((self.root(one), self.root(other)))
        self._parent[second] = first

    def join_similar(self, rows: Iterable[int], similar: Callable[[int, int], bool]) -> None:
        """Join the clusters of which two rows are similar; no pair of one cluster is looked at."""
        groups: dict[int, list[int]] = {}
        for row in rows:
            groups.setdefault(self.root(row), []).append(row)
        apart: list[list[int]] = []
        for group in groups.values():
            still: list[list[int]] = []
            for other in apart:
                if any(similar(a, b) for a in other for b in group):
                    self.join(other[0], group[0])
                    other.extend(group)
                    group = other
                else:
                    still.append(other)
            apart = [*still, group]
