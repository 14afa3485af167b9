"""MinHash signatures, and the keys under which similar texts meet."""

from array import array
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from potstill.dedup.columns import repeated

_SEED = 42
_MISSED = 0.01
"""Share of the pairs just at the threshold that may fail to meet."""


def rows_per_band(threshold: float, permutations: int) -> int:
    """Return how many hashes make one key, so that pairs at the threshold almost surely meet.

    Two texts of similarity s share one hash with probability s, and so the key of one or more of b
    bands of r hashes with 1 - (1 - s^r)^b (Leskovec, Rajaraman, Ullman: Mining of Massive
    Datasets, 3.4). More hashes in a key leave fewer pairs to verify; the most are taken that miss
    at most 1% of the pairs just at the threshold.
    """
    for size in range(permutations, 1, -1):
        if (1 - threshold**size) ** (permutations // size) <= _MISSED:
            return size
    return 1


class Bands:
    """The keys of all rows in each band, 8 bytes each."""

    def __init__(self, threshold: float, permutations: int) -> None:
        """Choose how many bands there are."""
        self._permutations = permutations
        self._size = rows_per_band(threshold, permutations)
        self._keys = [array("q") for _ in range(permutations // self._size)]

    def __len__(self) -> int:
        """Return how many bands there are."""
        return len(self._keys)

    def add(self, rows: Sequence[set[str]], apart: Sequence[int]) -> None:
        """Take the next rows.

        Args:
            rows: The shingles of each row.
            apart: A number for each row; rows of different numbers don't meet.
        """
        signatures = _signatures(rows, self._permutations)
        for signature, number in zip(signatures, apart, strict=True):
            for band, keys in enumerate(self._keys):
                start = band * self._size
                # Numbers hash to the same in every process, unlike text.
                keys.append(hash((number, *signature[start : start + self._size])))

    def meetings(self) -> Iterator[list[int]]:
        """Yield, band by band, the rows of each key that two rows or more have."""
        for keys in self._keys:
            yield from repeated(keys)


def _signatures(rows: Sequence[set[str]], permutations: int) -> list[list[int]]:
    rensa: Any = import_module("rensa")  # it has no types
    return rensa.RMinHash.digests_from_token_sets(rows, permutations, _SEED)
