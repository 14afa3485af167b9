r"""The texts of `normalise` for many texts at once, as digests.

`normalise` takes 10 to 60 µs for a prompt of 250 characters, these array operations three to five.
A text with a character that is not spelled by itself, such as `x²` or a combining mark, is given to
`normalise`.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from potstill.text.characters import (
    BACKSLASH,
    CHANGING,
    CLOSED,
    FORM,
    PLAIN,
    SPACE,
    SPELLED,
    TIE,
    Codes,
    codes_of,
)
from potstill.text.normalise import normalise

Places = NDArray[np.int64]
Forms = NDArray[np.uint8]

_BLOCK = 1 << 16
"""Characters that are worked on at once: what is known of them stays in a processor's cache."""
_BYTES = 16
_THIN = np.array([ord(sign) for sign in ",;:!>"], dtype=np.uint32)
_QUADS = tuple(np.array([*map(ord, name)], dtype=np.uint32) for name in ("quad", "qquad"))


def spelling_digests(texts: Sequence[str]) -> NDArray[np.uint64]:
    """Return 128 bits of `normalise(text)` for each text, as two numbers in a row.

    Equal texts have equal digests; that two others of 25 million do is less likely than 1e-23.
    """
    found = b"".join(digest for block in _blocks(texts) for digest in _digests(block))
    return np.frombuffer(found, dtype=np.uint64).reshape(-1, _BYTES // 8)


def _blocks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = room = 0
    for end, text in enumerate(texts, start=1):
        room += len(text) + 1
        if room >= _BLOCK:
            yield texts[start:end]
            start, room = end, 0
    if start < len(texts):
        yield texts[start:]


def _digests(texts: Sequence[str]) -> list[bytes]:
    codes = codes_of("\0".join(["", *texts, ""]))
    borders = np.cumsum([0, *(len(text) + 1 for text in texts)])
    spelled, forms = SPELLED[codes], FORM[codes]
    forms[borders] = CLOSED
    alone = np.searchsorted(borders, np.flatnonzero(spelled == CHANGING)) - 1
    slashes = np.flatnonzero(forms == BACKSLASH)
    if len(slashes):
        tied = slashes[forms[slashes + 1] == TIE]
        alone = np.concatenate((alone, np.searchsorted(borders, tied) - 1))
        spelled, forms, borders = _without_thin_spaces(spelled, forms, borders, slashes)
        _widen(spelled, forms)
    kept = _kept(forms)
    ends = np.cumsum(kept)[borders] * 4  # behind each border, in bytes
    data = spelled[kept].view(np.uint8).data
    spans = zip(ends[:-1].tolist(), (ends[1:] - 4).tolist(), strict=True)
    digests = [_digest(data[start:end]) for start, end in spans]
    for number in {int(number) for number in alone}:
        text = normalise(texts[number])
        digests[number] = _digest(text.encode("utf-32-le", "surrogatepass"))
    return digests


def _digest(data: bytes | memoryview) -> bytes:
    return blake2b(data, digest_size=_BYTES).digest()


def _free(spelled: Codes, slashes: Places) -> Places:
    """Return the backslashes that no other one stands before."""
    return slashes[spelled[slashes - 1] != ord("\\")]


def _without_thin_spaces(
    spelled: Codes, forms: Forms, borders: Places, slashes: Places
) -> tuple[Codes, Forms, Places]:
    free = _free(spelled, slashes)
    thin = free[np.isin(spelled[free + 1], _THIN)]
    if not len(thin):
        return spelled, forms, borders
    gone = np.concatenate((thin, thin + 1))
    shift = 2 * np.searchsorted(thin, borders)
    return np.delete(spelled, gone), np.delete(forms, gone), borders - shift


def _widen(spelled: Codes, forms: Forms) -> None:
    """Make spaces of LaTeX's wide ones, in place."""
    free = _free(spelled, np.flatnonzero(forms == BACKSLASH))
    spaces = [free[forms[free + 1] == SPACE]]
    for name in _QUADS:
        starts = free[free + len(name) + 1 < len(spelled)]
        word = starts[:, None] + 1 + np.arange(len(name))
        behind = spelled[starts + 1 + len(name)]
        fits = (spelled[word] == name).all(axis=1) & ((behind < ord("a")) | (behind > ord("z")))
        spaces += [starts[fits], word[fits].ravel()]
    places = np.concatenate(spaces)
    spelled[places], forms[places] = ord(" "), SPACE


def _kept(forms: Forms) -> NDArray[np.bool_]:
    """Return the characters that stay: of white space, one between two that are not closed."""
    space = (forms == SPACE) | (forms == TIE)
    kept = ~space
    seen = np.flatnonzero(kept)
    apart = np.flatnonzero(np.diff(seen) > 1)
    left, right = seen[apart], seen[apart + 1]
    words = (forms[left] != CLOSED) & (forms[right] == PLAIN)
    kept[left[words] + 1] = True
    return kept
