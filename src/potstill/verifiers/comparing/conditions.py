"""Expressions with the condition under which they hold: `f(x) = 2x, x > 0`."""

from typing import NamedTuple

from potstill.verifiers.comparing.matching import Compare, any_order, together
from potstill.verifiers.comparing.relations import assigned, is_equation
from potstill.verifiers.comparing.trees import is_scalar, symbols
from potstill.verifiers.expressions.nodes import Items, Node, Relation, Symbol
from potstill.verifiers.finding import Finding, undecided

_DOUBT = undecided("not_proven", "condition")


class _Restricted(NamedTuple):
    main: tuple[Node, ...]
    conditions: tuple[Node, ...]


def compare_restricted(expected: Node, found: Node, compare: Compare) -> Finding | None:
    """Compare two answers one of which at least comes with a condition; None if neither does.

    A condition that only one of them states may matter or not, so that nothing is proven.
    """
    ours, theirs = _restricted(expected), _restricted(found)
    if ours is None and theirs is None:
        return None
    one, other = (
        restricted or _Restricted((node,), ())
        for restricted, node in ((ours, expected), (theirs, found))
    )
    finding = any_order(one.main, other.main, compare, "condition")
    if finding.outcome != "pass":
        return finding
    if not one.conditions or not other.conditions:
        return _DOUBT
    sides = (Items(side.conditions, "and") for side in (one, other))
    return together([compare(*sides)], "condition")


def _restricted(node: Node) -> _Restricted | None:
    """Return what holds, and on which condition: that is about a variable in it."""
    if not isinstance(node, Items) or node.joined == "or":
        return None
    conditions = tuple(item for item in node.items if _is_condition(item))
    main = tuple(item for item in node.items if not _is_condition(item))
    if not conditions or not main or not all(is_scalar(x) or is_equation(x) for x in main):
        return None
    about = frozenset[str]().union(*map(symbols, conditions))
    inside = frozenset[str]().union(*map(_variables, main))
    return _Restricted(main, conditions) if about <= inside else None


def _is_condition(node: Node) -> bool:
    return isinstance(node, Relation) and not is_equation(node)


def _variables(node: Node) -> frozenset[str]:
    """Return the variables of an expression, without the one whose value an equation gives."""
    given = assigned(node)
    if given and isinstance(given.name, Symbol):
        return symbols(given.value)
    return symbols(node)
