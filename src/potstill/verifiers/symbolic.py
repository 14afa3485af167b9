"""Mathematical expressions compared by Math-Verify, with guards around it.

Math-Verify (github.com/huggingface/Math-Verify) and SymPy are imported at the first call. Both may
run for ever or eat all memory: call this in a process that can be killed.
"""

import logging
import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, partial
from importlib import import_module
from typing import Any, NamedTuple

from potstill.verifiers.finding import DIFFERENT, EQUAL, Finding, undecided

_CLOSE = 1e-12
"""Largest relative difference of equal numbers: Math-Verify reads decimals to 15 digits."""
_TINY = 1e-25
"""Numbers that differ by less are equal where a difference may come from rounding alone."""
_POINTS = ((0.7391, 0.6180), (2.2360, 0.3028), (1.2020, 1.3598))
"""Where two expressions are evaluated: the first variable's value, and the step to the next."""
_SIGNS = {
    "π": r"\pi ",
    "∞": r"\infty ",
    "≤": r"\le ",
    "≥": r"\ge ",
    "≠": r"\ne ",
    "<=": r"\le ",
    ">=": r"\ge ",
    "!=": r"\ne ",
    "±": r"\pm ",
    "×": r"\times ",
    "·": r"\cdot ",
    "÷": r"\div ",
    "√": r"\sqrt ",
    "∪": r"\cup ",
    "∩": r"\cap ",
    "∅": r"\emptyset ",
    "²": "^2",
    "³": "^3",
}
_NAME = re.compile(
    r"(?<![\\A-Za-z])(arc(?:sin|cos|tan)|sin|cos|tan|cot|ln|log|exp|pi|sqrt)(?![A-Za-z])"
)
_IMAGINARY = re.compile(r"(?<=[0-9)])i(?![A-Za-z])")
_MISREAD = re.compile(r"mod(?![A-Za-z])|[0-9]_|\?|\\[lc]?dots(?![A-Za-z])")
"""Residue classes, number bases and omissions: Math-Verify reads them as something else."""


class _Library(NamedTuple):
    """What is imported late. None of it has types."""

    sympy: Any
    parse: Callable[[str], list[Any]]
    verify: Callable[[Any, Any], bool]


@cache
def _library() -> _Library:
    sympy, math_verify, reader = map(
        import_module, ("sympy", "math_verify", "latex2sympy2_extended.latex2sympy2")
    )
    logging.getLogger("math_verify").setLevel(logging.ERROR)
    # Units are off before. Math-Verify would take the `c` of `3c` for one.
    normalization = reader.NormalizationConfig(
        basic_latex=True, malformed_operators=True, nits=True, boxed="none", units=False
    )
    config = [math_verify.LatexExtractionConfig(normalization_config=normalization)]

    def parse(latex: str) -> list[Any]:
        return math_verify.parse(f"${latex}$", config, "no_fallback", parsing_timeout=None)

    return _Library(sympy, parse, partial(math_verify.verify, timeout_seconds=None))


def compare(reference: str, answer: str) -> Finding:
    """Compare two plain answers that are mathematics.

    Numbers are compared by value before Math-Verify is asked, which takes 2^-99 for 2^-98 and a
    decimal of six digits for the fraction that it rounds. Where Math-Verify sees no equality, the
    two differ only if their values do; else it could not tell.
    """
    if (expected := _reference(reference)) is None:
        return undecided("reference_unparseable")
    if (found := _parse(answer)) is None:
        return undecided("answer_unparseable")
    if _are_numbers(expected, found) and _values_differ(expected, found):
        return DIFFERENT
    if _library().verify(expected, found):
        return EQUAL
    return DIFFERENT if _differ(expected, found) else undecided("not_proven")


@lru_cache(maxsize=1024)
def _reference(latex: str) -> Any:
    """Return the reference, or None where it can't be parsed or isn't equal to itself."""
    parsed = _parse(latex)
    return parsed if parsed is not None and _library().verify(parsed, parsed) else None


def _parse(latex: str) -> Any:
    """Return the SymPy object that the whole text stands for, or None."""
    if _MISREAD.search(latex):
        return None
    for sign, command in _SIGNS.items():
        latex = latex.replace(sign, command)
    latex = _IMAGINARY.sub(" i", _NAME.sub(r"\\\1", latex))
    parsed = _library().parse(latex)
    return parsed[0] if parsed else None


def _are_numbers(one: Any, other: Any) -> bool:
    expression = _library().sympy.Expr
    return all(isinstance(x, expression) and not x.free_symbols for x in (one, other))


def _differ(one: Any, other: Any) -> bool:
    """Return whether two objects that could not be proved equal are different for certain."""
    sympy = _library().sympy

    def both(*kinds: type) -> bool:
        return isinstance(one, kinds) and isinstance(other, kinds)

    if isinstance(one, sympy.Eq) != isinstance(other, sympy.Eq):
        return _differ(*(x.rhs if isinstance(x, sympy.Eq) else x for x in (one, other)))
    if both(sympy.Expr):
        return _values_differ(one, other)
    if both(sympy.Interval):
        return True
    if both(sympy.Rel):
        return type(one) is type(other) and one.lhs == other.lhs and _differ(one.rhs, other.rhs)
    if both(sympy.MatrixBase):
        return one.shape != other.shape or any(map(_differ, one.flat(), other.flat()))
    if both(sympy.Expr, sympy.Interval, sympy.FiniteSet, sympy.Tuple, sympy.MatrixBase):
        return _parts_differ(one, other)
    return both(sympy.Expr, sympy.Set)  # a number and a set that isn't one of a few numbers


def _parts_differ(one: Any, other: Any) -> bool:
    """Return whether sets, tuples, vectors or single things differ in size or in some part."""
    here, there = _parts(one), _parts(other)
    if len(here) != len(there):
        return True
    if any(isinstance(x, _library().sympy.FiniteSet) for x in (one, other)):
        return any(all(_differ(x, y) for y in there) for x in here)
    return any(map(_differ, here, there))


def _parts(thing: Any) -> Sequence[Any]:
    sympy = _library().sympy
    if isinstance(thing, sympy.Interval):  # (1,2) is read as one, (2,1) as a pair
        return (thing.start, thing.end)
    if isinstance(thing, sympy.MatrixBase):
        return thing.flat()
    return (thing,) if isinstance(thing, sympy.Expr) else thing.args


def _values_differ(one: Any, other: Any) -> bool:
    """Return whether two expressions differ in value, at a point if they have variables."""
    names = sorted({symbol.name for x in (one, other) for symbol in x.free_symbols})
    if one.free_symbols != other.free_symbols and any(len(name) > 1 for name in names):
        return False  # such as C_{10}, part of a number in some notations
    return any(
        _unequal(_at(one, names, *point), _at(other, names, *point))
        for point in (_POINTS if names else _POINTS[:1])
    )


def _at(expression: Any, names: Sequence[str], first: float, step: float) -> Any:
    """Return the value where the variables are `first`, `first + step`, …; `i` is imaginary."""
    values: dict[str, Any] = {name: first + step * k for k, name in enumerate(names)}
    values["i"] = _library().sympy.I
    value = expression.subs([(s, values[s.name]) for s in expression.free_symbols]).doit()
    return value if value.is_Rational else value.evalf(30)


def _unequal(one: Any, other: Any) -> bool:
    if one.is_Rational and other.is_Rational:
        return bool(one != other)
    if not (one.is_number and other.is_number):
        return False
    if one.is_infinite or other.is_infinite:
        return bool(one != other)
    difference = abs(one - other).evalf(30)
    largest = max(abs(one).evalf(30), abs(other).evalf(30))
    return bool(difference > _TINY and difference > _CLOSE * largest)
