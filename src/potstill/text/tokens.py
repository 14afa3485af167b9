r"""The tokens of `words` for many texts at once, as 64-bit hashes.

`words` takes some 30 µs for a prompt of 250 characters, these array operations one or two. Where
tokens begin and end is found for a whole block of texts; a token's hash is a polynomial of its
normalised characters. The few tokens that normalising does not spell character by character, such
as `x²`, `1,000` or `\quad`, are given to `words` itself, once each.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from potstill.text.characters import (
    ALONE,
    ASCII,
    DIGIT,
    KIND,
    LETTER,
    MARK,
    QUOTE,
    SIGN,
    SLASH,
    UNSPACED,
    VALUE,
    Codes,
    codes_of,
    mixed,
)
from potstill.text.ngrams import words

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]

_BLOCK = 1 << 16
"""Characters that are worked on at once: what is known of them stays in a processor's cache."""
_GAP = re.compile(r"[\s\u3400-\u4dbf\u4e00-\u9fff]")
"""Characters before which no token goes on."""
_BASE = 0x2545F4914F6CDD1D
_WRAP = (1 << 64) - 1
_INVERSE = pow(_BASE, -1, 1 << 64)
_KNOWN = 1 << 16
"""Tokens whose spelling is remembered."""


class Tokens(NamedTuple):
    """The tokens of some texts."""

    hashes: Hashes
    """One number for each token, of its normalised spelling; odd where that begins with a digit."""
    offsets: Places
    """The tokens of text `i` are `hashes[offsets[i] : offsets[i + 1]]`."""


def token_hashes(texts: Sequence[str]) -> Tokens:
    """Return the hashes of `words(text)` for each text; some 20 bytes a character of a block."""
    counts = np.zeros(len(texts), dtype=np.int64)
    found: list[Hashes] = []
    for numbers, pieces in _blocks(texts):
        hashes, of_piece = _read("\0".join(["", *pieces, ""]), [*map(len, pieces)])
        found.append(hashes)
        np.add.at(counts, numbers, of_piece)
    hashes = np.concatenate(found) if found else np.empty(0, dtype=np.uint64)
    return Tokens(hashes, offsets_of(counts))


def hash_of(token: str) -> int:
    """Return the hash of one token, spelled as `words` spells it."""
    values = VALUE[codes_of(token)]
    powers = _powers(max(len(token), _BLOCK))[0][: len(token)]
    total = np.add.reduce(values * powers, keepdims=True)
    return int(_marked(total, token[0].isdigit())[0])


def sequence_hashes(hashes: Hashes, offsets: Places) -> Hashes:
    """Return a hash of each group of numbers in their order; `offsets` as those of `Tokens`."""
    places = np.arange(len(hashes)) - np.repeat(offsets[:-1], np.diff(offsets))
    found = mixed(hashes + mixed(places.astype(np.uint64)))
    return mixed(group_sums(found, offsets))


def group_sums(numbers: Hashes, offsets: Places) -> Hashes:
    """Return the sum of each group of numbers, modulo 2^64; `offsets` as those of `Tokens`."""
    sums = np.zeros(len(numbers) + 1, dtype=np.uint64)
    np.cumsum(numbers, out=sums[1:])
    return sums[offsets[1:]] - sums[offsets[:-1]]


def offsets_of(counts: NDArray[np.integer]) -> Places:
    """Return where each group of a row of groups begins, and at last where the last one ends."""
    return np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))


def _marked(sums: Hashes, number: Mask | bool) -> Hashes:
    return (mixed(sums) & ~np.uint64(1)) | np.asarray(number).astype(np.uint64)


def _blocks(texts: Sequence[str]) -> Iterator[tuple[list[int], list[str]]]:
    """Yield pieces of texts, and which texts they are of; long texts are cut between tokens."""
    numbers: list[int] = []
    pieces: list[str] = []
    room = _BLOCK
    for number, text in enumerate(texts):
        for piece in (text,) if len(text) <= _BLOCK else _cut(text):
            numbers.append(number)
            pieces.append(piece)
            room -= len(piece) + 1
            if room <= 0:
                yield numbers, pieces
                numbers, pieces, room = [], [], _BLOCK
    if pieces:
        yield numbers, pieces


def _cut(text: str) -> Iterator[str]:
    start = 0
    while gap := _GAP.search(text, start + _BLOCK):
        yield text[start : gap.start()]
        start = gap.start()
    yield text[start:]


def _read(text: str, lengths: Sequence[int]) -> tuple[Hashes, Places]:
    """Return the tokens of pieces that stand between NULs, and how many each piece has."""
    codes = codes_of(text)
    kinds = KIND[codes]
    starts, ends, alone = _places(codes, kinds)
    powers, inverses = _powers(len(codes))
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(VALUE[codes] * powers[: len(codes)], out=sums[1:])
    polynomials = (sums[ends] - sums[starts]) * inverses[starts]
    hashes = _marked(polynomials, kinds[starts] == DIGIT)
    borders = np.cumsum(np.array(lengths, dtype=np.int64) + 1)
    counts = np.diff(np.searchsorted(starts, borders), prepend=0)
    if not alone.any():
        return hashes, counts
    return _spelled(text, hashes, counts, starts, ends, np.flatnonzero(alone))


def _spelled(
    text: str, hashes: Hashes, counts: Places, starts: Places, ends: Places, alone: Places
) -> tuple[Hashes, Places]:
    """Return the tokens where those `alone` are what `words` makes of them: none, one or more."""
    _, firsts, of_word = np.unique(hashes[alone], return_index=True, return_inverse=True)
    places = zip(starts[alone[firsts]].tolist(), ends[alone[firsts]].tolist(), strict=True)
    spellings = [_spelling(text[start:end]) for start, end in places]
    sizes = np.array([len(spelling) for spelling in spellings])[of_word]
    if (sizes == 1).all():
        hashes[alone] = np.array([word for (word,) in spellings], dtype=np.uint64)[of_word]
        return hashes, counts
    repeats = np.ones(len(hashes), dtype=np.int64)
    repeats[alone] = sizes
    found = np.repeat(hashes, repeats)
    at = offsets_of(repeats)
    changed = [word for i in of_word for word in spellings[int(i)]]
    runs = np.repeat(at[alone] - offsets_of(sizes)[:-1], sizes)
    found[runs + np.arange(len(runs))] = np.array(changed, dtype=np.uint64)
    return found, np.diff(at[offsets_of(counts)])


@lru_cache(maxsize=_KNOWN)
def _spelling(token: str) -> tuple[int, ...]:
    return tuple(map(hash_of, words(token)))


def _places(codes: Codes, marked: NDArray[np.uint8]) -> tuple[Places, Places, Mask]:
    """Return where tokens start and end, and which of them only `words` can spell.

    The first and the last character are none of a token.
    """
    kinds = marked & np.uint8(ALONE - 1)
    word, (slashes, behind) = _words(kinds)
    single = (kinds == UNSPACED) | (kinds == SIGN)
    heads, tails, grouped = _numbers(codes, kinds == DIGIT)
    start, end = single.copy(), np.zeros(len(kinds), dtype=np.bool_)
    end[1:] = single[:-1]
    start[1:] |= word[1:] & ~word[:-1]
    end[1:] |= word[:-1] & ~word[1:]
    start[heads] = start[slashes] = True
    end[tails] = end[behind] = True
    starts, ends = np.flatnonzero(start), np.flatnonzero(end)
    alone = _hold(starts, ends, np.flatnonzero(marked >= ALONE))
    alone[np.searchsorted(starts, grouped)] = True
    spaces = slashes[(codes[slashes + 1] | 0x20) == ord("q")]
    alone[np.searchsorted(starts, spaces)] = True
    return starts, ends, alone


def _hold(starts: Places, ends: Places, characters: Places) -> Mask:
    """Return which tokens hold one of the characters."""
    holds = np.zeros(len(starts), dtype=np.bool_)
    if len(starts):
        token = np.searchsorted(starts, characters, side="right") - 1
        holds[token[(token >= 0) & (characters < ends[token])]] = True
    return holds


def _words(kinds: NDArray[np.uint8]) -> tuple[Mask, tuple[Places, Places]]:
    """Return which characters are part of a word, and where LaTeX commands start and end."""
    letter = (kinds == ASCII) | (kinds == LETTER)
    slashes = np.flatnonzero(kinds == SLASH)
    slashes = slashes[kinds[slashes + 1] == ASCII]
    behind = slashes
    if len(slashes):
        ends = np.flatnonzero(kinds != ASCII)
        behind = ends[np.searchsorted(ends, slashes + 1)]
        change = np.zeros(len(kinds), dtype=np.int8)
        change[slashes] += 1
        change[behind] -= 1
        letter &= np.cumsum(change, dtype=np.int8) == 0
    word = letter
    marks = np.flatnonzero(kinds == MARK)
    if len(marks):
        first = np.diff(marks, prepend=-1) > 1
        word = letter.copy()
        word[marks] = letter[marks[first] - 1][np.cumsum(first) - 1]
    quotes = np.flatnonzero(kinds == QUOTE)
    inside = quotes[word[quotes - 1] & letter[quotes + 1]]
    if len(inside):
        word = word.copy()
        word[inside] = True
    return word, (slashes, behind)


def _numbers(codes: Codes, digit: Mask) -> tuple[Places, Places, Places]:
    """Return where numbers start and end, and the starts of those with commas."""
    change = np.flatnonzero(digit[1:] != digit[:-1]) + 1
    starts, ends = change[::2], change[1::2]
    if not len(starts):
        return starts, starts, starts
    decimal = _decimals(codes, starts, ends)
    gaps = starts[1:] - ends[:-1]
    comma = codes[ends[:-1]] == ord(",")
    thin = (codes[starts[1:] - 2] == ord("\\")) & (codes[starts[1:] - 1] == ord("!"))
    three = ends - starts
    follows = np.zeros(len(starts), dtype=np.bool_)
    follows[1:] = (
        (comma & ((gaps == 1) | ((gaps == 3) & thin)))
        & (three[1:] == 3)
        & (three[:-1] <= 3)
        & ~decimal[:-1]
    )
    heads = np.flatnonzero(~(decimal | follows))
    tails = ends[np.append(heads[1:], len(starts)) - 1]
    number = np.searchsorted(heads, np.flatnonzero(follows), side="right") - 1
    return starts[heads], tails, starts[heads[np.unique(number)]]


def _decimals(codes: Codes, starts: Places, ends: Places) -> Mask:
    """Return which runs of digits are decimals: of `1.2.3.4`, the second and the fourth."""
    point = np.zeros(len(starts), dtype=np.bool_)
    point[1:] = (starts[1:] - ends[:-1] == 1) & (codes[ends[:-1]] == ord("."))
    runs = np.arange(len(starts))
    since = runs - np.maximum.accumulate(np.where(point, 0, runs))
    return since % 2 == 1


@lru_cache(maxsize=1)
def _powers_to(length: int) -> tuple[Hashes, Hashes]:
    def powers(base: int) -> Hashes:
        factors = np.full(length, base, dtype=np.uint64)
        factors[0] = 1
        return np.multiply.accumulate(factors)

    return powers(_BASE), powers(_INVERSE)


def _powers(length: int) -> tuple[Hashes, Hashes]:
    """Return the powers of the base, and of its inverse, for so many characters or more."""
    return _powers_to(1 << max(length, 2 * _BLOCK).bit_length())
