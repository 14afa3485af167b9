"""Vectors as sums of unit vectors: `2i + 3j - k` is the vector of 2, 3 and -1."""

from collections.abc import Iterator
from fractions import Fraction

from potstill.verifiers.expressions.nodes import (
    Group,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
)

_UNITS = ("i", "j", "k")
_ONE, _ZERO = Number(Fraction(1)), Number(Fraction(0))


def as_vectors(node: Node) -> tuple[Node, ...]:
    """Return a sum of the unit vectors i, j and k as vectors, of two dimensions and of three.

    Where k is among them there are only three. It may be the right side of an equation.
    """
    if isinstance(node, Relation) and node.signs == ("=",):
        rights = as_vectors(node.sides[1])
        return tuple(Relation((node.sides[0], right), node.signs) for right in rights)
    parts: dict[str, Node] = {}
    for part in _parts(node):
        if part is None or part[0] in parts:
            return ()
        parts[part[0]] = part[1]
    if len(parts) < 2:
        return ()
    items = tuple(parts.get(unit, _ZERO) for unit in _UNITS)
    three = Group(items, "<", ">")
    return (three,) if "k" in parts else (Group(items[:2], "<", ">"), three)


def _parts(node: Node) -> Iterator[tuple[str, Node] | None]:
    """Yield the unit vector of each term with its coefficient, or None for a term without one."""
    for term in node.terms if isinstance(node, Sum) else (node,):
        part = _part(term.of if isinstance(term, Negative) else term)
        yield (part[0], Negative(part[1])) if part and isinstance(term, Negative) else part


def _part(term: Node) -> tuple[str, Node] | None:
    if isinstance(term, Symbol):
        return (term.name, _ONE) if term.name in _UNITS else None
    if isinstance(term, Quotient):
        part = _part(term.above)
        return (part[0], Quotient(part[1], term.below)) if part else None
    if not isinstance(term, Product):
        return None
    *factors, last = term.factors
    if not isinstance(last, Symbol) or last.name not in _UNITS:
        return None
    return last.name, factors[0] if len(factors) == 1 else Product(tuple(factors))
