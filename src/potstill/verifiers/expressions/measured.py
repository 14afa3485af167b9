"""Values with units: where a unit ends a product, and measurements of several parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from potstill.verifiers import units
from potstill.verifiers.expressions.nodes import (
    Call,
    Group,
    Negative,
    Node,
    Number,
    PlusMinus,
    Quantity,
    SetOf,
    Sum,
    Symbol,
    Unit,
)
from potstill.verifiers.expressions.tokens import Unreadable

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser

_COMMANDS = frozenset(["pounds", "euro", "yen", "ohm", "celsius", "permil", "AA", "textdegree"])
_CONDITION = re.compile(r"[当若=<>≤≥≠]|\\[lgn]e")
_SIGNS = frozenset(["%", "°", "'", "$"])
_GOES_ON = frozenset(["letter", "symbol", "(", "{", "command", "word", "function", "^", "_"])
"""Kinds of tokens that show, behind what looks like a unit, that it is none."""
_LETTERS = frozenset(["letter", "symbol", "function", "word", "relation"])
_WITH_TERM = frozenset(["degree", "1"])
"""Dimensions of units that stay with their term."""


def unit(p: Parser, value: Node, after: Unit | None = None) -> Unit | None:
    """Return the unit behind a value and go past it; None where there is none."""
    found = unit_ahead(p, value, after)
    if found is None or isinstance(value, (Quantity, Group, SetOf)):
        return None
    if found[0].dimension.startswith("=") and isinstance(value, (Symbol, Call)):
        return None  # words behind a variable are no unit: "f(x) increases"
    at = p.at
    while p.kind != "stop" and (p.token.start < found[1] or p.token.end <= p.end):
        p.take()
    angle = found[0].dimension == "degree"
    if p.end > found[1] or (p.kind in _GOES_ON and not angle):  # within a token, or no end
        p.at = at
        return None
    return found[0]


def unit_ahead(p: Parser, value: Node, after: Unit | None = None) -> tuple[Unit, int] | None:
    """Return the unit behind a value, and where it ends."""
    kind, token = p.kind, p.token
    if kind == "%" and token.start == token.end:  # of 百分之, which stands before its number
        return units.PERCENT, token.end
    if kind == "^":
        likely = circle(p)
    elif kind == "command":
        likely = token.text in _COMMANDS
    elif kind in _LETTERS:
        likely = token.start > p.end or isinstance(value, Number) or not token.text.isascii()
    elif kind == "then":  # 时: an hour, or the end of a condition
        likely = isinstance(value, Number) and not _CONDITION.search(p.text)
    else:
        likely = kind in _SIGNS
    if not likely:
        return None
    start = p.end
    while p.text[start] == "}":  # of a font around the value
        start += 1
    found = units.match(p.text, start, after=after)
    if found is None and kind == "letter" and p.peek().kind == "number":  # 2 h 30 min
        found = units.match(p.text[: token.end], start, after=after)
    return found


def circle(p: Parser) -> bool:
    r"""Return whether the `^` that is next raises a degree sign."""
    return p.peek().kind == "circ" or (p.peek().kind == "{" and p.peek(2).kind == "circ")


def money(p: Parser) -> Node:
    """Read a value behind the sign of a currency."""
    found = units.money(p.text, p.token.start)
    if found is None:
        raise Unreadable
    p.take()
    negative = p.kind == "-" and bool(p.take())
    p.open()
    quantity = Quantity(p.factor(), found[0])
    p.close()
    return Negative(quantity) if negative else quantity


def further(p: Parser, last: Node) -> Node | None:
    """Read the next part of a measurement, such as 30 cm behind 2 m; None where there is none."""
    if p.kind != "number" or not isinstance(last, Quantity):
        return None
    value = p.atom()
    part = unit(p, value, last.unit)
    if part is None or part.dimension != last.unit.dimension:
        raise Unreadable
    return Quantity(value, part)


def lifted(node: Node) -> Node:
    """Return a sum of which only the last term has a unit as a quantity: (2 + √3) cm.

    Degrees and percent stay with their term.
    """
    if isinstance(node, PlusMinus) and isinstance(node.right, Quantity):
        right = node.right
        if node.left is None or _has_unit(node.left) or right.unit.dimension in _WITH_TERM:
            return node
        return Quantity(PlusMinus(node.left, right.value, node.minus_first), right.unit)
    if not isinstance(node, Sum) or any(map(_has_unit, node.terms[:-1])):
        return node
    last = node.terms[-1]
    inner = last.of if isinstance(last, Negative) else last
    if not isinstance(inner, Quantity) or inner.unit.dimension in _WITH_TERM:
        return node
    bare = Negative(inner.value) if isinstance(last, Negative) else inner.value
    return Quantity(Sum((*node.terms[:-1], bare)), inner.unit)


def _has_unit(node: Node) -> bool:
    return isinstance(node, Quantity) or (
        isinstance(node, Negative) and isinstance(node.of, Quantity)
    )
