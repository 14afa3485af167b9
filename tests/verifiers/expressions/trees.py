"""Short names for the trees that tests expect."""

from fractions import Fraction

from potstill.verifiers.expressions.nodes import (
    Call,
    Constant,
    Group,
    Items,
    NamedSet,
    Node,
    Number,
    Product,
    Quotient,
    Relation,
    SetOf,
    Sum,
    Symbol,
)
from potstill.verifiers.expressions.parse import read

SEP = "   "
"""Between texts that say the same."""


def num(value, places=None, base=10) -> Number:
    return Number(Fraction(value), places, base)


x, y, a, b, c, n, k = map(Symbol, "xyabcnk")
PI, E, IMAGINARY, INFINITY = map(Constant, ("pi", "e", "i", "infinity"))
REALS, INTEGERS = NamedSet("R"), NamedSet("Z")
EMPTY = SetOf(())
HALF = Quotient(num(1), num(2))


def call(name: str, *arguments: Node) -> Call:
    return Call(name, arguments)


def product(*factors: Node) -> Product:
    return Product(factors)


def total(*terms: Node) -> Sum:
    return Sum(terms)


def half(of: Node) -> Quotient:
    return Quotient(of, num(2))


def root(of: int) -> Call:
    return call("sqrt", num(of))


def equal(left: Node, right: Node) -> Relation:
    return Relation((left, right), ("=",))


def both(*items: Node) -> Items:
    return Items(items, ",")


def with_and(*items: Node) -> Items:
    return Items(items, "and")


def either(*items: Node) -> Items:
    return Items(items, "or")


def interval(brackets: str, *ends: Node) -> Group:
    opening, closing = brackets
    return Group(ends, opening, closing)


def read_as(text: str) -> Node | None:
    """Return the likeliest reading."""
    readings = read(text)
    return readings[0] if readings else None
