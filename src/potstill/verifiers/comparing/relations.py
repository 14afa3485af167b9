"""Equations: what they assign, and the values that answers without an equation are."""

from typing import NamedTuple

from potstill.verifiers.comparing.exact import rational
from potstill.verifiers.comparing.matching import Compare
from potstill.verifiers.comparing.proportions import compare_equations, factor_of
from potstill.verifiers.comparing.trees import KNOWN, is_scalar, substitute, symbols
from potstill.verifiers.expressions.nodes import (
    Call,
    Group,
    Node,
    Product,
    Quotient,
    Ratio,
    Relation,
    Symbol,
)
from potstill.verifiers.finding import Finding, different, equal, undecided


class Assigned(NamedTuple):
    """What an equation gives the value of, and the value."""

    name: Node | None
    """None for a chain of values, such as `2 + 3 = 5`."""
    value: Node


def is_equation(node: Node) -> bool:
    """Return whether `node` is an equation, or a chain of them."""
    return isinstance(node, Relation) and set(node.signs) == {"="}


def assigned(node: Node) -> Assigned | None:
    """Return the last side of `x = … = 5`, the first one of `5 = x`; None for any other equation.

    The name may be a variable, a function at a point, a product of letters such as `AB`, a ratio.
    """
    if not isinstance(node, Relation) or set(node.signs) != {"="}:
        return None
    first, last = node.sides[0], node.sides[-1]
    if is_name(first):
        return Assigned(first, last)
    if is_name(last):
        return Assigned(last, first)
    return None if any(map(symbols, node.sides)) else Assigned(None, last)


def compare_relations(expected: Node, found: Node, compare: Compare) -> Finding | None:
    """Compare two answers one or both of which are equations; None if neither is."""
    ours, theirs = is_equation(expected), is_equation(found)
    if ours and theirs and isinstance(expected, Relation) and isinstance(found, Relation):
        return _both(expected, found, compare)
    if ours and isinstance(expected, Relation):
        if assigned(expected) is None:
            return _to_solve(expected, found, compare)
        return _with_value(expected, found, compare)
    if theirs and isinstance(found, Relation):
        return _with_value(found, expected, lambda one, other: compare(other, one))
    return None


def is_name(node: Node) -> bool:
    """Return whether `node` is a name: a variable, `f(x)`, `AB`, `|AB|`, `AB:CD`, `(x, y)`."""
    match node:
        case Symbol():
            return True
        case Call(name, arguments):
            of_name = name == "abs" and isinstance(arguments[0], Product)
            return name not in KNOWN or (of_name and is_name(arguments[0]))
        case Quotient(above, below):
            return is_name(above) and is_name(below)
        case Ratio(parts):
            return all(map(is_name, parts))
        case Product(factors) | Group(items=factors):
            return all(isinstance(factor, Symbol) for factor in factors)
        case _:
            return False


def _with_value(equation: Relation, value: Node, compare: Compare) -> Finding:
    """Compare an equation with an answer that is none."""
    if (given := assigned(equation)) is None:
        return _of_expression(equation, value, compare)
    finding = compare(_with_argument(given, value), value)
    if finding.outcome == "fail" and given.name is None:
        others = {compare(side, value).outcome for side in equation.sides[:-1]}
        if "pass" in others:  # 1/3 = 0.333 against 1/3
            return undecided("not_proven", "equation")
    return finding


def _with_argument(given: Assigned, other: Node) -> Node:
    """Return a function's value with its argument named as in another expression."""
    names = symbols(other)
    match given.name:
        case Call(_, (Symbol(argument),)) if len(names) == 1 and argument in symbols(given.value):
            return substitute(given.value, {argument: Symbol(min(names))})
        case _:
            return given.value


def _to_solve(equation: Relation, value: Node, compare: Compare) -> Finding:
    """Compare a reference such as `x + y = 5` with a value: 5 may be meant, but hardly 6."""
    last = equation.sides[-1]
    several = len(symbols(equation)) > 1 and not symbols(last) and rational(last) != 0
    if several and is_scalar(value) and not symbols(value):
        finding = compare(last, value)
        return finding if finding.outcome == "fail" else undecided("not_proven", "equation")
    return undecided("not_proven", "equation")


def _of_expression(equation: Relation, value: Node, compare: Compare) -> Finding:
    """Compare 5 with `x + y = 5`, which says so; `x + y = 0` may be an equation to solve."""
    last = equation.sides[-1]
    if not symbols(last) and not symbols(value) and rational(last) != 0:
        finding = compare(last, value)
        if finding.outcome == "pass":
            return finding
    return undecided("not_proven", "equation")


def _both(expected: Relation, found: Relation, compare: Compare) -> Finding:
    ours, theirs = assigned(expected), assigned(found)
    if ours is None or theirs is None:
        return compare_equations(expected, found)
    if ours.name == theirs.name or ours.name is None or theirs.name is None:
        return compare(ours.value, theirs.value)
    if isinstance(ours.name, Call) or isinstance(theirs.name, Call):
        return _functions(ours, theirs, compare)
    plain_names = isinstance(ours.name, Symbol) and isinstance(theirs.name, Symbol)
    if symbols(ours.value) or symbols(theirs.value):
        return compare_equations(expected, found)
    finding = compare(ours.value, theirs.value)
    if finding.outcome == "fail":
        return finding if plain_names else compare_equations(expected, found)
    same = factor_of(expected, found) is not None
    return equal("equation") if same else undecided("not_proven", "equation")


def _functions(ours: Assigned, theirs: Assigned, compare: Compare) -> Finding:
    """Compare `f(x) = 2x` with `f(t) = 2t`, and with `y = 2x`; `g(x) = 2x` may be another one."""
    match ours.name, theirs.name:
        case Call(one, arguments), Call(other, parameters) if len(arguments) == len(parameters):
            names = [p.name for p in parameters if isinstance(p, Symbol)]
            if len(names) != len(parameters):
                return undecided("not_proven", "function")
            value = substitute(theirs.value, dict(zip(names, arguments, strict=True)))
            finding = compare(ours.value, value)
            same_name = one == other
        case Call(), Symbol():
            finding = compare(_with_argument(ours, theirs.value), theirs.value)
            same_name = True
        case Symbol(), Call():
            finding = compare(ours.value, _with_argument(theirs, ours.value))
            same_name = True
        case _:
            return undecided("not_proven", "function")
    if finding.outcome == "fail":
        return different("function")
    return finding if same_name else undecided("not_proven", "function")
