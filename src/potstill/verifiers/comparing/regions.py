"""Sets of real numbers as rules: what belongs to them, and where that may change."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from potstill.verifiers.comparing.limits import TERMS, TooLarge, Unsupported
from potstill.verifiers.comparing.places import (
    Place,
    between,
    finite,
    floor,
    order,
    shifted,
    sorted_places,
)


class Region(NamedTuple):
    """A set of real numbers."""

    has: Callable[[Place], bool]
    edges: Sequence[Place]
    """Every place where membership may change."""
    variable: str | None = None
    """The variable that an inequality names."""
    whole: bool = False
    """Whether it asks for integers anywhere."""


def tests(regions: Sequence[Region]) -> list[Place]:
    """Return places that show all there is to know about sets: edges, and one between any two."""
    edges = [edge for each in regions for edge in each.edges if finite(edge)]
    if any(each.whole for each in regions):
        edges += _integers(edges)
    edges = sorted_places(edges) or [Fraction(0)]
    middles = [between(a, b) for a, b in zip(edges, edges[1:], strict=False)]
    return [shifted(edges[0], -1), *edges, *middles, shifted(edges[-1], 1)]


def _integers(edges: Sequence[Place]) -> list[Place]:
    if not edges:
        return [Fraction(k) for k in (-1, 0, 1)]
    inner = sorted_places(edges)
    low, high = floor(inner[0]), floor(inner[-1])
    if high - low > TERMS:
        raise TooLarge
    return [Fraction(k) for k in range(low - 1, high + 3)]


def interval(low: Place, high: Place, from_low: bool, to_high: bool) -> Region:
    """Return an interval, with or without its ends.

    Raises:
        Unsupported: If its ends are the wrong way round: it may be a point of the plane.
    """
    if order(low, high) > 0:
        raise Unsupported

    def has(at: Place) -> bool:
        above, below = order(at, low), order(at, high)
        return (above > 0 or (from_low and above == 0)) and (below < 0 or (to_high and below == 0))

    return Region(has, [low, high])


def single(at: Place) -> Region:
    """Return the set of one number."""

    def has(other: Place) -> bool:
        return order(other, at) == 0

    return Region(has, [at])


def union(sets: Sequence[Region]) -> Region:
    """Return what belongs to any of some sets."""
    return joined(lambda at: any(one.has(at) for one in sets), sets)


def intersection(sets: Sequence[Region]) -> Region:
    """Return what belongs to all of some sets."""
    return joined(lambda at: all(one.has(at) for one in sets), sets)


def joined(has: Callable[[Place], bool], sets: Sequence[Region]) -> Region:
    """Return the set of a rule that asks for nothing but membership in some sets.

    Raises:
        Unsupported: If they are conditions on different variables.
    """
    names = {one.variable for one in sets} - {None}
    if len(names) > 1:
        raise Unsupported
    edges = [edge for one in sets for edge in one.edges]
    return Region(has, edges, next(iter(names), None), any(one.whole for one in sets))
