"""mpmath's arithmetic at fixed precisions: the one place that knows of it.

mpmath is imported at the first call.
"""

from fractions import Fraction
from functools import cache
from importlib import import_module
from typing import Any, TypeAlias

Value: TypeAlias = Any
"""mpmath's mpf or mpc; mpmath has no types."""
Context: TypeAlias = Any
"""mpmath's arithmetic at one precision."""


@cache
def context(digits: int) -> Context:
    """Return arithmetic with as many decimal digits, and ten more against rounding."""
    made = import_module("mpmath.ctx_mp").MPContext()
    made.dps = digits + 10
    return made


def real(value: Value, digits: int) -> Value | None:
    """Return a value without an imaginary part that is nothing but rounding; None if it has one."""
    if not hasattr(value, "_mpc_"):
        return value
    if abs(value.imag) <= abs(value.real) * 10 ** -(digits - 10) or value.imag == 0:
        return value.real
    return None


def approximate(value: Fraction, scope: Context) -> Value:
    """Return a rational number as a value of some precision."""
    if value.denominator == 1:
        return scope.mpf(value.numerator)
    return scope.mpf(value.numerator) / value.denominator
