"""The comparison of two answers that were read, by what they are."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from potstill.verifiers import words
from potstill.verifiers.comparing.algebra import compare_expressions, is_complex
from potstill.verifiers.comparing.assignments import compare_assignments
from potstill.verifiers.comparing.collections import compare_collections, compare_ratios
from potstill.verifiers.comparing.conditions import compare_restricted
from potstill.verifiers.comparing.families import compare_families
from potstill.verifiers.comparing.functions import compare_cases
from potstill.verifiers.comparing.limits import TooLarge, Unsupported
from potstill.verifiers.comparing.matching import Compare
from potstill.verifiers.comparing.orders import compare_orders
from potstill.verifiers.comparing.quantities import compare_quantities
from potstill.verifiers.comparing.relations import compare_relations
from potstill.verifiers.comparing.rules import Rules
from potstill.verifiers.comparing.sets import compare_sets
from potstill.verifiers.comparing.signs import ambiguous, spread
from potstill.verifiers.comparing.trees import as_natural, calls, is_scalar, symbols
from potstill.verifiers.comparing.values import compare_numbers, compare_values
from potstill.verifiers.comparing.vectors import compare_vectors
from potstill.verifiers.expressions.nodes import (
    Call,
    Group,
    Matrix,
    Node,
    Number,
    Words,
)
from potstill.verifiers.finding import Finding, different, equal, undecided

_Rule: TypeAlias = Callable[[Node, Node, Compare], Finding | None]

_PLAIN = Rules()


def compare(expected: Node, found: Node, rules: Rules = _PLAIN) -> Finding:
    """Compare an answer with the reference.

    Passes only if they are equal, and fails only if they differ, for certain under the conventions;
    else it is undecided: `not_proven`, `too_large`, `units_differ`, `text_differs`.

    Args:
        expected: The reference.
        found: The answer.
        rules: What else than equality passes.
    """
    if isinstance(expected, Number) and isinstance(found, Number):
        return compare_numbers(expected, found, rules)
    try:
        return equal("same") if expected == found else _compare(expected, found, rules)
    except (TooLarge, RecursionError):
        return undecided("too_large")
    except Unsupported:
        return undecided("not_proven")


def _compare(expected: Node, found: Node, rules: Rules) -> Finding:
    if is_scalar(expected) and is_scalar(found):
        return _logarithms(expected, found, rules)
    again = partial(compare, rules=rules)
    for rule in _RULES:
        if (finding := rule(expected, found, again)) is not None:
            return finding
    return _of_two_kinds(expected, found, again)


def _scalars(expected: Node, found: Node, rules: Rules) -> Finding:
    if symbols(expected) or symbols(found):
        return compare_expressions(expected, found)
    return compare_values(expected, found, rules)


def _logarithms(expected: Node, found: Node, rules: Rules) -> Finding:
    """Compare two scalars, with `log` read as `ln` where the other side writes `ln`.

    A `log` without a base is the decimal one, as at school; but in analysis it is the natural one,
    and who writes `ln 2` for a reference of `log 2` has read it so.
    """
    finding = _scalars(expected, found, rules)
    both = calls(expected) | calls(found)
    if finding.outcome == "pass" or not {"ln", "log"} <= both:
        return finding
    sides = (expected, found) if "log" in calls(expected) else (found, expected)
    if "ln" in calls(sides[0]) or "log" in calls(sides[1]):
        return finding
    return _scalars(as_natural(expected), as_natural(found), rules)


def _of_two_kinds(expected: Node, found: Node, compare: Compare) -> Finding:
    """Compare a vector with a number, which differ; but 2 + 3i may be meant by (2, 3)."""
    for one, other in ((expected, found), (found, expected)):
        if isinstance(one, Group | Matrix) and is_scalar(other):
            parts = Group((Call("re", (other,)), Call("im", (other,))), "(", ")")
            if not is_complex(other) or compare(one, parts).outcome == "fail":
                return different("kind")
    return undecided("not_proven")


def _words(expected: Node, found: Node, compare: Compare) -> Finding | None:
    match expected, found:
        case Words(one), Words(other):
            return words.compare(one, other)
        case (Words(), _) | (_, Words()):
            return undecided("text_differs", "text")
        case _:
            return None


def _signs(expected: Node, found: Node, compare: Compare) -> Finding | None:
    ours, theirs = spread(expected), spread(found)
    if ours is expected and theirs is found:
        return None
    finding = compare(ours, theirs)
    if finding.outcome == "fail" and (ambiguous(expected) or ambiguous(found)):
        return undecided("not_proven", finding.by)
    return finding


_RULES: tuple[_Rule, ...] = (
    _words,
    compare_families,
    _signs,
    compare_restricted,
    compare_orders,
    compare_sets,
    compare_assignments,
    compare_relations,
    compare_cases,
    compare_quantities,
    compare_ratios,
    compare_vectors,
    compare_collections,
)
