"""Orders of the same things: b < a < c is c > a > b."""

from potstill.verifiers.comparing.matching import Compare, in_order
from potstill.verifiers.expressions.nodes import Node, Relation
from potstill.verifiers.finding import Finding, different


def compare_orders(expected: Node, found: Node, compare: Compare) -> Finding | None:
    """Compare two chains of three things or more; None if either is anything else."""
    ours, theirs = _ascending(expected), _ascending(found)
    if ours is None or theirs is None or len(ours) != len(theirs):
        return None
    finding = in_order(ours, theirs, compare, "order")
    if finding.outcome == "pass":
        return finding
    return different("order") if {*ours} == {*theirs} else None


def _ascending(node: Node) -> tuple[Node, ...] | None:
    if not isinstance(node, Relation) or len(node.sides) < 3:
        return None
    if {*node.signs} == {"<"}:
        return node.sides
    return node.sides[::-1] if {*node.signs} == {">"} else None
