"""Intervals and inequalities whose ends are expressions with variables."""

from potstill.verifiers.comparing.algebra import is_complex
from potstill.verifiers.comparing.limits import Unsupported
from potstill.verifiers.comparing.matching import Compare, any_order, in_order
from potstill.verifiers.comparing.proportions import compare_inequalities
from potstill.verifiers.comparing.trees import is_scalar
from potstill.verifiers.expressions.nodes import (
    Constant,
    Group,
    Matrix,
    Negative,
    Node,
    Relation,
    SetOperation,
    Symbol,
)
from potstill.verifiers.finding import Finding, different, undecided


def compare_symbolic(expected: Node, found: Node, compare: Compare) -> Finding:
    """Compare intervals and inequalities whose ends are expressions with variables."""
    match expected, found:
        case Group(), Group() if len(expected.items) == len(found.items) == 2:
            if (expected.opening, expected.closing) != (found.opening, found.closing):
                return different("interval")
            return in_order(expected.items, found.items, compare, "interval")
        case Relation((_, inside), ("in",)), Relation((_, other), ("in",)):
            finding = compare(inside, other)
        case Relation(), Relation() if expected.signs == found.signs:
            pairs = in_order(expected.sides, found.sides, compare, "inequality")
            return pairs if pairs.outcome == "pass" else _inequalities(expected, found)
        case Relation(), Relation():
            return _inequalities(expected, found)
        case SetOperation(), SetOperation() if expected.name == found.name == "union":
            finding = any_order(expected.sets, found.sets, compare, "set")
        case Relation(), Group():
            finding = compare(_as_interval(expected), found)
        case Group(), Relation():
            finding = compare(expected, _as_interval(found))
        case Relation((_, inside), ("in",)), _:
            finding = compare(inside, found)
        case _, Relation((_, inside), ("in",)):
            finding = compare(expected, inside)
        case _ if _is_no_set(expected) or _is_no_set(found):
            return different("set")
        case _:
            return undecided("not_proven", "set")
    return finding if finding.outcome == "pass" else undecided("not_proven", "set")


def _is_no_set(node: Node) -> bool:
    return isinstance(node, Matrix) or (is_scalar(node) and is_complex(node))


def _inequalities(expected: Relation, found: Relation) -> Finding:
    if all(sign in ("<", "<=", ">", ">=") for sign in expected.signs + found.signs):
        return compare_inequalities(expected, found)
    return undecided("not_proven", "set")


def _as_interval(node: Relation) -> Group:
    """Return the interval that `x > a` or `a < x <= b` describes, where x is its first variable.

    Raises:
        Unsupported: If it is any other relation.
    """
    infinity = Constant("infinity")
    match node:
        case Relation((Symbol(), end), (">" | ">=" as sign,)):
            return Group((end, infinity), "[" if sign == ">=" else "(", ")")
        case Relation((Symbol(), end), ("<" | "<=" as sign,)):
            return Group((Negative(infinity), end), "(", "]" if sign == "<=" else ")")
        case Relation((low, Symbol(), high), ("<" | "<=" as left, "<" | "<=" as right)):
            return Group((low, high), "[" if left == "<=" else "(", "]" if right == "<=" else ")")
        case _:
            raise Unsupported
