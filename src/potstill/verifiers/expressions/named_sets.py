r"""Sets of numbers by their names, and parts of them: `\mathbb{R}^+`, `N^*`, `Z_{\ge 0}`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, cast

from potstill.verifiers.expressions.nodes import (
    Constant,
    Group,
    NamedSet,
    Node,
    Number,
    SetOf,
    SetOperation,
    Symbol,
)
from potstill.verifiers.expressions.tokens import Unreadable

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser

NAMES = frozenset("RQZNC")
_BEHIND = frozenset(["stop", ",", ";", ")", "}", "\\}"])
"""What may stand behind the star of N*, which is no sign of multiplication."""
_POSITIVE = frozenset(["+", ">0", "++"])
_NEGATIVE = frozenset(["-", "<0"])
_NOT_NEGATIVE = frozenset([">=0", "+0", "0+"])
_ZERO = Number(Fraction(0))


def field(p: Parser) -> Node:
    """Read the name of a set of numbers, and which part of it is meant."""
    name, sign = p.token.text[0], p.take().text[1:]
    while not sign and p.kind in ("_", "^") and (part := _part(p)):
        sign += part
    if not sign and p.kind == "*" and p.peek().kind in _BEHIND:
        sign = p.take().text
    if name not in NAMES:
        return Symbol(name)
    return _restricted(cast("Literal['R', 'Q', 'Z', 'N', 'C']", name), sign)


def is_part(p: Parser) -> bool:
    """Return whether a letter is the name of a set of which a part is meant: `N^*`, `Z_+`."""
    place = p.at + 1
    end = p.after_script(place) if p.peek().kind in ("_", "^") else None
    inner = p.tokens(place + 1, end) if end else []
    return [t.text for t in inner if t.kind not in ("{", "}")] in (["*"], ["+"])


def _part(p: Parser) -> str:
    """Return the script that says which part is meant, and go past it; empty for another one."""
    first = p.at + 1
    end = p.after_script(p.at)
    if end is None:
        raise Unreadable
    part = "".join(t.text for t in p.tokens(first, end) if t.kind not in ("{", "}"))
    known = part == "*" or part in _POSITIVE | _NEGATIVE | _NOT_NEGATIVE
    if not known:
        return ""
    p.at = end
    return part


def _restricted(name: Literal["R", "Q", "Z", "N", "C"], sign: str) -> Node:
    if not sign:
        return NamedSet(name)
    if name == "N":
        return NamedSet("Z", True) if sign == "*" or sign in _POSITIVE else NamedSet("N")
    if sign == "*":
        return SetOperation("difference", (NamedSet(name), SetOf((_ZERO,))))
    if sign in _NOT_NEGATIVE:
        if name == "Z":
            return NamedSet("N")
        if name == "R":
            return Group((_ZERO, Constant("infinity")), "[", ")")
        raise Unreadable
    return NamedSet(name, sign not in _NEGATIVE)
