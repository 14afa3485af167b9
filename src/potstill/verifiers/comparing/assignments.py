"""Several named values in one answer: `x = 1, y = 2`, against others and against points."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from potstill.verifiers.comparing.matching import Compare, any_order, in_order, together
from potstill.verifiers.comparing.relations import assigned, is_equation
from potstill.verifiers.expressions.nodes import Group, Items, Node, Relation, SetOf, Symbol
from potstill.verifiers.finding import Finding, different, undecided

_DOUBT = undecided("not_proven", "assignment")


class Named(NamedTuple):
    """Values by name, in the order as written; several rounds of the same names are points."""

    names: tuple[str, ...]
    rounds: tuple[tuple[Node, ...], ...]


def compare_assignments(expected: Node, found: Node, compare: Compare) -> Finding | None:
    """Compare two answers one of which at least names several values; None if neither does.

    A point has its coordinates in the order of the alphabet. `x_1 = 1, x_2 = 2` names nothing: it
    is the list 1, 2.
    """
    ours, theirs = named(expected), named(found)
    if ours and theirs:
        return _both(ours, theirs, compare)
    if isinstance(expected if ours else found, Relation):
        return None  # (x, y) = (1, 2) and a = b = 2 are what stands on the right
    if ours:
        return _with_values(ours, found, compare)
    if theirs:
        return _with_values(theirs, expected, lambda one, other: compare(other, one))
    if _is_system(expected) or _is_system(found):
        return _systems(expected, found, compare)
    return None


def named(node: Node) -> Named | None:
    """Return the values that `node` gives to two names or more."""
    match node:
        case Relation((*names, value), signs) if {*signs} == {"="} and len(names) > 1:
            pairs = [Relation((name, value), ("=",)) for name in names]
            return _of(pairs) if all(isinstance(n, Symbol) for n in names) else None
        case Relation((Group(names), Group(values)), ("=",)) if len(names) == len(values):
            both = zip(names, values, strict=True)
            return _of([Relation(pair, ("=",)) for pair in both])
        case SetOf((Items(items),)) | Group(items) | SetOf(items):
            return _of([*items])
        case Items(items):
            inside = [pair for item in items for pair in _flattened(item)]
            return _of(inside)
        case _:
            return None


def _flattened(item: Node) -> tuple[Node, ...]:
    """Return the equations of one solution among several."""
    if isinstance(item, Items | Group) and all(map(is_equation, item.items)):
        return item.items
    return (item,)


def _of(items: Sequence[Node]) -> Named | None:
    names: list[str] = []
    values: list[Node] = []
    for item in items:
        given = assigned(item)
        if given is None or not isinstance(given.name, Symbol):
            return None
        names.append(given.name.name)
        values.append(given.value)
    distinct = tuple(dict.fromkeys(names))
    size = len(distinct)
    bases = {name.split("_")[0] if name[-1].isdigit() else name for name in distinct}
    if size < 2 or len(bases) == 1 or tuple(names) != distinct * (len(names) // size):
        return None
    return Named(distinct, tuple(tuple(values[k : k + size]) for k in range(0, len(values), size)))


def _point(values: tuple[Node, ...]) -> Node:
    return Group(values, "(", ")")


def _sorted(given: Named) -> list[Node]:
    order = sorted(range(len(given.names)), key=lambda k: given.names[k])
    return [_point(tuple(values[k] for k in order)) for values in given.rounds]


def _both(ours: Named, theirs: Named, compare: Compare) -> Finding:
    if {*ours.names} == {*theirs.names}:
        return any_order(_sorted(ours), _sorted(theirs), compare, "assignment")
    if len(ours.rounds) == len(theirs.rounds) == 1:
        shared = _shared(ours, theirs, compare)
        if shared is not None and shared.outcome == "fail":
            return shared
        loosely = any_order(ours.rounds[0], theirs.rounds[0], compare, "assignment")
        return loosely if loosely.outcome == "fail" else _DOUBT
    return _DOUBT


def _shared(ours: Named, theirs: Named, compare: Compare) -> Finding | None:
    one: Mapping[str, Node] = dict(zip(ours.names, ours.rounds[0], strict=True))
    other: Mapping[str, Node] = dict(zip(theirs.names, theirs.rounds[0], strict=True))
    both = [name for name in one if name in other]
    return together([compare(one[n], other[n]) for n in both], "assignment") if both else None


def _with_values(given: Named, other: Node, compare: Compare) -> Finding:
    """Compare named values with a point, with several, or with values in a row."""
    points = _points(other, len(given.names))
    if points is not None:
        finding = any_order(_sorted(given), points, compare, "assignment")
        if finding.outcome != "fail" or tuple(sorted(given.names)) == given.names:
            return finding
        written = [_point(values) for values in given.rounds]
        as_written = any_order(written, points, compare, "assignment")
        return finding if as_written.outcome == "fail" else _DOUBT
    if isinstance(other, Items | SetOf) and len(given.rounds) == 1:
        return _in_a_row(given, other, compare)
    return _DOUBT if isinstance(other, Relation | Items | SetOf) else different("assignment")


def _points(node: Node, size: int) -> list[Node] | None:
    items = node.items if isinstance(node, Items | SetOf) else (node,)
    fits = all(isinstance(item, Group) and len(item.items) == size for item in items)
    return [*items] if items and fits else None


def _in_a_row(given: Named, other: Items | SetOf, compare: Compare) -> Finding:
    values = given.rounds[0]
    if any(map(is_equation, other.items)):
        return _DOUBT
    loosely = any_order(values, other.items, compare, "assignment")
    if loosely.outcome == "fail" or isinstance(other, SetOf):
        return loosely if loosely.outcome == "fail" else _DOUBT
    in_line = in_order(values, other.items, compare, "assignment")
    return in_line if in_line.outcome == "pass" else _DOUBT


def _is_system(node: Node) -> bool:
    """Return whether `node` has equations side by side that are still to be solved."""
    return isinstance(node, Items | SetOf) and any(
        is_equation(item) and assigned(item) is None for item in node.items
    )


def _systems(expected: Node, found: Node, compare: Compare) -> Finding:
    """Compare two systems of equations: equal if they have equal ones; else they may be, too."""
    if isinstance(expected, Items | SetOf) and isinstance(found, Items | SetOf):
        finding = any_order(expected.items, found.items, compare, "equation")
        return finding if finding.outcome == "pass" else _DOUBT
    return _DOUBT
