"""English numbers in words: twenty-five, three quarters, one and a half, 2 million, a dozen."""

import re
from collections.abc import Sequence
from fractions import Fraction

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = (
    "half third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_UNIT = {word: value for value, word in enumerate(_UNITS.split())}
_TEN = {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
SCALES = {
    "trillion": 10**12,
    "billion": 10**9,
    "million": 10**6,
    "thousand": 1000,
    "hundred": 100,
    "dozen": 12,
}
"""What multiplies the number before it."""
_POWERS = ("trillion", "billion", "million", "thousand")
_PART = (
    {word: value for value, word in enumerate(_ORDINALS.split(), start=2)}
    | {f"{word[:-1]}ieth": value for word, value in _TEN.items()}
    | {"quarter": 4, "hundredth": 100, "thousandth": 1000, "millionth": 10**6}
)
_PARTS = _PART | {f"{word}s": value for word, value in _PART.items()} | {"halves": 2}
_MINUS = ("minus", "negative")
_JOINTS = ("a", "an", "and", "point", *_MINUS)
CARDINALS = frozenset({*_UNIT, *_TEN, *SCALES})
WORDS = frozenset({*CARDINALS, *_PARTS, *_JOINTS})
"""Every word that a number may have in it."""
FIRST = frozenset({*_UNIT, *_TEN, "a", "half", *_MINUS})
"""Every word that a number may begin with."""
_MOST = 24
"""Most words of one number."""
_DIGITS = re.compile(r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?P<decimals>\.[0-9]+)?\s+")


def english(text: str) -> Fraction | None:
    """Return the number that a text in English is, or None.

    Cardinals with "and" and hyphens or without, "a hundred", "half", "three quarters",
    "two-thirds", "one and a half", "two point five million", "2.5 million", "minus three",
    "half a dozen". An ordinal ("third"), a year ("nineteen ninety-nine") and a number that is only
    about so large ("hundreds") are none.
    """
    text = text.strip().lower()
    figure, behind = None, text
    if match := _DIGITS.match(text):
        figure = Fraction(match["digits"].replace(",", "") + (match["decimals"] or ""))
        behind = text[match.end() :]
    words = re.split(r"[\s-]+", behind)
    if len(words) > _MOST or not all(word in WORDS for word in words):
        return None
    return number(words) if figure is None else after_figures(figure, words)


def after_figures(figure: Fraction, words: Sequence[str]) -> Fraction | None:
    """Return the value of figures with words behind them: 2.5 million, 3 and a half."""
    if len(words) == 1 and words[0] in SCALES:
        return figure * SCALES[words[0]]
    if words[0] == "and" and figure.denominator == 1:
        part = _part(words[1:])
        return figure + part if part else None
    return None


def number(words: Sequence[str]) -> Fraction | None:
    """Return the number that words are, all of them from `WORDS` in lower case."""
    if words and words[0] in _MINUS:
        value = _unsigned(words[1:])
        return -value if value is not None else None
    return _unsigned(words)


def _unsigned(words: Sequence[str]) -> Fraction | None:
    if not words:
        return None
    for read in (_integer, _part, _mixed, _decimal, _scaled):
        if (value := read(words)) is not None:
            return Fraction(value)
    return None


def _part(words: Sequence[str]) -> Fraction | None:
    """Return a proper part: half, a half, three quarters, two thirds, one twenty-fifth."""
    if tuple(words) == ("half",):
        return Fraction(1, 2)
    if len(words) < 2:
        return None
    below, above = _PARTS.get(words[-1], 0), words[:-1]
    if len(above) > 1 and above[-1] in _TEN and below < 10:
        below, above = below + _TEN[above[-1]], above[:-1]
    count = 1 if tuple(above) == ("a",) else _below_hundred(above)
    if not below or not count or count % 10 == 0 or (count == 1) == (words[-1][-1] == "s"):
        return None  # ten thousandths may be 10/1000 or 1/10000, and twenty third is an ordinal
    return Fraction(count, below)


def _mixed(words: Sequence[str]) -> Fraction | None:
    """Return a whole number and a part: one and a half."""
    for i in range(len(words) - 2, 0, -1):
        if words[i] == "and" and (part := _part(words[i + 1 :])):
            whole = _integer(words[:i])
            return whole + part if whole is not None else None
    return None


def _decimal(words: Sequence[str]) -> Fraction | None:
    if "point" not in words:
        return None
    i = list(words).index("point")
    whole = _integer(words[:i]) if i else 0
    digits = [_UNIT.get(word, 10) for word in words[i + 1 :]]
    if whole is None or not digits or max(digits) > 9:
        return None
    return Fraction(f"{whole}.{''.join(map(str, digits))}")


def _scaled(words: Sequence[str]) -> Fraction | None:
    """Return a fraction or decimal of a scale: half a dozen, two and a half million."""
    if len(words) < 2 or words[-1] not in SCALES:
        return None
    before = words[:-1]
    if tuple(before) in (("half", "a"), ("a", "half")):
        return Fraction(SCALES[words[-1]], 2)
    value = _mixed(before) or _decimal(before)
    return value * SCALES[words[-1]] if value else None


def _integer(words: Sequence[str]) -> int | None:
    if not words:
        return None
    if words[-1] == "dozen":
        count = _count(words[:-1])
        return 12 * count if count else None
    total = 0
    for scale in _POWERS:
        if scale not in words:
            continue
        i = list(words).index(scale)
        count = _count(words[:i])
        if not count:
            return None
        total, words = total + count * SCALES[scale], words[i + 1 :]
    if not total or not words:
        return total or _hundreds(words)
    rest = _below_hundred(words[1:]) if words[0] == "and" else _hundreds(words)
    return total + rest if rest else None


def _count(words: Sequence[str]) -> int | None:
    return 1 if tuple(words) == ("a",) else _hundreds(words)


def _hundreds(words: Sequence[str]) -> int | None:
    """Return a number below a thousand, or so many hundred."""
    if "hundred" not in words:
        return _below_hundred(words)
    i = list(words).index("hundred")
    count = 1 if tuple(words[:i]) == ("a",) else _below_hundred(words[:i])
    rest = words[i + 1 :]
    if rest and rest[0] == "and":
        rest = rest[1:]
    below = _below_hundred(rest) if rest else 0
    if not count or below is None or (words[-1] == "and"):
        return None
    return 100 * count + below


def _below_hundred(words: Sequence[str]) -> int | None:
    if len(words) == 1:
        return _UNIT.get(words[0], _TEN.get(words[0]))
    if len(words) == 2 and words[0] in _TEN and 0 < _UNIT.get(words[1], 0) < 10:
        return _TEN[words[0]] + _UNIT[words[1]]
    return None
