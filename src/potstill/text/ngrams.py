r"""Texts as tokens and as runs of tokens.

A token is a word, a number with its decimals (`1,000.5` is `1000.5`), one Han or kana character
(written without spaces, so one by one), a LaTeX command, or a mathematical sign, of which a hyphen
can't be told. Other punctuation is left out. Tokens are normalised.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from potstill.text.normalise import normalise

_UNSPACED = r"\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_LETTER = rf"[^\W\d_{_UNSPACED}]"
_TOKEN = re.compile(
    rf"""
      \\[A-Za-z]+
    | \d{{1,3}}(?:,(?:\\!)?\d{{3}})+(?!\d)(?:\.\d+)?
    | \d+(?:\.\d+)?
    | [{_UNSPACED}]
    | {_LETTER}+(?:(?:[\u0300-\u036f]+|['’](?={_LETTER})){_LETTER}*)*
    | [-‐‑‒–—―+*/=<>^%±×÷·\u2190-\u21ff\u2200-\u22ff＋－＊／＝＜＞＾％]
    """,
    re.VERBOSE,
)
_SPACING = {"\\quad", "\\qquad"}
_LONG = 40
"""Longer tokens are not remembered, so that the memory of folded ones stays small."""


class Token(NamedTuple):
    """A token and its place in the text as it was given."""

    text: str
    """The normalised token."""
    start: int
    """Index of its first character."""
    end: int
    """Index behind its last character."""


def words(text: str) -> list[str]:
    """Return the tokens of `text`, normalised."""
    return [word for raw in _TOKEN.findall(text) for word in _fold(raw)]


def raw_words(text: str) -> list[str]:
    """Return the tokens of `text` as they are written there."""
    return _TOKEN.findall(text)


def located(text: str) -> Iterator[Token]:
    """Yield the tokens of `words(text)` with their places; `x²` gives three at one place."""
    for match in _TOKEN.finditer(text):
        for word in _fold(match[0]):
            yield Token(word, *match.span())


def ngrams(tokens: Sequence[str], n: int) -> list[str]:
    """Return each run of `n` tokens, joined by spaces; none where there are fewer tokens."""
    return [" ".join(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


def _fold(raw: str) -> tuple[str, ...]:
    return _fold_new(raw) if len(raw) > _LONG else _fold_known(raw)


def _fold_new(raw: str) -> tuple[str, ...]:
    if raw in _SPACING:
        return ()
    return tuple(word.replace(",", "") for word in _TOKEN.findall(normalise(raw)))


_fold_known = lru_cache(maxsize=1 << 16)(_fold_new)
