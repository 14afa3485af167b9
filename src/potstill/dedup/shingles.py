"""The sets of shingles by which texts are compared, as sorted numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from potstill.text.characters import mixed
from potstill.text.spellings import spelling_digests
from potstill.text.tokens import Tokens, offsets_of

_Owned = tuple[NDArray[np.int64], NDArray[np.uint64]]
"""The text and the hash of each shingle."""
_BITS = 54
"""Bits of a shingle; above them is room for the number of the text in its block."""
BLOCK = 1 << (64 - _BITS)
"""Sets that are sorted at once."""
_FACTOR = np.uint64(0xD1342543DE82EF95)


class Sets(NamedTuple):
    """Sets of numbers below 2^54, each sorted, one after another."""

    values: NDArray[np.uint64]
    """The members of all sets."""
    offsets: NDArray[np.int64]
    """Set `i` is `values[offsets[i] : offsets[i + 1]]`."""


def shingle_sets(texts: Sequence[str], tokens: Tokens, size: int) -> Sets:
    """Return the hashes of each text's runs of `size` tokens.

    A text of fewer tokens is one run of all of them; one without a token, such as `?!`, is its
    normalised spelling. So no set is empty.
    """
    blocks = [
        _sets(texts[start : start + BLOCK], _part(tokens, start, start + BLOCK), size)
        for start in range(0, len(texts), BLOCK)
    ]
    if not blocks:
        return Sets(np.empty(0, dtype=np.uint64), np.zeros(1, dtype=np.int64))
    counts = np.concatenate([np.diff(block.offsets) for block in blocks])
    return Sets(np.concatenate([block.values for block in blocks]), offsets_of(counts))


def tagged(numbers: NDArray[np.uint64], tags: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Return members of sets so that sorting parts the sets; `tags` are below `BLOCK`."""
    return (tags.astype(np.uint64) << np.uint64(_BITS)) | numbers


def tags_of(numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return what `tagged` was given."""
    return (numbers >> np.uint64(_BITS)).astype(np.int64)


def _part(tokens: Tokens, start: int, end: int) -> Tokens:
    offsets = tokens.offsets[start : end + 1]
    return Tokens(tokens.hashes[offsets[0] : offsets[-1]], offsets - offsets[0])


def _sets(texts: Sequence[str], tokens: Tokens, size: int) -> Sets:
    counts = np.diff(tokens.offsets)
    found = [_runs(tokens, counts, size), *(_short(tokens, counts, n) for n in range(1, size))]
    empty = np.flatnonzero(counts == 0)
    if len(empty):
        found.append((empty, spelling_digests([texts[i] for i in empty.tolist()])[:, 0]))
    owners = np.concatenate([owner for owner, _ in found])
    hashes = np.concatenate([each for _, each in found])
    members = np.sort(tagged(mixed(hashes) >> np.uint64(64 - _BITS), owners))
    new = np.ones(len(members), dtype=np.bool_)
    new[1:] = members[1:] != members[:-1]
    members = members[new]
    sizes = np.bincount(tags_of(members), minlength=len(texts))
    return Sets(members & np.uint64((1 << _BITS) - 1), offsets_of(sizes))


def _runs(tokens: Tokens, counts: NDArray[np.int64], size: int) -> _Owned:
    """Return the text and the hash of each run of `size` tokens."""
    runs = np.maximum(counts - size + 1, 0)
    owners = np.repeat(np.arange(len(counts)), runs)
    within = np.arange(len(owners)) - np.repeat(offsets_of(runs)[:-1], runs)
    return owners, _joined(tokens.hashes, tokens.offsets[owners] + within, size)


def _short(tokens: Tokens, counts: NDArray[np.int64], size: int) -> _Owned:
    owners = np.flatnonzero(counts == size)
    return owners, _joined(tokens.hashes, tokens.offsets[owners], size)


def _joined(hashes: NDArray[np.uint64], starts: NDArray[np.int64], size: int) -> NDArray[np.uint64]:
    found = np.zeros(len(starts), dtype=np.uint64)
    for i in range(size):
        found = found * _FACTOR + hashes[starts + i]
    return found
