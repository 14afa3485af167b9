"""Texts as sets of terms, as 64-bit hashes.

Terms are words, numbers and signs; Han and kana characters and their pairs, since a character alone
says little; and pairs of neighbours in formulas, as `x` and `2` tell less than the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_UNSPACED = ((0x3007, 0x3008), (0x3040, 0x3100), (0x3400, 0x4DC0), (0x4E00, 0xA000))
_SIGNS = "abcdefghijklmnopqrstuvwxyz+*/=<>^%±×÷·-"


class Terms(NamedTuple):
    """The different terms of some texts."""

    hashes: NDArray[np.uint64]
    """Those of each text in ascending order."""
    offsets: NDArray[np.int64]
    """The terms of text `i` are `hashes[offsets[i] : offsets[i + 1]]`."""


def terms(texts: Sequence[str]) -> Terms:
    """Return the terms of each text."""
    import numpy as np

    from potstill.text.tokens import offsets_of, token_hashes

    hashes, offsets = token_hashes(texts)
    owners = np.repeat(np.arange(len(texts)), np.diff(offsets))
    heads = _heads(hashes, owners)
    found = np.concatenate((hashes, _pairs(hashes, heads)))
    owners = np.concatenate((owners, owners[heads]))
    order = np.lexsort((found, owners))
    found, owners = found[order], owners[order]
    new = np.ones(len(found), dtype=np.bool_)
    new[1:] = (np.diff(found) != 0) | (np.diff(owners) != 0)
    return Terms(found[new], offsets_of(np.bincount(owners[new], minlength=len(texts))))


def term_runs(text: str) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return, for each token of a text, its term and that of its pair with the next; 0 is none."""
    import numpy as np

    from potstill.text.tokens import token_hashes

    hashes = token_hashes([text]).hashes
    pairs = np.zeros_like(hashes)
    heads = _heads(hashes, np.zeros(len(hashes), dtype=np.int64))
    pairs[heads] = _pairs(hashes, heads)
    return hashes, pairs


def _heads(hashes: NDArray[np.uint64], owners: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the tokens that make a pair with the next one."""
    import numpy as np

    unspaced, signs = _alone()
    han = _among(hashes, unspaced)
    bare = (hashes & np.uint64(1)).astype(np.bool_) | _among(hashes, signs)
    pair = ((han[:-1] & han[1:]) | (bare[:-1] & bare[1:])) & (owners[:-1] == owners[1:])
    return np.flatnonzero(pair)


def _pairs(hashes: NDArray[np.uint64], heads: NDArray[np.intp]) -> NDArray[np.uint64]:
    from potstill.text.characters import mixed

    return mixed(hashes[heads] + mixed(hashes[heads + 1]))


def _among(hashes: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    import numpy as np

    return known[np.minimum(np.searchsorted(known, hashes), len(known) - 1)] == hashes


@cache
def _alone() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the tokens that are characters written without spaces, and those of formulas."""
    import numpy as np

    from potstill.text.tokens import token_hashes

    unspaced = "".join(chr(code) for start, end in _UNSPACED for code in range(start, end))
    known = token_hashes([unspaced, " ".join(_SIGNS)])
    return np.unique(known.hashes[: known.offsets[1]]), np.unique(known.hashes[known.offsets[1] :])
