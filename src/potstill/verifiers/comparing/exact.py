"""Exact values: what is a rational number, and can be told to be one without approximation."""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import permutations
from types import MappingProxyType

from potstill.verifiers.comparing.limits import BITS, NESTED, TERMS, Undefined, Unsupported
from potstill.verifiers.comparing.trees import children, holds
from potstill.verifiers.expressions.nodes import (
    Bound,
    Call,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
)

Known = Mapping[str, Fraction]
_NOTHING: Known = MappingProxyType({})
_SIZE = 5
"""Most rows of a determinant."""


def rational(node: Node, known: Known = _NOTHING) -> Fraction | None:
    """Return the exact value of `node`, or None where it isn't rational or too long to compute.

    Roots count where they come out even. An odd root of a negative number is the real one.

    Args:
        node: A scalar.
        known: Values of its variables.

    Raises:
        Undefined: If it divides by zero.
    """
    if isinstance(node, Number):
        return node.value
    try:
        return _value(node, known)
    except Undefined:
        raise
    except Unsupported:
        return None


def whole(value: Fraction | None) -> int | None:
    """Return a rational number that is an integer as such, else None."""
    return value.numerator if value is not None and value.denominator == 1 else None


def determinant(matrix: Matrix) -> Node:
    """Return the determinant of a small square matrix as a sum of products.

    Raises:
        Unsupported: If the matrix isn't square or has more than five rows.
    """
    size = len(matrix.rows)
    if size > _SIZE or any(len(row) != size for row in matrix.rows):
        raise Unsupported
    terms: list[Node] = []
    for order in permutations(range(size)):
        swaps = sum(a > b for k, b in enumerate(order) for a in order[:k])
        term = Product(tuple(matrix.rows[row][column] for row, column in enumerate(order)))
        terms.append(Negative(term) if swaps % 2 else term)
    return Sum(tuple(terms))


def _value(node: Node, known: Known) -> Fraction:
    if (evaluate := _EVALUATE.get(type(node))) is None:
        raise Unsupported
    return evaluate(node, known)


def _bounded(value: Fraction) -> Fraction:
    if value.numerator.bit_length() + value.denominator.bit_length() > BITS:
        raise Unsupported
    return value


def _number(node: Number, known: Known) -> Fraction:
    return node.value


def _symbol(node: Symbol, known: Known) -> Fraction:
    if node.name not in known:
        raise Unsupported
    return known[node.name]


def _negative(node: Negative, known: Known) -> Fraction:
    return -_value(node.of, known)


def _sum(node: Sum, known: Known) -> Fraction:
    total = Fraction(0)
    for term in node.terms:
        total = _bounded(total + _value(term, known))
    return total


def _product(node: Product, known: Known) -> Fraction:
    total = Fraction(1)
    for factor in node.factors:
        total = _bounded(total * _value(factor, known))
    return total


def _quotient(node: Quotient, known: Known) -> Fraction:
    below = _value(node.below, known)
    above = _value(node.above, known)
    if not below:
        raise Undefined
    return above / below


def _power(node: Power, known: Known) -> Fraction:
    return power(_value(node.base, known), _value(node.exponent, known))


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """Return a power that is rational.

    Raises:
        Undefined: If it is zero to a power that isn't positive.
        Unsupported: If it isn't rational, or longer than `limits.BITS`.
    """
    if not base:
        if exponent <= 0:
            raise Undefined
        return base
    if exponent.denominator > 1:
        base = _root(base, exponent.denominator)
    if abs(base) == 1:
        return base if exponent.numerator % 2 else Fraction(1)
    length = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(exponent.numerator) * length > BITS:
        raise Unsupported
    return base**exponent.numerator


def _root(base: Fraction, degree: int) -> Fraction:
    if base < 0:
        if degree % 2 == 0:
            raise Unsupported
        return -_root(-base, degree)
    return Fraction(_whole_root(base.numerator, degree), _whole_root(base.denominator, degree))


def _whole_root(value: int, degree: int) -> int:
    """Return the integer whose power `value` is, by Newton's method from above."""
    if degree > max(value.bit_length(), 2):
        if value == 1:
            return 1
        raise Unsupported
    root = math.isqrt(value) if degree == 2 else 1 << -(-value.bit_length() // degree)
    while root**degree > value:
        root = ((degree - 1) * root + value // root ** (degree - 1)) // degree
    if root**degree != value:
        raise Unsupported
    return root


def _bound(node: Bound, known: Known) -> Fraction:
    if node.kind not in ("sum", "product") or node.lower is None or node.upper is None:
        raise Unsupported
    total = Fraction(node.kind == "product")
    for k in steps(node, _value(node.lower, known), _value(node.upper, known)):
        term = _value(node.body, {**known, node.variable: Fraction(k)})
        total = _bounded(total + term if node.kind == "sum" else total * term)
    return total


def steps(node: Bound, lower: Fraction, upper: Fraction) -> range:
    """Return what the variable of a sum runs through.

    Raises:
        Unsupported: If the limits aren't integers, or too far apart.
    """
    first, last = whole(lower), whole(upper)
    nested = any(holds(child, Bound) for child in children(node))
    if first is None or last is None or last - first > (NESTED if nested else TERMS):
        raise Unsupported
    return range(first, last + 1)


def _call(node: Call, known: Known) -> Fraction:
    if node.name == "det" and len(node.arguments) == 1 and isinstance(node.arguments[0], Matrix):
        return _value(determinant(node.arguments[0]), known)
    if (function := _FUNCTIONS.get(node.name)) is None:
        raise Unsupported
    arguments = [_value(argument, known) for argument in node.arguments]
    if node.name in _ON_INTEGERS and any(x.denominator > 1 for x in arguments):
        raise Unsupported
    try:
        return _bounded(Fraction(function(*arguments)))
    except (TypeError, ValueError):  # another number of arguments, or outside of its domain
        raise Unsupported from None


def _sqrt(value: Fraction, degree: Fraction = Fraction(2)) -> Fraction:
    if degree.denominator > 1 or degree < 2:
        raise Unsupported
    return value if not value else _root(value, degree.numerator)


def _factorial(value: Fraction) -> int:
    if value > 6_000:
        raise Unsupported
    return math.factorial(value.numerator)


def _double_factorial(value: Fraction) -> int:
    if not -1 <= value <= 6_000:
        raise Unsupported
    return math.prod(range(value.numerator, 0, -2))


def _choices(count: Callable[[int, int], int]) -> Callable[[Fraction, Fraction], int]:
    def bounded(n: Fraction, k: Fraction) -> int:
        if min(k, n - k if count is math.comb else k) * n.numerator.bit_length() > BITS:
            raise Unsupported
        return count(n.numerator, k.numerator)

    return bounded


def _mod(value: Fraction, modulus: Fraction) -> Fraction:
    if not modulus:
        raise Undefined
    return value % modulus


def _zero_to(result: int, at: int) -> Callable[[Fraction], int]:
    def only(value: Fraction) -> int:
        if value != at:
            raise Unsupported
        return result

    return only


def _integers(function: Callable[..., int]) -> Callable[..., int]:
    return lambda *values: function(*(value.numerator for value in values))


_ON_INTEGERS = {"factorial", "double_factorial", "binomial", "permutation", "gcd", "lcm"}
_FUNCTIONS: Mapping[str, Callable[..., Fraction | int]] = {
    "sqrt": _sqrt,
    "abs": Fraction.__abs__,
    "floor": math.floor,
    "ceil": math.ceil,
    "factorial": _factorial,
    "double_factorial": _double_factorial,
    "binomial": _choices(math.comb),
    "permutation": _choices(math.perm),
    "gcd": _integers(math.gcd),
    "lcm": _integers(math.lcm),
    "max": max,
    "min": min,
    "mod": _mod,
    "exp": _zero_to(1, at=0),
    "ln": _zero_to(0, at=1),
    "sin": _zero_to(0, at=0),
    "cos": _zero_to(1, at=0),
    "tan": _zero_to(0, at=0),
}
_EVALUATE: Mapping[type, Callable[..., Fraction]] = {
    Number: _number,
    Symbol: _symbol,
    Negative: _negative,
    Sum: _sum,
    Product: _product,
    Quotient: _quotient,
    Power: _power,
    Bound: _bound,
    Call: _call,
}
