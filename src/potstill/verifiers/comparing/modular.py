"""Values modulo a prime: identities of rational functions, and integers too long to write out.

Two rational functions with rational coefficients that differ at one point modulo a prime are
different; that two different ones agree at a random point has the chance degree/p (Schwartz and
Zippel), which is below 10^-15 for a point and the primes here.
"""

from collections.abc import Mapping

from potstill.verifiers.comparing.exact import rational, whole
from potstill.verifiers.comparing.limits import Undefined, Unsupported
from potstill.verifiers.expressions.nodes import (
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
)

PRIMES = (2**61 - 1, 2**89 - 1, 2**107 - 1)


def residue(node: Node, known: Mapping[str, int], prime: int) -> int:
    """Return the value of a rational function at a point, modulo a prime.

    Raises:
        Undefined: If the point is a pole modulo the prime.
        Unsupported: If `node` isn't made of rational numbers, variables, the four operations and
            powers with integer exponents.
    """
    match node:
        case Number(value):
            return value.numerator * _inverse(value.denominator, prime) % prime
        case Symbol(name):
            if name not in known:
                raise Unsupported
            return known[name]
        case Sum(terms):
            return sum(residue(term, known, prime) for term in terms) % prime
        case Product(factors):
            total = 1
            for factor in factors:
                total = total * residue(factor, known, prime) % prime
            return total
        case Negative(of):
            return -residue(of, known, prime) % prime
        case Quotient(above, below):
            inverse = _inverse(residue(below, known, prime), prime)
            return residue(above, known, prime) * inverse % prime
        case Power(base, exponent):
            return _power(residue(base, known, prime), exponent, prime)
        case _:
            raise Unsupported


def _power(base: int, exponent: Node, prime: int) -> int:
    if (times := whole(rational(exponent))) is None:
        raise Unsupported
    if base == 0 and times <= 0:
        raise Undefined
    return pow(base, times, prime)


def _inverse(value: int, prime: int) -> int:
    if value == 1:
        return 1
    if value % prime == 0:
        raise Undefined
    return pow(value, -1, prime)
