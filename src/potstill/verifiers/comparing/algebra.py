"""Expressions with variables, compared by their values at points.

Rational functions with rational coefficients are compared modulo primes, which decides them. Others
are evaluated at fixed points, positive ones and negative ones. Where both have a real value at a
point and differ, they are different as functions; but √(x²) and x differ at negative points only,
and a problem may have excluded these, so that such a pair is not proven to be either.
"""

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction

from potstill.verifiers.comparing.exact import rational
from potstill.verifiers.comparing.limits import Unsupported
from potstill.verifiers.comparing.modular import PRIMES, residue
from potstill.verifiers.comparing.numeric import Scope, evaluate
from potstill.verifiers.comparing.precision import Value, context, real
from potstill.verifiers.comparing.trees import children, substitute, symbols, unknown_calls
from potstill.verifiers.expressions.nodes import (
    Bound,
    Call,
    Constant,
    Negative,
    Node,
    Number,
    Power,
    Sum,
    Symbol,
)
from potstill.verifiers.finding import Finding, different, equal, undecided

Point = Mapping[str, float]

_DIGITS = 40
_CLOSE = 10.0**-25
"""Largest difference, relative to the sizes, that rounding makes at that many digits."""
_COUNTED = {"factorial", "double_factorial", "binomial", "permutation", "gcd", "lcm", "mod"}
"""Functions whose arguments are integers."""
_ARBITRARY = frozenset({"C", "c", "K", "k"}) | {f"{x}_{k}" for x in "Cck" for k in range(4)}
"""What an arbitrary constant is called: any other of these names would do."""
_OF_INTEGRATION = frozenset({"C", "C_1", "C_0"})
_RANGES = ((0.1, 1), (1, 3), (0.1, 1), (3, 9), (10, 40), (-1, 0), (-9, -1), (-1, 1), (-40, 40))
"""Where the points lie: positive numbers first."""
_POSITIVE = 5
"""How many of the points are positive."""


def compare_expressions(expected: Node, found: Node) -> Finding:
    """Compare two scalars, at least one of which has variables."""
    ours, theirs = symbols(expected) - symbols(found), symbols(found) - symbols(expected)
    if len(ours) == len(theirs) == 1:
        return _renamed(expected, found, min(ours), min(theirs))
    finding = compare_as_functions(expected, found)
    shared = symbols(expected) & symbols(found) & _OF_INTEGRATION
    if finding.outcome == "fail" and not ours | theirs and len(shared) == 1:
        return _up_to_constant(expected, found, min(shared)) or finding
    return finding


def compare_as_functions(expected: Node, found: Node) -> Finding:
    """Compare two scalars as functions of the variables that are free in them, by their names."""
    names = tuple(sorted(symbols(expected) | symbols(found)))
    try:
        same = _same_residues(expected, found, names)
    except Unsupported:
        return _by_points(expected, found, names)
    return equal("expression") if same else different("expression")


def _renamed(expected: Node, found: Node, ours: str, theirs: str) -> Finding:
    """Compare two expressions each of which has one variable that the other lacks."""
    as_named = compare_as_functions(expected, found)
    if as_named.outcome == "pass" or isinstance(found, Symbol) or isinstance(expected, Symbol):
        return as_named
    finding = compare_as_functions(expected, substitute(found, {theirs: Symbol(ours)}))
    if finding.outcome == "pass" and not {ours, theirs} <= _ARBITRARY:
        return undecided("not_proven", "expression")
    return finding


def _up_to_constant(expected: Node, found: Node, name: str) -> Finding | None:
    """Return that two antiderivatives with `+ C` are equal up to a constant; None if they aren't.

    The name is that of a constant only where it is added to the rest, and the rest varies.
    """
    constant, zero = Symbol(name), {name: Number(Fraction(0))}
    bare = [substitute(node, zero) for node in (expected, found)]
    added = (
        compare_as_functions(node, Sum((rest, constant)))
        for node, rest in zip((expected, found), bare, strict=True)
    )
    if any(finding.outcome != "pass" for finding in added) or not all(map(symbols, bare)):
        return None
    gap = Sum((bare[0], Negative(bare[1])))
    at_one = {variable: Number(Fraction(1)) for variable in symbols(gap)}
    finding = compare_as_functions(gap, substitute(gap, at_one))
    return finding if finding.outcome == "pass" else None


def _same_residues(expected: Node, found: Node, names: tuple[str, ...]) -> bool:
    seed = random.Random(1)
    for prime in PRIMES:
        point = {name: seed.randrange(2, prime) for name in names}
        if residue(expected, point, prime) != residue(found, point, prime):
            return False
    return True


def _by_points(expected: Node, found: Node, names: tuple[str, ...]) -> Finding:
    agreed = 0
    for place, point in enumerate(points(names, counted(expected) | counted(found))):
        same = _same_at(point, expected, found)
        if same is False:
            certain = place < _POSITIVE and not (unknown_calls(expected) | unknown_calls(found))
            return different("expression") if certain else undecided("not_proven", "expression")
        agreed += same is True
    return equal("expression") if agreed > 1 else undecided("not_proven", "expression")


def points(names: tuple[str, ...], counts: frozenset[str]) -> Iterator[Point]:
    """Yield points to evaluate expressions at, the positive ones first, always the same ones.

    Args:
        names: The variables.
        counts: Those of them that are positive integers.
    """
    seed = random.Random(2)
    for place, (low, high) in enumerate(_RANGES):
        drawn = {name: seed.uniform(low, high) for name in names}
        yield drawn | {name: seed.randint(1, 3 + 2 * place) for name in sorted(counts)}


def counted(node: Node) -> frozenset[str]:
    """Return the variables that stand for integers: limits of sums, arguments of factorials."""
    below: frozenset[str] = frozenset[str]().union(*map(counted, children(node)))
    if isinstance(node, Bound) and node.kind in ("sum", "product"):
        limits = [limit for limit in (node.lower, node.upper) if limit is not None]
        return (below | frozenset[str]().union(*map(symbols, limits))) - {node.variable}
    if isinstance(node, Call) and node.name in _COUNTED:
        return below | symbols(node)
    if isinstance(node, Power) and symbols(node.exponent) and (rational(node.base) or 0) < 0:
        return below | symbols(node.exponent)
    return below


def _same_at(point: Point, expected: Node, found: Node) -> bool | None:
    """Return whether two expressions have the same value at a point; None if either has none."""
    values = _values_at(point, expected, found, _DIGITS)
    if values is None:
        return None
    one, other = values
    if context(_DIGITS).isinf(one) or context(_DIGITS).isinf(other):
        return bool(one == other)
    gap = abs(one - other)
    if gap <= _CLOSE * max(abs(one), abs(other)):
        return True
    finer = _values_at(point, expected, found, 3 * _DIGITS)  # for what cancelled before
    return None if finer is None else bool(abs(finer[0] - finer[1]) < gap * _CLOSE)


def _values_at(
    point: Point, expected: Node, found: Node, digits: int
) -> tuple[Value, Value] | None:
    mp = context(digits)
    scope = Scope(mp, {name: mp.mpf(value) for name, value in point.items()})
    try:
        one, other = evaluate(expected, scope), evaluate(found, scope)
    except Unsupported:
        return None
    if not (is_complex(expected) or is_complex(found)):
        one, other = real(one, digits), real(other, digits)
    return None if one is None or other is None else (one, other)


def is_complex(node: Node) -> bool:
    """Return whether the imaginary unit stands anywhere in `node`."""
    return node == Constant("i") or any(map(is_complex, children(node)))
