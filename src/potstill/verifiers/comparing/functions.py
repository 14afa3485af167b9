"""Piecewise expressions, compared piece by piece or from place to place."""

from collections.abc import Iterator
from fractions import Fraction

from potstill.verifiers.comparing.limits import Unsupported
from potstill.verifiers.comparing.matching import Compare, any_order, together
from potstill.verifiers.comparing.places import Place, between, finite, shifted, sorted_places
from potstill.verifiers.comparing.regions import Region
from potstill.verifiers.comparing.sets import region
from potstill.verifiers.comparing.trees import substitute, symbols
from potstill.verifiers.expressions.nodes import Cases, Group, Node, Number
from potstill.verifiers.finding import Finding, undecided

_WITHIN = (Fraction(1, 3), Fraction(1, 2), Fraction(7, 10))
"""Where between two edges pieces are compared."""
_DOUBT = undecided("not_proven", "cases")


def compare_cases(expected: Node, found: Node, compare: Compare) -> Finding | None:
    """Compare two answers one of which at least is piecewise; None if neither is.

    They are equal if all their pieces are, under equal conditions, or if their values are equal at
    every edge of a condition and at places between any two. Where just one side has a value at some
    place, nothing is certain.
    """
    if not (isinstance(expected, Cases) or isinstance(found, Cases)):
        return None
    ours, theirs = _cases(expected), _cases(found)
    if len(ours.pieces) == len(theirs.pieces) and _pieces(ours, theirs, compare):
        return Finding("pass", "equal", "cases")
    try:
        return together(_values(ours, theirs, compare), "cases")
    except Unsupported:
        return _DOUBT


def _cases(node: Node) -> Cases:
    return node if isinstance(node, Cases) else Cases(((node, None),))


def _pieces(ours: Cases, theirs: Cases, compare: Compare) -> bool:
    """Return whether each piece has one on the other side with its value and its condition."""

    def same(one: Node, other: Node) -> Finding:
        (a, b), (c, d) = (x.items for x in (one, other) if isinstance(x, Group))
        return together([compare(a, c), compare(b, d)], "cases")

    if any(condition is None for side in (ours, theirs) for _, condition in side.pieces[:-1]):
        return False
    lasts = ours.pieces[-1], theirs.pieces[-1]
    if any(condition is None for _, condition in lasts):
        return False
    pairs = [
        [Group((value, condition), "(", ")") for value, condition in side.pieces if condition]
        for side in (ours, theirs)
    ]
    return any_order(pairs[0], pairs[1], same, "cases").outcome == "pass"


def _values(ours: Cases, theirs: Cases, compare: Compare) -> Iterator[Finding]:
    """Yield what comes of both sides at each place; a difference counts where both are defined."""
    name = _variable(ours, theirs)
    one, other = _regions(ours), _regions(theirs)
    for at in _places([*one, *other]):
        here, there = _piece(ours, one, at), _piece(theirs, other, at)
        if here is None and there is None:
            continue
        if here is None or there is None:
            yield _DOUBT
        elif isinstance(at, Fraction):
            point = {name: Number(at)}
            yield compare(substitute(here, point), substitute(there, point))
        else:
            yield compare(here, there)


def _variable(ours: Cases, theirs: Cases) -> str:
    conditions = [c for side in (ours, theirs) for _, c in side.pieces if c is not None]
    names: frozenset[str] = frozenset[str]().union(*map(symbols, conditions))
    if len(names) != 1:
        raise Unsupported
    return min(names)


def _regions(cases: Cases) -> list[Region | None]:
    return [None if c is None else region(c, zero=True) for _, c in cases.pieces]


def _piece(cases: Cases, regions: list[Region | None], at: Place) -> Node | None:
    for (value, _), inside in zip(cases.pieces, regions, strict=True):
        if inside is None or inside.has(at):
            return value
    return None


def _places(regions: list[Region | None]) -> Iterator[Place]:
    known = [inside for inside in regions if inside is not None]
    if any(inside.whole for inside in known):
        raise Unsupported
    edges = sorted_places([edge for inside in known for edge in inside.edges if finite(edge)])
    if not edges:
        raise Unsupported
    yield from edges
    yield from (shifted(edges[0], -k) for k in (1, 2, 5))
    yield from (shifted(edges[-1], k) for k in (1, 2, 5))
    for low, high in zip(edges, edges[1:], strict=False):
        yield from _inside(low, high)


def _inside(low: Place, high: Place) -> Iterator[Place]:
    if isinstance(low, Fraction) and isinstance(high, Fraction):
        yield from (low + (high - low) * part for part in _WITHIN)
    else:
        yield between(low, high)
