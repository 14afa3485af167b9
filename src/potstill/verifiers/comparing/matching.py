"""Findings about parts put together to one about the whole."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from potstill.verifiers.comparing.limits import ITEMS
from potstill.verifiers.expressions.nodes import Node, Number
from potstill.verifiers.finding import Finding, different, equal, undecided

Compare: TypeAlias = Callable[[Node, Node], Finding]
"""The comparison of two nodes of any kind, with its rules already given."""


def together(findings: Iterable[Finding], by: str) -> Finding:
    """Return that a whole is equal if all its parts are, and different if any part is."""
    doubt: Finding | None = None
    for finding in findings:
        if finding.outcome == "fail":
            return different(by)
        if finding.outcome == "undecided":
            doubt = doubt or undecided(finding.reason, by)
    return doubt or equal(by)


def in_order(expected: Sequence[Node], found: Sequence[Node], compare: Compare, by: str) -> Finding:
    """Compare two sequences item by item."""
    if len(expected) != len(found):
        return different(by)
    return together(map(compare, expected, found), by)


def any_order(
    expected: Sequence[Node], found: Sequence[Node], compare: Compare, by: str
) -> Finding:
    """Compare what two sequences hold: neither the order counts nor how often an item is there."""
    if {*expected} == {*found}:
        return equal(by)
    if all(isinstance(item, Number) for item in (*expected, *found)):
        ours, theirs = (
            {x.value for x in side if isinstance(x, Number)} for side in (expected, found)
        )
        if ours == theirs:
            return equal(by)
    if max(len(expected), len(found)) > ITEMS or len(expected) * len(found) > 20 * ITEMS:
        return undecided("too_large", by)
    rows = [[compare(one, other) for other in found] for one in expected]
    columns = [[row[place] for row in rows] for place in range(len(found))]
    return together(map(_best, [*rows, *columns]), by)


def _best(findings: Sequence[Finding]) -> Finding:
    """Return what is known of an item that has to equal any one of several."""
    order = ("pass", "undecided", "fail")
    nothing = Finding("fail", "different")
    return min(findings, key=lambda finding: order.index(finding.outcome), default=nothing)
