"""Places on the real line: their order, and where an expression is zero."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cmp_to_key
from typing import TypeAlias

from potstill.verifiers.comparing.exact import power, rational, whole
from potstill.verifiers.comparing.limits import Unsupported
from potstill.verifiers.comparing.numeric import Scope, constant, evaluate
from potstill.verifiers.comparing.precision import Value, approximate, context, real
from potstill.verifiers.comparing.trees import children, rebuild, symbols
from potstill.verifiers.expressions.nodes import (
    Call,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
)

Place: TypeAlias = Fraction | Value
"""A real number, exact where it is rational; also an infinity."""

_DIGITS = 60
_SAME = 10.0**-45
_DEGREE = 4
_BARS = 3
"""Most absolute values in one expression."""


def place(node: Node) -> Place:
    """Return where a scalar without variables lies.

    Raises:
        Unsupported: If it isn't a real number or an infinity.
    """
    if (exact := rational(node)) is not None:
        return exact
    return _real(constant(node, _DIGITS))


def place_at(node: Node, variable: str, at: Place) -> Place:
    """Return the value of an expression where its only variable is `at`.

    Raises:
        Unsupported: If it has no real value there.
    """
    if isinstance(at, Fraction) and (exact := rational(node, {variable: at})) is not None:
        return exact
    mp = context(_DIGITS)
    return _real(evaluate(node, Scope(mp, {variable: _approximate(at)})))


def order(one: Place, other: Place) -> int:
    """Return -1, 0 or 1 where the first place lies below, at or above the second one."""
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return (one > other) - (one < other)
    mp = context(_DIGITS)
    a, b = _approximate(one), _approximate(other)
    if mp.isinf(a) or mp.isinf(b):
        return int(a > b) - int(a < b)
    if abs(a - b) <= _SAME * max(abs(a), abs(b), _SAME):
        return 0
    return 1 if a > b else -1


def sorted_places(places: Iterable[Place]) -> list[Place]:
    """Return places in their order, each once."""
    kept: list[Place] = []
    for at in sorted(places, key=cmp_to_key(order)):
        if not kept or order(kept[-1], at):
            kept.append(at)
    return kept


def finite(at: Place) -> bool:
    """Return whether a place is no infinity."""
    return isinstance(at, Fraction) or not context(_DIGITS).isinf(at)


def integer(at: Place) -> bool:
    """Return whether a place is an integer."""
    if isinstance(at, Fraction):
        return at.denominator == 1
    return finite(at) and order(at, Fraction(int(context(_DIGITS).nint(at)))) == 0


def between(low: Place, high: Place) -> Place:
    """Return the place in the middle of two finite ones."""
    if isinstance(low, Fraction) and isinstance(high, Fraction):
        return (low + high) / 2
    return (_approximate(low) + _approximate(high)) / 2


def shifted(at: Place, by: int) -> Place:
    """Return a finite place moved by an integer."""
    return at + by


def floor(at: Place) -> int:
    """Return the integer at or below a finite place."""
    return int(at // 1) if isinstance(at, Fraction) else int(context(_DIGITS).floor(at))


def zeros(node: Node, variable: str) -> list[Place]:
    """Return all real places where an expression in one variable may change its sign.

    There may be some more, so as not to miss one: poles, and zeros of either branch of an absolute
    value. Read are products, quotients, and polynomials up to the fourth degree.

    Raises:
        Unsupported: If it is none of these.
    """
    if variable not in symbols(node):
        return []
    match node:
        case Product(parts):
            return [at for part in parts for at in zeros(part, variable)]
        case Quotient(above, below):
            return zeros(above, variable) + zeros(below, variable)
        case Power(base, exponent) if (times := whole(rational(exponent))) and times > 0:
            return zeros(base, variable)
        case Negative(of):
            return zeros(of, variable)
        case _:
            branches = list(_branches(node))
            return [at for branch in branches for at in _of_polynomial(branch, variable)]


def _real(value: Value) -> Value:
    if (found := real(value, _DIGITS)) is None:
        raise Unsupported
    return found


def _approximate(at: Place) -> Value:
    return approximate(at, context(_DIGITS)) if isinstance(at, Fraction) else at


def _branches(node: Node) -> Iterator[Node]:
    """Yield an expression with each absolute value taken as it is, and with the other sign."""
    bars = [*dict.fromkeys(_absolute(node))]
    if len(bars) > _BARS:
        raise Unsupported
    for choice in range(2 ** len(bars)):
        yield _chosen(node, {bar: bool(choice >> k & 1) for k, bar in enumerate(bars)})


def _absolute(node: Node) -> Iterator[Call]:
    if isinstance(node, Call) and node.name == "abs":
        yield node
    for child in children(node):
        yield from _absolute(child)


def _chosen(node: Node, flipped: Mapping[Call, bool]) -> Node:
    inside = rebuild(node, lambda child: _chosen(child, flipped))
    if isinstance(node, Call) and node in flipped and isinstance(inside, Call):
        return Negative(inside.arguments[0]) if flipped[node] else inside.arguments[0]
    return inside


def _of_polynomial(node: Node, variable: str) -> list[Place]:
    values = [place_at(node, variable, Fraction(k)) for k in range(_DEGREE + 3)]
    steps = values
    differences: list[Place] = []
    for _ in values:
        differences.append(steps[0])
        steps = [_minus(b, a) for a, b in zip(steps, steps[1:], strict=False)]
    while differences and order(differences[-1], Fraction(0)) == 0:
        differences.pop()
    if len(differences) > _DEGREE + 1:
        raise Unsupported
    return _roots(_coefficients(differences))


def _minus(one: Place, other: Place) -> Place:
    """Return a difference, and a plain zero where it is nothing but rounding."""
    if order(one, other) == 0:
        return Fraction(0)
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return one - other
    return _approximate(one) - _approximate(other)


def _coefficients(differences: list[Place]) -> list[Place]:
    """Return the coefficients, the constant first, by Newton's forward differences from zero.

    They are all exact, or all approximate.
    """
    exact = all(isinstance(d, Fraction) for d in differences)
    values = differences if exact else [_approximate(d) for d in differences]
    total: list[Place] = [values[0] * 0] * len(values) if values else []
    basis = [Fraction(1)]  # x (x-1) … (x-k+1) / k!
    for k, difference in enumerate(values):
        for degree, factor in enumerate(basis):
            total[degree] += difference * (factor if exact else _approximate(factor))
        lower = [Fraction(0), *basis]
        basis = [(a - k * b) / (k + 1) for a, b in zip(lower, [*basis, Fraction(0)], strict=True)]
    return total


def _roots(coefficients: list[Place]) -> list[Place]:
    match coefficients:
        case [] | [_]:
            return []
        case [b, a]:
            return [-b / a]
        case [c, b, a]:
            return _quadratic(a, b, c)
        case _:
            return _numeric(coefficients)


def _quadratic(a: Place, b: Place, c: Place) -> list[Place]:
    inside = b * b - 4 * a * c
    if order(inside, Fraction(0)) == 0:
        return [-b / (2 * a)]
    if order(inside, Fraction(0)) < 0:
        return []
    try:
        root = power(inside, Fraction(1, 2)) if isinstance(inside, Fraction) else None
    except Unsupported:
        root = None
    if root is None:
        a, b = _approximate(a), _approximate(b)
        root = context(_DIGITS).sqrt(_approximate(inside))
    return [(-b - root) / (2 * a), (-b + root) / (2 * a)]


def _numeric(coefficients: list[Place]) -> list[Place]:
    mp = context(_DIGITS)
    if all(isinstance(x, Fraction) for x in coefficients):
        coefficients = _without_repeats(coefficients)
    if len(coefficients) <= 3:
        return _roots(coefficients)
    try:
        found = mp.polyroots([_approximate(x) for x in reversed(coefficients)], maxsteps=100)
    except mp.NoConvergence:
        raise Unsupported from None
    return [_tidy(at) for root in found if (at := real(root, _DIGITS // 2)) is not None]


def _without_repeats(polynomial: list[Fraction]) -> list[Fraction]:
    """Return a polynomial with the same roots, each of them simple."""
    common, rest = polynomial, [k * x for k, x in enumerate(polynomial)][1:]
    while rest:
        common, rest = rest, _divided(common, rest)[1]
    return _divided(polynomial, common)[0]


def _divided(above: list[Fraction], below: list[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    """Return the quotient and the remainder of two polynomials, the constants first."""
    rest, quotient = [*above], list[Fraction]()
    while len(rest) >= len(below):
        factor = rest[-1] / below[-1]
        quotient.insert(0, factor)
        shift = len(rest) - len(below)
        rest = [x - factor * below[k - shift] if k >= shift else x for k, x in enumerate(rest)][:-1]
    while rest and not rest[-1]:
        rest.pop()
    return quotient, rest


def _tidy(at: Value) -> Place:
    """Return the simple fraction that a root is, if it is one."""
    near = Fraction(str(context(_DIGITS).nstr(at, 40))).limit_denominator(10**6)
    return near if order(near, at) == 0 else at
