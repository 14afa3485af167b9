r"""Numbers in figures: decimals, thousands and their separators, repeating decimals, bases."""

import re
from fractions import Fraction
from typing import Literal, NamedTuple

from potstill.verifiers.expressions.nodes import Number

Commas = Literal["thousands", "items", "decimals"]
"""What a comma between figures that may be several things is taken for."""

_MOST = 1_000
"""Most digits of a number: nobody compares longer ones."""
_PLAIN = re.compile(
    r"([0-9]+)(?:\.(?!\.)([0-9]*)|\{,\}(?![0-9]{3}(?![0-9]))([0-9]+))?"
    r"(?:[eE]([+-]?[0-9]{1,3})(?![0-9A-Za-z.^]))?|\.([0-9]+)"
)
_BEHIND = frozenset(".,{\\~ '’(\u2009\u202f\u0304\u0305\u0307")
"""What may stand behind the first figures of a longer number."""
_THOUSANDS = re.compile(
    r"([0-9]{1,3})(,\\!|\{,\}\s?|\\!|\\[,;: ]|[~ \u2009\u202f'’,])([0-9]{3})"
    r"((?:\2[0-9]{3})*)(?![0-9]|,[0-9]|\2[0-9])(?:\.([0-9]+))?"
)
_EUROPEAN = re.compile(
    r"([0-9]{1,3}(?:\.[0-9]{3})+)(?:,([0-9]+)|(?<=\.[0-9]{3}\.[0-9]{3}))(?![0-9.])"
)
_COMMA = re.compile(r"([0-9]+),([0-9]+)(?![0-9]|[,.][0-9])")
_SEMICOLON = re.compile(r"[^()\[\]{}]*;")
_BAR = re.compile(
    r"([0-9]*)\.([0-9]*)\\(?:overline|bar|dot)\s*(?:\{\s*([0-9]+)\s*\}|([0-9]))"
    r"([0-9]*\\dot\s*(?:\{\s*[0-9]\s*\}|[0-9]))?"
)
_BRACKETS = re.compile(r"([0-9]+)\.([0-9]*)\(([0-9]+)\)")
_MARKED = re.compile(
    "([0-9]*)\\.([0-9]*?)([0-9][\u0304\u0305\u0307](?:[0-9]{0,40}[0-9][\u0304\u0305\u0307])*)"
)


class Figures(NamedTuple):
    """A number that was found."""

    number: Number
    end: int
    ambiguous: tuple[Commas, ...] = ()
    """Other ways to take its comma, or the one that it ends before."""


def match(text: str, start: int, commas: Commas, *, inside: bool) -> Figures | None:
    """Return the number that starts at a place, as long as it can be.

    Args:
        text: Where to look.
        start: The place of a digit, or of a point before one.
        commas: How to take a comma that may be several things.
        inside: Whether brackets are open there, between which a comma rather parts items.
    """
    plain = _PLAIN.match(text, start)
    if plain is None or plain.end() - start > _MOST:
        return None
    found = Figures(_plain(plain), plain.end())
    if text[found.end : found.end + 1] not in _BEHIND or found.end == len(text):
        return found
    longer = _repeating(text, start) or _european(text, start)
    return longer or _grouped(text, start, commas, inside, found)


def in_base(digits: str, base: int) -> Number | None:
    """Return the number that digits stand for in a base, or None where they can't."""
    if not 2 <= base <= 36 or len(digits) > _MOST:
        return None
    whole, _, behind = digits.partition(".")
    try:
        return Number(Fraction(int(whole + behind, base), base ** len(behind)), None, base)
    except ValueError:
        return None


def _plain(found: re.Match[str]) -> Number:
    whole, point, comma, power, alone = found.groups()
    behind = point or comma or alone or ""
    if not behind and not power:
        return Number(Fraction(int(whole)))
    value = Fraction(f"{whole or 0}.{behind or 0}e{power or 0}")
    return Number(value, max(0, len(behind) - int(power or 0)))


def _decimal(whole: str, behind: str | None) -> Number:
    if not behind:
        return Number(Fraction(int(whole)))
    return Number(Fraction(f"{whole}.{behind}"), len(behind))


def _grouped(text: str, start: int, commas: Commas, inside: bool, found: Figures) -> Figures:
    """Return the number with its thousands set apart or with a decimal comma, else `found`."""
    if text[found.end] == "," and text[start - 1 : start] == "," and text[start - 2].isdigit():
        return found  # further on in a list without spaces
    groups = _THOUSANDS.match(text, start)
    if groups and groups.end() - start <= _MOST:
        first, separator, second, rest, behind = groups.groups()
        whole = first + second + rest.replace(separator, "")
        number = _decimal(whole, behind)
        if separator != ",":
            return Figures(number, groups.end())
        if first[0] != "0":
            return _with_comma(number, groups, commas, inside, found)
    comma = _COMMA.match(text, start)
    if comma is None or comma.end() - start > _MOST:
        return found
    if inside and not _SEMICOLON.match(text, comma.end()) and text[start - 1 : start] != ";":
        return found
    if commas == "decimals":
        return Figures(_decimal(comma[1], comma[2]), comma.end())
    return found._replace(ambiguous=("decimals",))


def _with_comma(
    number: Number, groups: re.Match[str], commas: Commas, inside: bool, found: Figures
) -> Figures:
    """Return 1,234 as one number, or only its 1 where the comma is between items."""
    if groups[5]:
        return Figures(number, groups.end())
    if inside and not groups[4]:  # (1,234) is a pair first
        commas = "items" if commas == "thousands" else "thousands"
    if commas == "items":
        return found._replace(ambiguous=("items",))
    zeros = any(group.startswith("0") for group in groups[0].split(",")[1:])
    return Figures(number, groups.end(), () if zeros else ("items",))


def _european(text: str, start: int) -> Figures | None:
    """Return 1.234,56 or 1.234.567."""
    found = _EUROPEAN.match(text, start)
    if found is None or found.end() - start > _MOST:
        return None
    return Figures(_decimal(found[1].replace(".", ""), found[2]), found.end())


def _repeating(text: str, start: int) -> Figures | None:
    r"""Return a decimal of which a part is marked as repeating without end."""
    if found := _BAR.match(text, start):
        period = (found[3] or found[4]) + "".join(filter(str.isdigit, found[5] or ""))
    elif (found := _BRACKETS.match(text, start)) or (found := _MARKED.match(text, start)):
        period = "".join(filter(str.isdigit, found[3]))
    else:
        return None
    if found.end() - start > _MOST:
        return None
    once = found[2]
    value = Fraction(f"{found[1] or 0}.{once or 0}")
    value += Fraction(int(period), (10 ** len(period) - 1) * 10 ** len(once))
    return Figures(Number(value), found.end())
