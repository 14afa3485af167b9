"""Equations and inequalities with several variables, compared up to a constant factor."""

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from potstill.verifiers.comparing.algebra import points
from potstill.verifiers.comparing.exact import rational, whole
from potstill.verifiers.comparing.limits import Unsupported
from potstill.verifiers.comparing.modular import PRIMES, residue
from potstill.verifiers.comparing.numeric import Scope, evaluate
from potstill.verifiers.comparing.precision import Value, context, real
from potstill.verifiers.comparing.trees import symbols
from potstill.verifiers.expressions.nodes import (
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
)
from potstill.verifiers.finding import Finding, different, equal, undecided

_DIGITS = 40
_CLOSE = 10.0**-20
_CLEAR = 10.0**-8
"""What no rounding reaches."""
_TRIES = 6
_ONE = Number(Fraction(1))
_DOUBT = undecided("not_proven", "equation")


def compare_equations(expected: Relation, found: Relation) -> Finding:
    """Compare two equations with two sides by the difference of these, up to a constant factor.

    Denominators are cleared where that helps, so that `y = 1/x` is `xy = 1`. Two differ for certain
    where a solution of one is found that doesn't solve the other.
    """
    if factor_of(expected, found) is not None:
        return equal("equation")
    if len(expected.sides) != 2 or len(found.sides) != 2:
        return _DOUBT
    ours, theirs = _difference(expected), _difference(found)
    if _solves_only(ours, theirs) or _solves_only(theirs, ours):
        return different("equation")
    return _DOUBT


def factor_of(expected: Relation, found: Relation) -> Value | None:
    """Return the constant factor between two equations; None without one."""
    if len(expected.sides) != 2 or len(found.sides) != 2:
        return None
    ours, theirs = _difference(expected), _difference(found)
    direct = factor(ours, theirs)
    return factor(_cleared(ours)[0], _cleared(theirs)[0]) if direct is None else direct


def compare_inequalities(expected: Relation, found: Relation) -> Finding:
    """Compare two inequalities with two sides, up to a positive factor."""
    if len(expected.sides) != 2 or len(found.sides) != 2:
        return _DOUBT
    ours, theirs = _oriented(expected), _oriented(found)
    ratio = factor(ours.node, theirs.node)
    if ratio is not None and ratio > 0:
        same = ours.strict == theirs.strict
        return equal("inequality") if same else different("inequality")
    return different("inequality") if _disagree(ours.node, theirs.node) else _DOUBT


def factor(one: Node, other: Node) -> Value | None:
    """Return the constant that `other` has to be multiplied by to give `one`; None without one."""
    names = tuple(sorted(symbols(one) | symbols(other)))
    if symbols(one) != symbols(other):
        return None
    try:
        if not _proportional_residues(one, other, names):
            return None
    except Unsupported:
        pass
    ratios: list[Value] = []
    for values in _pairs(one, other, names):
        if abs(values[1]) > _CLEAR:
            ratios.append(values[0] / values[1])
    if len(ratios) < 3 or abs(ratios[0]) < _CLEAR:
        return None
    close = all(abs(ratio - ratios[0]) <= _CLOSE * abs(ratios[0]) for ratio in ratios)
    return ratios[0] if close else None


class _Side(NamedTuple):
    """An inequality as a term that is below zero."""

    node: Node
    strict: bool


def _oriented(relation: Relation) -> _Side:
    node, sign = _difference(relation), relation.signs[0]
    return _Side(Negative(node) if sign in (">", ">=") else node, sign in ("<", ">"))


def _difference(relation: Relation) -> Node:
    return Sum((relation.sides[0], Negative(relation.sides[1])))


def _cleared(node: Node) -> tuple[Node, Node]:
    """Return a numerator and a denominator of an expression."""
    match node:
        case Negative(of):
            above, below = _cleared(of)
            return Negative(above), below
        case Quotient(first, second):
            (a, b), (c, d) = _cleared(first), _cleared(second)
            return Product((a, d)), Product((b, c))
        case Product(factors):
            parts = [_cleared(factor) for factor in factors]
            return Product(tuple(a for a, _ in parts)), Product(tuple(b for _, b in parts))
        case Sum(terms):
            return _added([_cleared(term) for term in terms])
        case Power(base, exponent) if (times := whole(rational(exponent))) and times < 0:
            return _ONE, Power(base, Number(Fraction(-times)))
        case _:
            return node, _ONE


def _added(parts: list[tuple[Node, Node]]) -> tuple[Node, Node]:
    """Return a sum of fractions as one fraction; denominators that are the same count once."""
    below = [*dict.fromkeys(b for _, b in parts if b != _ONE)]
    terms = [Product((a, *(d for d in below if d != b))) for a, b in parts]
    return Sum(tuple(terms)), Product(tuple(below))


def _proportional_residues(one: Node, other: Node, names: Sequence[str]) -> bool:
    seed = random.Random(3)
    for prime in PRIMES:
        values: list[tuple[int, int]] = []
        for _ in range(2):
            point = {name: seed.randrange(2, prime) for name in names}
            values.append((residue(one, point, prime), residue(other, point, prime)))
        (a, b), (c, d) = values
        if (a * d - b * c) % prime or not (a and b):
            return False
    return True


def _pairs(one: Node, other: Node, names: tuple[str, ...]) -> Iterator[tuple[Value, Value]]:
    """Yield the real values of two expressions at several points."""
    mp = context(_DIGITS)
    for point in points(names, frozenset()):
        scope = Scope(mp, {name: mp.mpf(value) for name, value in point.items()})
        try:
            values = (real(evaluate(x, scope), _DIGITS) for x in (one, other))
            first, second = values
        except Unsupported:
            continue
        if first is not None and second is not None and mp.isfinite(first + second):
            yield first, second


def _disagree(one: Node, other: Node) -> bool:
    """Return whether somewhere one expression is below zero, and the other above."""
    names = tuple(sorted(symbols(one) | symbols(other)))
    return any(a * b < 0 and min(abs(a), abs(b)) > _CLEAR for a, b in _pairs(one, other, names))


def _solves_only(one: Node, other: Node) -> bool:
    """Return whether a real solution of `one = 0` is found that doesn't solve `other = 0`."""
    names = sorted(symbols(one))
    mp, seed = context(_DIGITS), random.Random(4)
    for attempt in range(_TRIES if names else 0):
        known = {name: mp.mpf(seed.uniform(-3, 3)) for name in (*names, *symbols(other))}
        unknown = names[attempt % len(names)]
        root = _root(one, unknown, known)
        if root is None:
            continue
        try:
            left = real(evaluate(other, Scope(mp, {**known, unknown: root})), _DIGITS)
        except Unsupported:
            continue
        if left is not None and abs(left) > _CLEAR:
            return True
    return False


def _root(node: Node, unknown: str, known: Mapping[str, Value]) -> Value | None:
    """Return a real zero of an expression in one variable near its value, by the secant method."""
    mp = context(_DIGITS)

    def at(value: Value) -> Value:
        return evaluate(node, Scope(mp, {**known, unknown: value}))

    try:
        root = real(mp.findroot(at, known[unknown], tol=10.0**-40, maxsteps=20), _DIGITS)
        close = root is not None and abs(at(root)) < _CLOSE
    except (Unsupported, ValueError, ZeroDivisionError):
        return None
    return root if close else None
