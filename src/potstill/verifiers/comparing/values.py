"""Numbers against numbers: exactly where they are rational, else to a hundred digits and more.

Two numbers that aren't both rational are different if they differ by more than the error of their
computation, and equal if they agree to 100 digits beyond their size. For algebraic numbers as they
stand in answers that is as good as a proof; for others it is agreement, which no rule can prove.
"""

from fractions import Fraction

from potstill.verifiers.comparing.exact import rational
from potstill.verifiers.comparing.limits import TooLarge, Unsupported
from potstill.verifiers.comparing.modular import PRIMES, residue
from potstill.verifiers.comparing.numeric import constant
from potstill.verifiers.comparing.precision import Value, approximate, context
from potstill.verifiers.comparing.rules import Rules
from potstill.verifiers.comparing.trees import holds
from potstill.verifiers.expressions.nodes import Bound, Node, Number, Power, Sum
from potstill.verifiers.finding import Finding, different, equal, undecided

_FINEST = 3_000
"""Most digits that a comparison asks for."""


def compare_numbers(expected: Number, found: Number, rules: Rules) -> Finding:
    """Compare two numbers as written.

    A reference in another base also passes an answer that repeats its digits and leaves the base
    out: 1011 for 1011 in base 2.
    """
    same = expected.value == found.value or _within(expected, found.value, rules)
    if not same and expected.base != 10 == found.base:
        same = _repeats(expected, found)
    if same:
        return equal("number")
    if found.base != 10 == expected.base and _repeats(found, expected):
        return undecided("not_proven", "number")  # the problem may name the base
    return different("number")


def compare_values(expected: Node, found: Node, rules: Rules) -> Finding:
    """Compare two scalars without variables."""
    try:
        one, other = rational(expected), rational(found)
        if one is None or other is None:
            return _by_digits(expected, found, rules)
        same = one == other or _within(expected, other, rules)
        return equal("number") if same else different("number")
    except TooLarge:
        return _by_residues(expected, found)
    except Unsupported:
        return undecided("not_proven", "number")


def _within(expected: Node, found: Fraction, rules: Rules) -> bool:
    """Return whether a rational number passes by one of the options."""
    value = rational(expected)
    if value is None:
        return False
    gap = abs(value - found)
    if rules.tolerance is not None and gap <= Fraction(rules.tolerance) * abs(value):
        return True
    places = expected.places if rules.rounding and isinstance(expected, Number) else None
    return places is not None and 2 * gap * 10**places <= 1


def _by_digits(expected: Node, found: Node, rules: Rules) -> Finding:
    rough = _Gap(expected, found, 30)
    if rough.infinite:
        return equal("number") if rough.same else different("number")
    if _lenient(expected, rough, rules):
        return equal("number")
    middle = _Gap(expected, found, 60)
    if middle.shown(rough):
        return different("number")
    digits = 150 + middle.size
    if digits > _FINEST and any(holds(x, (Sum, Bound)) for x in (expected, found)):
        return _by_residues(expected, found)
    fine = _Gap(expected, found, min(digits, _FINEST))
    if fine.agrees(middle):
        return equal("number")
    shown = fine.shown(_Gap(expected, found, fine.digits - 50))
    return different("number") if shown else undecided("not_proven", "number")


class _Gap:
    """How far two numbers lie apart, at some precision."""

    def __init__(self, one: Node, other: Node, digits: int) -> None:
        self.digits = digits
        self.values = self._value(one), self._value(other)
        mp = context(digits)
        self.infinite = any(map(mp.isinf, self.values))
        self.same = self.values[0] == self.values[1]
        self.gap = mp.mpf(0) if self.infinite else abs(self.values[0] - self.values[1])
        self.scale: Value = max(abs(value) for value in self.values)

    def _value(self, node: Node) -> Value:
        exact = rational(node)
        if exact is None:
            return constant(node, self.digits)
        return approximate(exact, context(self.digits))

    @property
    def size(self) -> int:
        """How many digits the larger one has before the point, or zeros behind it."""
        mp = context(self.digits)
        return abs(int(mp.mag(self.scale))) * 3 // 10 if self.scale else 0

    def shown(self, rougher: "_Gap") -> bool:
        """Return whether the gap is larger than what precision changed in the two numbers."""
        moved = sum(
            abs(here - there) for here, there in zip(self.values, rougher.values, strict=True)
        )
        return self.gap > 4 * moved and self.gap > self.scale * 10 ** -(self.digits - 10)

    def agrees(self, rougher: "_Gap") -> bool:
        """Return whether nothing is left of the gap that more precision wouldn't take away."""
        if self.gap <= self.scale * context(self.digits).mpf(10) ** (40 - self.digits):
            return True
        # Both are nothing but rounding: sin(pi) against 0.
        pairs = zip(self.values, rougher.values, strict=True)
        return all(abs(here) <= abs(there) * 10**-50 for here, there in pairs)


def _lenient(expected: Node, gap: _Gap, rules: Rules) -> bool:
    if rules.tolerance is not None and gap.gap <= rules.tolerance * abs(gap.values[0]):
        return True
    places = expected.places if rules.rounding and isinstance(expected, Number) else None
    return places is not None and 2 * gap.gap * 10**places <= 1


def _by_residues(expected: Node, found: Node) -> Finding:
    """Compare two integers or fractions too long to write out by what they leave modulo primes."""
    try:
        same = all(residue(expected, {}, p) == residue(found, {}, p) for p in PRIMES)
    except Unsupported:
        return _towers(expected, found)
    return equal("number") if same else different("number")


def _towers(expected: Node, found: Node) -> Finding:
    """Compare two powers of one base by their exponents."""
    match expected, found:
        case Power(Number(base), above), Power(Number(other), over) if base == other > 1:
            return compare_values(above, over, Rules())
        case _:
            return undecided("too_large", "number")


def _repeats(based: Number, bare: Number) -> bool:
    """Return whether a decimal number has the digits that another one has in its own base."""
    return _digits(based.value, based.base) == str(bare.value)


def _digits(value: Fraction, base: int) -> str:
    """Return an integer as it is written in a base up to 36; empty if it is none."""
    rest, digits = abs(value.numerator), ""
    if value.denominator != 1 or not 2 <= base <= 36:
        return ""
    while rest:
        rest, digit = divmod(rest, base)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return ("-" if value < 0 else "") + (digits or "0")
