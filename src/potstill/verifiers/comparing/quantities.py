"""Values with units, which are converted; percentages and angles."""

from fractions import Fraction
from typing import NamedTuple

from potstill.verifiers.comparing.exact import rational
from potstill.verifiers.comparing.matching import Compare
from potstill.verifiers.comparing.trees import holds
from potstill.verifiers.expressions.nodes import (
    Constant,
    Negative,
    Node,
    Number,
    Product,
    Quantity,
    Quotient,
    Sum,
    Unit,
)
from potstill.verifiers.finding import Finding, different, equal, undecided

_SHARE = "1"
"""The dimension of percent and its kin."""
_COUNT = "="
"""The dimension of measure words that say nothing, such as 个."""
_DOUBT = undecided("units_differ", "quantity")


class _Measured(NamedTuple):
    value: Node
    unit: Unit


def compare_quantities(expected: Node, found: Node, compare: Compare) -> Finding | None:
    """Compare two answers one of which at least has a unit; None if neither does.

    A unit on one side only doesn't count. Units of one dimension are converted; of two known
    dimensions they differ, and words that are no known units can't be told.
    """
    ours, theirs = _measured(expected), _measured(found)
    if ours and theirs:
        return _both(ours, theirs, compare)
    if ours:
        return _one(ours, found, compare)
    if theirs:
        return _one(theirs, expected, lambda one, other: compare(other, one))
    return None


def _measured(node: Node) -> _Measured | None:
    """Return the value and the unit of a quantity, or of a sum of some: `2 h 30 min`."""
    match node:
        case Quantity(value, unit):
            return _Measured(value, unit)
        case Negative(of) if inside := _measured(of):
            return _Measured(Negative(inside.value), inside.unit)
        case Sum(terms):
            return _added([_measured(term) for term in terms])
        case Product(factors):
            return _scaled(factors)
        case _:
            return None


def _added(parts: list[_Measured | None]) -> _Measured | None:
    measured = [part for part in parts if part]
    if len(measured) < len(parts) or len({part.unit.dimension for part in measured}) != 1:
        return None
    base = Unit("", measured[0].unit.dimension)
    return _Measured(Sum(tuple(_in_base(part) for part in measured)), base)


def _scaled(factors: tuple[Node, ...]) -> _Measured | None:
    """Return a product of numbers and one quantity: `2 · 3 cm`."""
    inside = [(k, part) for k, factor in enumerate(factors) if (part := _measured(factor))]
    if len(inside) != 1:
        return None
    place, part = inside[0]
    return _Measured(Product((*factors[:place], part.value, *factors[place + 1 :])), part.unit)


def _in_base(part: _Measured) -> Node:
    scaled: Node = part.value
    if part.unit.factor != 1:
        scaled = Product((scaled, Number(part.unit.factor)))
    return Sum((scaled, Number(part.unit.offset))) if part.unit.offset else scaled


def _both(ours: _Measured, theirs: _Measured, compare: Compare) -> Finding:
    one, other = ours.unit, theirs.unit
    if one == other:
        return compare(ours.value, theirs.value)
    if one.dimension == other.dimension:
        return compare(_in_base(ours), _in_base(theirs))
    if {one.dimension, other.dimension} == {"degree", "radian"}:
        return compare(_radians(ours), _radians(theirs))
    if _COUNT in (one.dimension, other.dimension):
        counted, measured = (ours, theirs) if one.dimension == _COUNT else (theirs, ours)
        return compare(counted.value, measured.value)
    if {one.name, other.name} & {"分"} and "CNY" in (one.dimension, other.dimension):
        return compare(_in_fen(ours), _in_fen(theirs))
    marks = one.dimension[:1] + other.dimension[:1]
    if "~" in marks and "=" not in marks:
        return _DOUBT
    if "=" in marks:
        finding = compare(ours.value, theirs.value)
        return finding if finding.outcome == "fail" else _DOUBT
    return different("quantity")


def _in_fen(part: _Measured) -> Node:
    """Return an amount of yuan in 分, of which a hundred are one."""
    if part.unit.name == "分":
        return part.value
    return Product((_in_base(part), Number(Fraction(100))))


def _one(measured: _Measured, other: Node, compare: Compare) -> Finding:
    """Compare a quantity with an answer that has no unit."""
    if measured.unit.dimension == _SHARE:
        return _share(measured, other, compare)
    finding = compare(measured.value, other)
    if measured.unit.dimension == "degree" and holds(other, Constant):
        return compare(_radians(measured), other)  # 180° and π
    return finding


def _share(measured: _Measured, other: Node, compare: Compare) -> Finding:
    """Compare 50% with 0.5, which is equal, with 50, which is too, and 0.5% with 0.5."""
    by_value = compare(_in_base(measured), other)
    if by_value.outcome == "pass":
        return by_value
    figure = compare(measured.value, other)
    if figure.outcome != "pass":
        return by_value
    size = rational(measured.value)
    return equal("quantity") if size is not None and abs(size) > 1 else _DOUBT


def _radians(part: _Measured) -> Node:
    if part.unit.dimension == "radian":
        return part.value
    return Quotient(Product((_in_base(part), Constant("pi"))), Number(Fraction(180)))
