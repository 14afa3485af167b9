"""The numbers of `numerals.figures` for many texts at once, as one hash a text."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from potstill.text.numerals import FIGURES, SIGNS, WEEKDAY
from potstill.text.tokens import (
    Hashes,
    Mask,
    Places,
    Tokens,
    hash_of,
    offsets_of,
    sequence_hashes,
)

_NONE, _NUMBER, _MINUS, _SIGN = range(4)
_HINT = np.uint64(48)
"""A token whose 16 highest bits are no listed token's is none itself."""


class _Listed(NamedTuple):
    """The tokens that count though they have no digits, in the order of their hashes."""

    hashes: Hashes
    kinds: NDArray[np.uint8]
    values: Hashes
    hint: Mask


def figure_hashes(tokens: Tokens) -> Hashes:
    """Return a hash of `figures(words(text))` for each text."""
    listed = _listed()
    hashes, offsets = tokens
    places = np.flatnonzero((hashes & np.uint64(1)).astype(np.bool_) | listed.hint[hashes >> _HINT])
    found = hashes[places]
    text = np.searchsorted(offsets, places, side="right") - 1
    at = np.minimum(np.searchsorted(listed.hashes, found), len(listed.hashes) - 1)
    is_listed = listed.hashes[at] == found
    kinds = np.where(is_listed, listed.kinds[at], np.where(found & np.uint64(1), _NUMBER, _NONE))
    day = is_listed & _behind_weekday(hashes, places, offsets[text])
    number = (kinds == _NUMBER) & ~day
    near = (np.diff(places) == 1) & (np.diff(text) == 0)
    before, after = np.zeros((2, len(places)), dtype=np.bool_)
    before[1:], after[:-1] = number[:-1] & near, number[1:] & near
    counts = number | ((kinds == _MINUS) & after) | ((kinds == _SIGN) & (before | after))
    values = np.where(is_listed, listed.values[at], found)[counts]
    return sequence_hashes(
        values, offsets_of(np.bincount(text[counts], minlength=len(offsets) - 1))
    )


def _behind_weekday(hashes: Hashes, places: Places, starts: Places) -> Mask:
    behind = places - starts >= len(WEEKDAY)
    for back, word in enumerate(reversed(WEEKDAY), start=1):
        behind &= hashes[np.maximum(places - back, 0)] == np.uint64(hash_of(word))
    return behind


@cache
def _listed() -> _Listed:
    kinds = dict.fromkeys(FIGURES, _NUMBER) | {"-": _MINUS} | dict.fromkeys(SIGNS, _SIGN)
    rows = sorted((hash_of(word), kind, word) for word, kind in kinds.items())
    hashes = np.array([row for row, _, _ in rows], dtype=np.uint64)
    values = [hash_of(FIGURES.get(word, word)) for _, _, word in rows]
    hint = np.zeros(1 << 16, dtype=np.bool_)
    hint[hashes >> _HINT] = True
    return _Listed(
        hashes,
        np.array([kind for _, kind, _ in rows], dtype=np.uint8),
        np.array(values, dtype=np.uint64),
        hint,
    )
