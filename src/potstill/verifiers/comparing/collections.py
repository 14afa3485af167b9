"""Tuples, lists, sets of single values, ratios."""

from fractions import Fraction

from potstill.verifiers.comparing.matching import Compare, any_order, in_order, together
from potstill.verifiers.comparing.relations import assigned
from potstill.verifiers.expressions.nodes import (
    Group,
    Items,
    Node,
    Number,
    Product,
    Quotient,
    Ratio,
    SetOf,
    Symbol,
    Words,
)
from potstill.verifiers.finding import Finding, different, equal, undecided

_ZERO, _ONE = Number(Fraction(0)), Number(Fraction(1))


def compare_collections(expected: Node, found: Node, compare: Compare) -> Finding | None:
    """Compare two answers one of which at least holds several; None if neither does.

    Items without brackets, and sets, are equal in any order; points, and items where the other is a
    point, in the same order only.
    """
    match expected, found:
        case Group(), Group():
            return _groups(expected, found, compare)
        case (Items() | SetOf(), Items() | SetOf()):
            finding = _any_order(expected.items, found.items, compare)
            return _in_rows(expected, found, finding, compare)
        case Group(), Items():
            return _group_and_items(expected, found, expected, found, compare)
        case (Group(), SetOf()) | (SetOf(), Group()):
            return _point_and_set(expected, found, compare)
        case Items(), Group():
            return _group_and_items(expected, found, found, expected, compare)
        case (Items() | SetOf(), _):
            return _with_one(expected.items, found, compare)
        case (_, Items() | SetOf()):
            return _with_one(found.items, expected, lambda one, other: compare(other, one))
        case _:
            return None


def compare_ratios(expected: Node, found: Node, compare: Compare) -> Finding | None:
    """Compare two ratios up to a factor, or one of two parts with a number; None without one."""
    ours, theirs = _parts(expected), _parts(found)
    if not isinstance(expected, Ratio) and not isinstance(found, Ratio):
        return None
    if len(ours) != len(theirs):
        return different("ratio")
    if _ZERO in (*ours, *theirs):  # no ratio, but perhaps a time
        return equal("ratio") if ours == theirs else undecided("not_proven", "ratio")
    products = zip(ours[1:], theirs[1:], strict=True)
    return together(
        (compare(Product((a, theirs[0])), Product((b, ours[0]))) for a, b in products), "ratio"
    )


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Ratio(parts):
            return parts
        case Quotient(above, below):
            return (above, below)
        case _:
            return (node, _ONE)


def _any_order(expected: tuple[Node, ...], found: tuple[Node, ...], compare: Compare) -> Finding:
    if not expected or not found:
        return equal("set") if expected == found else different("set")
    return any_order(_unnamed(expected), _unnamed(found), compare, "set")


def _in_rows(expected: Node, found: Node, finding: Finding, compare: Compare) -> Finding:
    """Return a finding, but for what may be in the wrong order: several answers, or names."""
    match expected, found:
        case Items(ours, _, rows), Items(theirs) if finding.outcome == "pass":
            if not rows and not all(isinstance(item, Words) for item in ours):
                return finding
            named = any(assigned(item) for item in ours)
            ordered = in_order(ours, theirs, compare, "set").outcome == "pass"
            return finding if ordered or named else undecided("not_proven", "set")
        case _:
            return finding


def _unnamed(items: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return the values of `x_1 = 1, x_2 = 2` and of `x = 1, x = 2`, which are several of one x."""
    given = [assigned(item) for item in items]
    names = {
        part.name.name.split("_")[0] if part and isinstance(part.name, Symbol) else None
        for part in given
    }
    if len(names) != 1 or None in names:
        return items
    return tuple(part.value for part in given if part)


def _groups(expected: Group, found: Group, compare: Compare) -> Finding:
    """Compare two points, or two intervals, of which the brackets count."""
    finding = in_order(expected.items, found.items, compare, "point")
    brackets = {(side.opening, side.closing) for side in (expected, found)}
    if finding.outcome != "pass" or len(brackets) == 1 or len(expected.items) != 2:
        return finding
    return finding if {"<", ">"} & {*sum(brackets, ())} else different("interval")


def _group_and_items(
    expected: Node, found: Node, group: Group, items: Items, compare: Compare
) -> Finding:
    """Compare a point with items that have no brackets: `1, 2` is the point (1, 2)."""
    if any(isinstance(item, Group) for item in items.items):
        return _with_one(items.items, group, compare)
    first, second = (x.items for x in (expected, found) if isinstance(x, Group | Items))
    finding = in_order(first, second, compare, "point")
    if finding.outcome == "pass":
        interval = group.opening != "(" and len(first) == 2  # it may well be one
        return undecided("not_proven", "point") if interval else finding
    loosely = any_order(first, second, compare, "point")
    return loosely if loosely.outcome == "fail" else undecided("not_proven", "point")


def _point_and_set(expected: Node, found: Node, compare: Compare) -> Finding:
    """Compare (1, 2) with {(1, 2)}, which is the point, and with {1, 2}, which may be meant."""
    first, second = (
        x.items if isinstance(x, SetOf) and any(isinstance(i, Group) for i in x.items) else (x,)
        for x in (expected, found)
    )
    if (expected,) != first or (found,) != second:
        return any_order(first, second, compare, "set")
    ours, theirs = (x.items for x in (expected, found) if isinstance(x, SetOf | Group))
    loosely = any_order(ours, theirs, compare, "set")
    if loosely.outcome == "fail" or in_order(ours, theirs, compare, "set").outcome == "fail":
        return different("set")
    return undecided("not_proven", "set")


def _with_one(items: tuple[Node, ...], other: Node, compare: Compare) -> Finding:
    """Compare several items with an answer that is one: they have to be one, given repeatedly."""
    if not items:
        return different("set")
    return together((compare(item, other) for item in items), "set")
