"""Approximate values of scalars, to as many digits as are asked for.

Of an even root of a negative number, and of its powers with
irrational exponents, the value is the principal one, a complex number; an odd root of a negative
number is the real one, as it is taught at school.
"""

import random
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from potstill.verifiers.comparing.elementary import FUNCTIONS, exp, integer, power, root
from potstill.verifiers.comparing.exact import determinant, rational, steps
from potstill.verifiers.comparing.limits import Undefined, Unsupported
from potstill.verifiers.comparing.precision import Context, Value, approximate, context
from potstill.verifiers.comparing.trees import symbols
from potstill.verifiers.expressions.nodes import (
    Bound,
    Call,
    Constant,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quantity,
    Quotient,
    Sum,
    Symbol,
)


class Scope(NamedTuple):
    """Where an expression is evaluated."""

    context: Context
    """The precision."""
    known: Mapping[str, Value]
    """The variables' values."""


@lru_cache(maxsize=1024)
def constant(node: Node, digits: int) -> Value:
    """Return the value of a scalar without variables; see `evaluate` for what it raises."""
    return evaluate(node, Scope(context(digits), {}))


def evaluate(node: Node, scope: Scope) -> Value:
    """Return the value of a scalar.

    Raises:
        Undefined: If it has none.
        TooLarge: If it has more digits than anybody can count.
        Unsupported: If it isn't a scalar, or has a variable whose value isn't known.
    """
    if (function := _EVALUATE.get(type(node))) is None:
        raise Unsupported
    value = function(node, scope)
    if scope.context.isnan(value):
        raise Undefined
    return value


def _number(node: Number, scope: Scope) -> Value:
    return approximate(node.value, scope.context)


def _constant(node: Constant, scope: Scope) -> Value:
    match node.name:
        case "pi":
            return +scope.context.pi
        case "e":
            return +scope.context.e
        case "i":
            return scope.context.mpc(0, 1)
        case _:
            return scope.context.inf


def _symbol(node: Symbol, scope: Scope) -> Value:
    if node.name not in scope.known:
        raise Unsupported
    return scope.known[node.name]


def _sum(node: Sum, scope: Scope) -> Value:
    return scope.context.fsum(evaluate(term, scope) for term in node.terms)


def _product(node: Product, scope: Scope) -> Value:
    return scope.context.fprod(evaluate(factor, scope) for factor in node.factors)


def _negative(node: Negative, scope: Scope) -> Value:
    return -evaluate(node.of, scope)


def _quotient(node: Quotient, scope: Scope) -> Value:
    below = evaluate(node.below, scope)
    if not below:
        raise Undefined
    return evaluate(node.above, scope) / below


def _power(node: Power, scope: Scope) -> Value:
    if node.base == Constant("e"):
        return exp(scope.context, evaluate(node.exponent, scope))
    base = evaluate(node.base, scope)
    exact = None if symbols(node.exponent) else rational(node.exponent)
    if exact is None:
        return power(scope.context, base, evaluate(node.exponent, scope))
    if exact.denominator > 1:
        base, exact = root(scope.context, base, exact.denominator), Fraction(exact.numerator)
    return power(scope.context, base, exact.numerator)


def _quantity(node: Quantity, scope: Scope) -> Value:
    """Return the value of an angle in degrees in radians, and of a percentage as a share."""
    value = evaluate(node.value, scope)
    scaled = value * approximate(node.unit.factor, scope.context)
    match node.unit.dimension:
        case "degree":
            return scaled * scope.context.pi / 180
        case "radian" | "1":
            return scaled
        case _:
            raise Unsupported


def _bound(node: Bound, scope: Scope) -> Value:
    if node.kind not in ("sum", "product") or node.lower is None or node.upper is None:
        raise Unsupported
    first, last = (integer(evaluate(limit, scope)) for limit in (node.lower, node.upper))
    terms = (
        evaluate(node.body, Scope(scope.context, {**scope.known, node.variable: k}))
        for k in map(scope.context.mpf, steps(node, Fraction(first), Fraction(last)))
    )
    return scope.context.fsum(terms) if node.kind == "sum" else scope.context.fprod(terms)


def _call(node: Call, scope: Scope) -> Value:
    if node.name == "det" and len(node.arguments) == 1 and isinstance(node.arguments[0], Matrix):
        return evaluate(determinant(node.arguments[0]), scope)
    arguments = [evaluate(argument, scope) for argument in node.arguments]
    if (function := FUNCTIONS.get(node.name)) is None:
        return _unknown(node, scope)
    try:
        return function(scope.context, *arguments)
    except (ZeroDivisionError, ValueError):  # a pole
        raise Undefined from None
    except TypeError:  # another number of arguments
        raise Unsupported from None


def _unknown(node: Call, scope: Scope) -> Value:
    """Return some number for the value of a function that only the problem knows."""
    points = ",".join(f"{name}={float(value)}" for name, value in sorted(scope.known.items()))
    return scope.context.mpf(random.Random(f"{node} {points}").random()) + 0.5


_EVALUATE: Mapping[type, Callable[..., Value]] = {
    Number: _number,
    Constant: _constant,
    Symbol: _symbol,
    Sum: _sum,
    Product: _product,
    Negative: _negative,
    Quotient: _quotient,
    Power: _power,
    Quantity: _quantity,
    Bound: _bound,
    Call: _call,
}
