"""Functions of numbers, by mpmath: powers, roots, and those that have a name."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from potstill.verifiers.comparing.exact import rational
from potstill.verifiers.comparing.limits import TooLarge, Undefined, Unsupported
from potstill.verifiers.comparing.precision import Context, Value, approximate
from potstill.verifiers.expressions.nodes import Call, Number

_LARGEST = 10**9
"""Most digits before the point of a number that is computed, in digits of that number."""


_LONGEST = 10_000
"""Most bits before the point of an angle, all of which count."""


def power(mp: Context, base: Value, exponent: Value) -> Value:
    """Return the principal value of a power.

    Raises:
        Undefined: If it is zero to a power that isn't positive.
        TooLarge: If its digits are more than anybody can count.
    """
    if not base:
        if mp.re(exponent) > 0:
            return base
        raise Undefined
    if abs(exponent) * (1 + abs(mp.mag(base))) > _LARGEST:
        raise TooLarge
    if isinstance(exponent, int) and not mp.isinf(base):
        return base**exponent
    return mp.power(base, exponent)


def root(mp: Context, value: Value, degree: int) -> Value:
    """Return the principal root of a number, or the real one of a negative number's odd roots."""
    if degree > 1_000:
        raise Unsupported
    negative = degree % 2 == 1 and not hasattr(value, "_mpc_") and value < 0
    return -mp.root(-value, degree) if negative else mp.root(value, degree)


def integer(value: Value) -> int:
    """Return a number that is an integer as such.

    Raises:
        Unsupported: If it is none.
    """
    if hasattr(value, "_mpc_") or not abs(value) < _LARGEST or value != int(value):
        raise Unsupported
    return int(value)


def exp(mp: Context, value: Value) -> Value:
    """Return e to some power.

    Raises:
        TooLarge: If its digits are more than anybody can count.
    """
    if abs(value) > _LARGEST and value != -mp.inf:
        if value == mp.inf:
            return value
        raise TooLarge
    return mp.exp(value)


def _abs(mp: Context, value: Value) -> Value:
    return abs(value)


def _log(mp: Context, value: Value, base: Value = 10) -> Value:
    return _ln(mp, value) / _ln(mp, mp.mpf(base))


def _ln(mp: Context, value: Value) -> Value:
    if not value:
        raise Undefined
    return mp.ln(value)


def _sqrt(mp: Context, value: Value, degree: Value = 2) -> Value:
    return root(mp, value, integer(degree))


def _factorial(mp: Context, value: Value) -> Value:
    if abs(value) > _LARGEST:
        raise TooLarge
    return mp.factorial(value)


def _double_factorial(mp: Context, value: Value) -> Value:
    if abs(value) > _LARGEST:
        raise TooLarge
    return mp.fac2(value)


def _binomial(mp: Context, n: Value, k: Value) -> Value:
    if max(abs(n), abs(k)) > _LARGEST:
        raise TooLarge
    return mp.binomial(n, k)


def _permutation(mp: Context, n: Value, k: Value) -> Value:
    return _factorial(mp, n) / _factorial(mp, n - k)


def _floor(mp: Context, value: Value) -> Value:
    """Round down, but up where only rounding keeps the value from the next integer."""
    nearest = mp.nint(value)
    if abs(value - nearest) < abs(mp.eps * 2**20 * (1 + abs(value))):
        return nearest
    return mp.floor(value)


def _ceil(mp: Context, value: Value) -> Value:
    return -_floor(mp, -value)


def _mod(mp: Context, value: Value, modulus: Value) -> Value:
    if not modulus:
        raise Undefined
    return value - modulus * _floor(mp, value / modulus)


def _integers(name: str) -> Callable[..., Value]:
    def on_integers(mp: Context, *values: Value) -> Value:
        integers = (Number(Fraction(integer(value))) for value in values)
        exact = rational(Call(name, tuple(integers)))
        if exact is None:
            raise Unsupported
        return approximate(exact, mp)

    return on_integers


def _plain(name: str) -> Callable[..., Value]:
    def by_name(mp: Context, value: Value) -> Value:
        if mp.mag(value) > _LONGEST:
            raise TooLarge
        return getattr(mp, name)(value)

    return by_name


def _extreme(choose: Callable[[list[Value]], Value]) -> Callable[..., Value]:
    def of_reals(mp: Context, *values: Value) -> Value:
        return choose([*values])

    return of_reals


_CIRCULAR = ("sin", "cos", "tan", "cot", "sec", "csc")
_OF_COMPLEX = ("re", "im", "conj", "arg")
FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    **{name: _plain(name) for name in (*_CIRCULAR, *_OF_COMPLEX)},
    **{f"{name}h": _plain(f"{name}h") for name in _CIRCULAR},
    **{f"arc{name}": _plain(f"a{name}") for name in _CIRCULAR},
    **{f"ar{name}h": _plain(f"a{name}h") for name in _CIRCULAR},
    "abs": _abs,
    "exp": exp,
    "ln": _ln,
    "log": _log,
    "sqrt": _sqrt,
    "floor": _floor,
    "ceil": _ceil,
    "factorial": _factorial,
    "double_factorial": _double_factorial,
    "binomial": _binomial,
    "permutation": _permutation,
    "gcd": _integers("gcd"),
    "lcm": _integers("lcm"),
    "max": _extreme(max),
    "min": _extreme(min),
    "mod": _mod,
}
