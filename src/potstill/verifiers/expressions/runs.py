"""Runs of letters and of Chinese characters: which are functions, words or single letters."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from potstill.verifiers.expressions.spellings import (
    FUNCTIONS,
    GREEK_NAMES,
    PLAIN_FUNCTIONS,
    Spelling,
)
from potstill.verifiers.expressions.vocabulary import HAN, WORDS

_LETTERS = 3
"""Most letters of a run that is taken for single letters multiplied."""
_GLUABLE = (set(PLAIN_FUNCTIONS) | GREEK_NAMES | {"pi", "sqrt"}) - {"nu", "xi", "mu", "eta"}
_NAMES = "|".join(sorted(_GLUABLE, key=len, reverse=True))
_GLUED = re.compile(rf"(?:[a-zA-Z]?(?:{_NAMES}))+[a-zA-Z]?")
"""Names of functions with at most one variable between: `xsinx`, `sinxcosx`, `kpi`."""
_PART = re.compile(f"{_NAMES}|[a-zA-Z]")
_HAN = re.compile("|".join(sorted(HAN, key=len, reverse=True)))


class Part(NamedTuple):
    """A part of a run."""

    spelling: Spelling
    start: int
    end: int


def letters(run: str, *, words: bool, named: bool) -> list[Part]:
    r"""Split a run of ASCII letters.

    Args:
        run: The letters.
        words: Whether they are set as text, where letters that stand together are a word.
        named: Whether they are set as the name of a function, as in `\operatorname`.
    """
    whole = len(run)
    if whole == 1:
        return [Part(("letter", run), 0, 1)]
    if spelling := WORDS.get(run) or (WORDS.get(run.lower()) if whole > 1 else None):
        return [Part(spelling, 0, whole)]
    if run in PLAIN_FUNCTIONS or (named and run in FUNCTIONS):
        return [Part(("function", FUNCTIONS[run]), 0, whole)]
    if not words and run in GREEK_NAMES:
        return [Part(("letter", run), 0, whole)]
    if not words and whole > 2 and _GLUED.fullmatch(run):
        return [Part(_glued(m[0]), m.start(), m.end()) for m in _PART.finditer(run)]
    if words or whole > _LETTERS:
        return [Part(("word", run), 0, whole)]
    return [Part(("letter", letter), i, i + 1) for i, letter in enumerate(run)]


def _glued(name: str) -> Spelling:
    if len(name) == 1 or name in GREEK_NAMES:
        return "letter", name
    return WORDS.get(name) or ("function", FUNCTIONS[name])


def han(text: str, start: int, end: int) -> Iterator[Part]:
    """Split Chinese characters without numerals into words of the grammar and others."""
    while start < end:
        found = _HAN.search(text, start, end)
        if found is None:
            yield Part(("word", text[start:end]), start, end)
            return
        if found.start() > start:
            yield Part(("word", text[start : found.start()]), start, found.start())
        yield Part(HAN[found[0]], found.start(), found.end())
        start = found.end()
