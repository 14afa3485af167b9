"""MinHash signatures, and the keys under which similar texts meet."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from potstill.text.characters import mixed

_MISSED = 0.01
"""Share of the pairs just at the threshold that may fail to meet."""
_BLOCK = 1 << 15
"""Members of sets that are hashed at once: they stay in a processor's cache."""
_FACTOR = np.uint64(0xD1342543DE82EF95)


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


def band_keys(
    members: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    apart: NDArray[np.uint64],
    bands: int,
    size: int,
) -> NDArray[np.uint64]:
    """Return the keys of sets, `bands` rows of one key a set.

    Args:
        members: The members of all sets, random numbers of 64 bits. No set is empty.
        offsets: Set `i` is `members[offsets[i] : offsets[i + 1]]`.
        apart: A number for each set; sets of different numbers have different keys.
        bands: Keys of a set.
        size: Hashes of a key.
    """
    keys = np.empty((bands, len(apart)), dtype=np.uint64)
    numbers = (members >> np.uint64(32)).astype(np.uint32)
    factors = _factors(bands * size)
    for start, end in _blocks(offsets):
        block = numbers[offsets[start] : offsets[end]]
        starts = offsets[start:end] - offsets[start]
        hashed = np.empty_like(block)
        for band in range(bands):
            key = apart[start:end]
            for factor in factors[band * size : (band + 1) * size]:
                # Times an odd number is a permutation of the numbers below 2^32.
                np.multiply(block, factor, out=hashed)
                key = key * _FACTOR + np.minimum.reduceat(hashed, starts)
            keys[band, start:end] = mixed(key)
    return keys


def _blocks(offsets: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    start, last = 0, len(offsets) - 1
    while start < last:
        full = int(np.searchsorted(offsets, int(offsets[start]) + _BLOCK))
        end = min(max(full, start + 1), last)
        yield start, end
        start = end


@cache
def _factors(count: int) -> NDArray[np.uint32]:
    random = mixed(np.arange(count, dtype=np.uint64))
    return (random >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
