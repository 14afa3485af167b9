r"""Infinite families of numbers that an integer counts: `k\pi + \pi/2`, `7k + 3`, `3 \pmod 7`.

A family that is linear in its integer is a residue class, and a few of them are the same set as a
few others where they leave the same residues modulo a common period. Families of any other kind are
compared as expressions, with the integers named alike.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from potstill.verifiers.comparing.builders import unfolded
from potstill.verifiers.comparing.exact import rational
from potstill.verifiers.comparing.limits import ITEMS, Unsupported
from potstill.verifiers.comparing.matching import Compare, any_order
from potstill.verifiers.comparing.numeric import Scope, evaluate
from potstill.verifiers.comparing.precision import Value, approximate, context
from potstill.verifiers.comparing.relations import assigned
from potstill.verifiers.comparing.signs import spread
from potstill.verifiers.comparing.trees import is_scalar, substitute, symbols
from potstill.verifiers.expressions.nodes import (
    Builder,
    Congruence,
    Items,
    NamedSet,
    Node,
    Number,
    Product,
    Relation,
    SetOf,
    Sum,
    Symbol,
)
from potstill.verifiers.finding import Finding, different, equal, undecided

_DIGITS = 60
_SAME = 10.0**-40
_DENOMINATOR = 1_000
"""Largest one of a ratio of two periods."""
_COUNTERS = frozenset("knmljtNKM")


class Family(NamedTuple):
    """Expressions with an integer that runs through all integers, or some."""

    members: tuple[Node, ...]
    integer: str
    all_integers: bool = True


def compare_families(expected: Node, found: Node, compare: Compare) -> Finding | None:
    """Compare two answers one of which at least is a family; None if neither is."""
    ours, theirs = family(expected), family(found)
    if ours is None and theirs is None:
        return None
    if isinstance(expected, Congruence) != isinstance(found, Congruence):
        residue = expected if isinstance(expected, Congruence) else found
        other = found if residue is expected else expected
        if isinstance(residue, Congruence) and isinstance(other, Number):
            return _residue(residue, other, compare)
    ours, theirs = ours or _undeclared(expected), theirs or _undeclared(found)
    if ours is None or theirs is None:
        return _not_a_family(found if theirs is None else expected)
    if ours.all_integers != theirs.all_integers:
        return undecided("not_proven", "family")
    if ours.all_integers and (finding := _classes(ours, theirs)) is not None:
        return finding
    renamed = [
        substitute(member, {theirs.integer: Symbol(ours.integer)}) for member in theirs.members
    ]
    finding = any_order(ours.members, renamed, compare, "family")
    return finding if finding.outcome == "pass" else undecided("not_proven", "family")


def family(node: Node) -> Family | None:
    """Return the family that `node` declares to be one."""
    match node:
        case Congruence(_, right, modulus):
            step = Product((modulus, Symbol("k")))
            values = spread(right)
            rights = values.items if isinstance(values, Items) else (values,)
            return Family(tuple(Sum((value, step)) for value in rights), "k")
        case Items(items):
            return _declared(items)
        case Builder():
            return _built(node)
        case Relation((_, SetOf() | Builder() as inside), ("in",)):
            return family(inside)
        case _:
            return None


def _built(node: Builder) -> Family | None:
    element, conditions = unfolded(node)
    if not isinstance(element, Symbol):
        return _declared((element, *conditions))
    inside = _declared(conditions)
    return inside if inside and element.name not in {inside.integer, *_free(inside)} else None


def _free(inside: Family) -> frozenset[str]:
    return frozenset[str]().union(*map(symbols, inside.members))


def _declared(items: Sequence[Node]) -> Family | None:
    """Return the family of items one of which says `k in Z`."""
    for item in items:
        match item:
            case Relation((Symbol(name), NamedSet("Z" | "N" as numbers, positive)), ("in",)):
                members = tuple(_value(other) for other in items if other is not item)
                if not members or not any(name in symbols(member) for member in members):
                    return None
                every = numbers == "Z" and positive is None
                return Family(_spread(members), name, every)
            case _:
                continue
    return None


def _undeclared(node: Node) -> Family | None:
    """Return the family that an expression may be meant as: its only variable counts."""
    items = node.items if isinstance(node, Items | SetOf) else (node,)
    members = _spread(tuple(map(_value, items)))
    names = frozenset[str]().union(*map(symbols, members))
    return Family(members, min(names)) if len(names) == 1 and names <= _COUNTERS else None


def _value(node: Node) -> Node:
    given = assigned(node)
    return given.value if given else node


def _spread(members: tuple[Node, ...]) -> tuple[Node, ...]:
    spread_out = spread(Items(members, ","))
    return spread_out.items if isinstance(spread_out, Items) else members


def _not_a_family(other: Node) -> Finding:
    """Return what a family has to do with a single number, or a few: they are not the same."""
    items = other.items if isinstance(other, Items | SetOf) else (other,)
    values = [_value(item) for item in items]
    if all(is_scalar(value) and not symbols(value) for value in values):
        return different("family")
    return undecided("not_proven", "family")


def _residue(expected: Congruence, other: Number, compare: Compare) -> Finding:
    """Compare `x ≡ 3 (mod 7)` with 3 alone, which is meant by it, unlike 10."""
    finding = compare(expected.right, other)
    if finding.outcome != "fail":
        return finding
    modulus, right = rational(expected.modulus), rational(expected.right)
    if modulus and right is not None and (right - other.value) % modulus == 0:
        return undecided("not_proven", "family")
    return finding


class _Line(NamedTuple):
    start: Value
    step: Value


def _classes(ours: Family, theirs: Family) -> Finding | None:
    """Compare two families that are linear in their integer; None if one isn't."""
    try:
        lines = [
            [_line(member, side.integer) for member in side.members] for side in (ours, theirs)
        ]
        unit = next(line.step for side in lines for line in side if line.step)
        steps = [_ratio(abs(line.step / unit)) for side in lines for line in side if line.step]
        period = unit * _common(steps)
        one, other = ([_residues(line, period) for line in side] for side in lines)
    except (Unsupported, StopIteration):
        return None
    same = _within(one, other) and _within(other, one)
    return equal("family") if same else different("family")


def _line(node: Node, integer: str) -> _Line:
    mp = context(_DIGITS)
    start, one, two, far = (evaluate(node, Scope(mp, {integer: mp.mpf(k)})) for k in (0, 1, 2, -7))
    step = one - start
    for k, value in ((2, two), (-7, far)):
        if abs(value - start - k * step) > _SAME * (1 + abs(value)):
            raise Unsupported
    if any(hasattr(value, "_mpc_") for value in (start, step)) or not mp.isfinite(start + step):
        raise Unsupported
    return _Line(start, step)


def _ratio(value: Value) -> Fraction:
    mp = context(_DIGITS)
    near = Fraction(str(mp.nstr(value, 40))).limit_denominator(_DENOMINATOR)
    if abs(approximate(near, mp) - value) > _SAME * value:
        raise Unsupported
    return near


def _common(steps: Sequence[Fraction]) -> Value:
    """Return the least common multiple of fractions."""
    above, below = 1, 0
    for step in steps:
        above, below = lcm(above, step.numerator), gcd(below, step.denominator)
    return approximate(Fraction(above, below), context(_DIGITS))


def _residues(line: _Line, period: Value) -> list[Value]:
    """Return the places in [0, 1) where a family lies in a period; of one number it is its own."""
    mp = context(_DIGITS)
    if not line.step:
        return [line.start / period - mp.floor(line.start / period)]
    times = int(mp.nint(abs(period / line.step)))
    if times > ITEMS:
        raise Unsupported
    places = [(line.start + k * line.step) / period for k in range(times)]
    return [at - mp.floor(at) for at in places]


def _within(one: Sequence[Sequence[Value]], other: Sequence[Sequence[Value]]) -> bool:
    there = [at for line in other for at in line]
    return all(any(_close(at, b) for b in there) for line in one for at in line)


def _close(one: Value, other: Value) -> bool:
    gap = abs(one - other)
    return bool(min(gap, abs(1 - gap)) < _SAME)
