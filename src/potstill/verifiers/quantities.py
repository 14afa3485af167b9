"""Numbers as people write them, with a unit or without, compared exactly."""

import re
from fractions import Fraction
from typing import NamedTuple

from potstill.verifiers.finding import DIFFERENT, EQUAL, Finding, undecided

_MOST = 200
"""Longer texts are no numbers to be read here, so that no power or digits can take long."""

_QUANTITY = re.compile(
    r"""
    (?P<sign>[+-]?)\s*(?P<money>[$€£¥￥]?)\s*(?P<inner>-?)
    (?:
        \\frac\s*(?:\{\s*(?P<above>-?[0-9]+)\s*\}|(?P<above1>[0-9]))
              \s*(?:\{\s*(?P<below>[0-9]+)\s*\}|(?P<below1>[0-9]))
      | (?P<number>
            (?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:\ [0-9]{3})+|[0-9]+)(?:\.[0-9]*)?
          | \.[0-9]+
        )
        (?:[eE](?P<power>[+-]?[0-9]{1,3}))?
        (?:\s?/\s?(?P<over>[0-9]+))?
    )
    (?P<unit>(?![0-9,./]).*)?
    """,
    re.VERBOSE,
)
_FONT = re.compile(r"\\(?:text(?:bf|it|rm|sf|normal)?|mathrm|mbox|rm)\s*\{([^{}]*)\}")
_UNIT_BEHIND = re.compile(rf"(.*\S)\s*({_FONT.pattern}(?:\^\s*\{{?[23]\}}?)?)", re.S)
_UNIT = re.compile(r"(\s*[%°€£¥￥$]\s*|[A-Za-z\u3400-\u9fff°%/ .·]+?)\s*(?:\^?\s*\{?([23²³])\}?)?")
_SHORT = re.compile("cm|dm|ft|hrs?|in|kg|km|lbs?|mi|mg|mins?|m[lL]|mm|mph|oz|pm|am|sec|kWh|[GM]B")
_LETTERS = re.compile("[mgshLNJWVAK]")
_NO_UNIT = re.compile(
    "and|billion|choose|cos|dozen|exp|for|half|hundred|log|million|minus|mod|not|or|over|plus|sin|"
    "sqrt|tan|thousand|times|to",
    re.IGNORECASE,
)
_HAN_FIGURE = re.compile(r"\s*(?:[多余几半万亿十百]|千(?![克米瓦卡]))")
_SYNONYMS = {
    "pct": "%",
    "percent": "%",
    "percentage": "%",
    "dollar": "$",
    "dollars": "$",
    "usd": "$",
    "美元": "$",
    "degree": "°",
    "degrees": "°",
    "度": "°",
    "yuan": "元",
    "rmb": "元",
    "¥": "元",
    "￥": "元",
}


class Quantity(NamedTuple):
    """A number with its unit."""

    value: Fraction
    """The figures as written, exactly: 0.333 is 333/1000, and 50% is 50."""
    unit: str
    """The unit in one spelling, or empty."""


def quantity(text: str) -> Quantity | None:
    r"""Return the number, with its unit, that a plain answer is; None if it is anything else.

    Numbers are integers, decimals, `1.2e-3`, fractions `3/4` and `\frac{3}{4}`, with thousands
    set apart by commas or spaces. A unit is a sign, Chinese characters, LaTeX text, a short unit
    that everybody knows, or after a space a word of three letters or one of `m g s h L N J W V A
    K`; `2x`, `5m` and `3 xy` are no quantities.
    """
    match = _QUANTITY.fullmatch(text) if len(text) <= _MOST else None
    if match is None or (match["sign"] and match["inner"]):
        return None
    unit = _unit(match["unit"] or "", match["money"])
    value = _value(match)
    if unit is None or value is None:
        return None
    return Quantity(-value if "-" in (match["sign"], match["inner"]) else value, unit)


def split_unit(text: str) -> tuple[str, str]:
    r"""Return an expression, and the unit that is set behind it as text.

    `8\pi\text{ cm}` is `8\pi` and `cm`; `1\text{ or }2` has no unit.
    """
    match = _UNIT_BEHIND.fullmatch(text)
    unit = _unit(match[2], "") if match else None
    return (match[1], unit) if match and unit else (text, "")


def compare(reference: Quantity, answer: Quantity) -> Finding:
    """Compare two quantities exactly.

    A unit on one side only doesn't count, but for percent: 0.5 is 50%, and 50 is 50% (the reference
    gives the figure alone), while 0.5 and 0.5% can't be told. Two different units can't, either:
    nothing is converted here.
    """
    same = reference.value == answer.value
    units = {reference.unit, answer.unit}
    if units == {"%", ""}:
        percent, number = sorted((reference, answer), key=lambda q: q.unit != "%")
        if percent.value == 100 * number.value or (same and abs(number.value) > 1):
            return EQUAL
        return undecided("units_differ") if same else DIFFERENT
    if len(units) == 2 and "" not in units:
        return undecided("units_differ")
    return EQUAL if same else DIFFERENT


def _value(match: re.Match[str]) -> Fraction | None:
    if match["number"] is None:
        above, below = match["above"] or match["above1"], match["below"] or match["below1"]
        return Fraction(int(above), int(below)) if int(below) else None
    digits = match["number"].replace(",", "").replace(" ", "")
    power = match["power"]
    integer = digits.isdigit() and not power
    value = Fraction(int(digits)) if integer else Fraction(f"{digits}e{power or 0}")
    if match["over"] is None:
        return value
    return value / int(match["over"]) if int(match["over"]) else None


def _unit(text: str, money: str) -> str | None:
    """Return the unit that follows a number, in one spelling; None if the text is no unit."""
    if not text.strip():
        return _SYNONYMS.get(money, money)
    written = _FONT.sub(r" \1 ", text)
    match = _UNIT.fullmatch(written)
    if match is None or not _is_unit(match[1], as_text=written != text):
        return None
    words = " ".join(match[1].split())
    if words.lower() not in _SYNONYMS and len(words) > 3:
        words = words.removesuffix("s")
    power = {"2": "²", "3": "³"}.get(match[2], match[2] or "")
    return _SYNONYMS.get(words.lower(), words) + power


def _is_unit(text: str, *, as_text: bool) -> bool:
    words = re.findall(r"[A-Za-z]+", text)
    if not words:
        return not _HAN_FIGURE.match(text)
    if any(_NO_UNIT.fullmatch(word) for word in words):
        return False
    if as_text:
        return True
    if _SHORT.fullmatch(words[0]):
        return all(len(w) > 2 or _SHORT.fullmatch(w) or _LETTERS.fullmatch(w) for w in words)
    if not text.startswith(" "):
        return False
    return len(words[0]) > 2 or (len(words) == 1 and _LETTERS.fullmatch(words[0]) is not None)
