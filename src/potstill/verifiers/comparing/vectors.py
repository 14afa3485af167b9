"""Vectors and matrices: written with brackets, as a column or row, or in unit vectors."""

from collections.abc import Callable
from fractions import Fraction
from itertools import chain

from potstill.verifiers.comparing.limits import ITEMS
from potstill.verifiers.comparing.matching import Compare, in_order
from potstill.verifiers.comparing.trees import holds
from potstill.verifiers.expressions.nodes import (
    Constant,
    Group,
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
from potstill.verifiers.finding import Finding, different, undecided

_UNITS: tuple[frozenset[Node], ...] = (
    frozenset({Constant("i"), Symbol("i"), Symbol("hat_i")}),
    frozenset({Symbol("j"), Symbol("hat_j")}),
    frozenset({Symbol("k"), Symbol("hat_k")}),
)
_FACTORS = 4
"""Most matrices that are multiplied."""
_ZERO, _ONE = Number(Fraction(0)), Number(Fraction(1))


def compare_vectors(expected: Node, found: Node, compare: Compare) -> Finding | None:
    """Compare two answers one of which at least is a vector or matrix; None if neither is."""
    ours, theirs = worked_out(expected), worked_out(found)
    if ours is not expected or theirs is not found:
        return compare(ours, theirs)
    match ours, theirs:
        case Matrix(), Matrix():
            return _matrices(ours, theirs, compare)
        case (Matrix(), Group()) | (Group(), Matrix()):
            return _entries(_flat(ours), _flat(theirs), compare)
        case (Matrix() | Group(), _) if len(_flat(ours)) in (2, 3):
            return _in_units(ours, theirs, compare)
        case (_, Matrix() | Group()) if len(_flat(theirs)) in (2, 3):
            return _in_units(theirs, ours, lambda one, other: compare(other, one))
        case _:
            return None


def worked_out(node: Node) -> Node:
    """Return `node` with sums and multiples of vectors or matrices carried out.

    A node without any is returned as it is, and so is one of which nothing can be carried out.
    """
    if not isinstance(node, Sum | Product | Quotient | Negative):
        return node
    if not holds(node, (Matrix, Group)):
        return node
    match node:
        case Negative(of):
            return _mapped(node, worked_out(of), Negative)
        case Quotient(above, below):
            return _mapped(node, worked_out(above), lambda cell: Quotient(cell, below))
        case Product(factors):
            return _multiple(node, factors)
        case Sum(terms):
            return _total(node, [worked_out(term) for term in terms])


def _mapped(node: Node, inside: Node, change: Callable[[Node], Node]) -> Node:
    match inside:
        case Matrix(rows):
            return Matrix(tuple(tuple(map(change, row)) for row in rows))
        case Group(items):
            return Group(tuple(map(change, items)), inside.opening, inside.closing)
        case _:
            return node


def _multiple(node: Node, factors: tuple[Node, ...]) -> Node:
    if all(isinstance(factor, Matrix) for factor in factors):
        return _matrix_product(node, [factor for factor in factors if isinstance(factor, Matrix)])
    places = [k for k, factor in enumerate(factors) if holds(factor, (Matrix, Group))]
    if len(places) != 1:
        return node
    (place,) = places
    others = (*factors[:place], *factors[place + 1 :])
    return _mapped(node, worked_out(factors[place]), lambda cell: Product((*others, cell)))


def _matrix_product(node: Node, factors: list[Matrix]) -> Node:
    if len(factors) > _FACTORS:
        return node
    product = factors[0].rows
    for factor in factors[1:]:
        columns = [*zip(*factor.rows, strict=True)]
        if len(product[0]) != len(factor.rows) or len(product) * len(columns) > ITEMS:
            return node
        product = tuple(
            tuple(Sum(tuple(map(_times, row, column))) for column in columns) for row in product
        )
    return Matrix(product)


def _times(one: Node, other: Node) -> Node:
    return Product((one, other))


def _total(node: Node, terms: list[Node]) -> Node:
    if not all(isinstance(term, Matrix | Group) for term in terms):
        return node
    shapes = {_shape(term) for term in terms}
    if len(shapes) != 1:
        return node
    columns = iter([Sum(cells) for cells in zip(*map(_flat, terms), strict=True)])
    return _mapped(node, terms[0], lambda _: next(columns))


def _shape(node: Node) -> tuple[int, ...]:
    if isinstance(node, Matrix):
        return (len(node.rows), len(node.rows[0]))
    return (len(_flat(node)),)


def _flat(node: Node) -> tuple[Node, ...]:
    match node:
        case Matrix(rows):
            return tuple(chain.from_iterable(rows))
        case Group(items):
            return items
        case _:
            return (node,)


def _entries(expected: tuple[Node, ...], found: tuple[Node, ...], compare: Compare) -> Finding:
    return in_order(expected, found, compare, "vector")


def _matrices(expected: Matrix, found: Matrix, compare: Compare) -> Finding:
    if _shape(expected) == _shape(found):
        return in_order(_flat(expected), _flat(found), compare, "matrix")
    finding = _entries(_flat(expected), _flat(found), compare)
    is_vector = 1 in _shape(expected) and 1 in _shape(found)
    if finding.outcome != "fail" and is_vector:  # a row and a column
        return undecided("not_proven", "vector")
    return different("matrix")


def _in_units(vector: Node, other: Node, compare: Compare) -> Finding | None:
    """Compare (2, 3) with `2i + 3j`."""
    cells = _flat(vector)
    if (parts := _components(other)) is None or any(parts[len(cells) :]):
        return None
    found = [Sum((_ZERO, *part)) for part in parts[: len(cells)]]
    return in_order(cells, found, compare, "vector")


def _components(node: Node) -> list[list[Node]] | None:
    """Return the terms of a sum by their unit vectors; None if any term has none."""
    if node in (_ZERO,) or isinstance(node, Power):
        return None
    parts: list[list[Node]] = [[], [], []]
    for term in node.terms if isinstance(node, Sum) else (node,):
        if (component := _component(term)) is None:
            return None
        axis, size = component
        parts[axis].append(size)
    return parts


def _component(term: Node) -> tuple[int, Node] | None:
    if isinstance(term, Negative):
        inside = _component(term.of)
        return (inside[0], Negative(inside[1])) if inside else None
    factors = term.factors if isinstance(term, Product) else (term,)
    for axis, names in enumerate(_UNITS):
        if factors[-1] in names:
            return axis, Product((_ONE, *factors[:-1]))
    return None
