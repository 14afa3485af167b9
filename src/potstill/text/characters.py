"""What each character is to `words` and `normalise`, as tables for whole arrays of characters.

The tables know what the two functions do with a character; they are filled by asking them, each
character when it is first seen. A character that one of them treats by its neighbours, or makes
several of, is marked, so that texts with it can go to the functions themselves.
"""

import unicodedata
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from potstill.text.ngrams import raw_words, words
from potstill.text.normalise import normalise

Codes = NDArray[np.uint32]
"""Texts as code points."""

OTHER, ASCII, LETTER, DIGIT, UNSPACED, SIGN, MARK, SLASH, QUOTE = range(9)
"""Kinds of characters in `words`: `ASCII` is a letter that LaTeX commands are made of."""
ALONE = 0x20
"""Marks a kind: tokens with this character are spelled by `words` alone."""
PLAIN, SPACE, TIE, CLOSED, BACKSLASH = range(5)
"""Forms of characters in `normalise`: a tie is LaTeX's `~`, which becomes a space; next to a closed
one no white space stays."""
CHANGING = 0xFFFF_FFFF
"""Stands for a spelling that is no one character, or depends on the neighbours."""

_NEW = 0xFF
_POINTS = 0x110000
KIND = np.full(_POINTS, _NEW, dtype=np.uint8)
"""The kind of each character."""
FORM = np.zeros(_POINTS, dtype=np.uint8)
"""The form of each character."""
SPELLED = np.zeros(_POINTS, dtype=np.uint32)
"""The normalised character, or `CHANGING`."""
VALUE = np.zeros(_POINTS, dtype=np.uint64)
"""A random number for each normalised character."""

_HAN = [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)]
_HANGUL = range(0xAC00, 0xD7A4)
_JAMO = range(0x1100, 0x1200)
_ABOVE = (range(0x1F000, 0x1FB00), range(0x20000, 0x323B0))
"""Symbols and Han characters beyond the first plane; the scripts there have rules of their own."""


def codes_of(text: str) -> Codes:
    """Return a text's code points, all of them in the tables."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    new = KIND[codes] == _NEW
    if new.any():
        for code in np.unique(codes[new]).tolist():
            _learn(code)
    return codes


def mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a number for each that looks random; other ones for other numbers.

    The steps and constants are those of SplitMix64 (Steele, Lea, Flood: Fast Splittable
    Pseudorandom Number Generators, OOPSLA 2014).
    """
    found = numbers + np.uint64(0x9E3779B97F4A7C15)
    found ^= found >> np.uint64(30)
    found *= np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(27)
    found *= np.uint64(0x94D049BB133111EB)
    found ^= found >> np.uint64(31)
    return found


def _learn(code: int) -> None:
    character = chr(code)
    spelled = _spelled(character)
    stays = spelled is not None
    KIND[code] = _kind(character) | (0 if stays and _alike(character, spelled) else ALONE)
    SPELLED[code] = ord(spelled) if stays else CHANGING
    FORM[code] = _form(character, spelled) if stays else PLAIN
    _value([code], [ord(spelled) if stays else code + _POINTS])


def _value(codes: Iterable[int], seeds: Iterable[int]) -> None:
    VALUE[[*codes]] = mixed(np.array([*seeds], dtype=np.uint64))


def _spelled(character: str) -> str | None:
    between = normalise(f"x{character}x")[1:-1]
    # What composes with a neighbour: marks, parts of Hangul, and letters of rare scripts.
    if len(between) != 1 or unicodedata.category(between)[0] == "M" or ord(between) in _JAMO:
        return None
    code = ord(character)
    return between if code < 0x10000 or any(code in block for block in _ABOVE) else None


def _kind(character: str) -> int:
    if "\u0300" <= character <= "\u036f":
        return MARK
    if character in "\\'’":
        return SLASH if character == "\\" else QUOTE
    if not raw_words(character):
        return OTHER
    if character.isdecimal():
        return DIGIT
    if not character.isalnum():
        return SIGN
    if len(raw_words(character * 2)) > 1:
        return UNSPACED
    return ASCII if character.isascii() else LETTER


def _alike(character: str, spelled: str) -> bool:
    """Return whether the character makes the same tokens as its spelling."""
    one, other = _kind(character), _kind(spelled)
    if one in (ASCII, LETTER):
        return other in (ASCII, LETTER) and not spelled.isdigit()
    return one == other and (one == QUOTE or words(character) == raw_words(spelled))


def _form(character: str, spelled: str) -> int:
    if spelled == " ":
        return SPACE if character.isspace() else TIE
    if spelled == "\\":
        return BACKSLASH
    return CLOSED if normalise(f"{character} x") == f"{spelled}x" else PLAIN


def _preset(codes: Iterable[int], kind: int, form: int) -> None:
    """Learn at once what tens of thousands of characters have in common."""
    points = [*codes]
    KIND[points], FORM[points], SPELLED[points] = kind, form, points
    _value(points, points)


_preset(_HAN, UNSPACED, CLOSED)
_preset(_HANGUL, LETTER, PLAIN)
