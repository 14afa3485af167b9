"""Expressions, equations and identities rewritten by SymPy, and the same with one thing changed.

Every label is checked: both sides are computed to 40 digits at points that no template knows.
"""

import re
from collections.abc import Callable, Iterator
from random import Random

import sympy
from math_rewrite_numbers import Form
from sympy.parsing.sympy_parser import (
    implicit_multiplication,
    parse_expr,
    standard_transformations,
)

_LETTERS = "abcdkmnprstxyz"
_ALLOWED = re.compile(rf"[\d{_LETTERS}\s+\-*/^(){{}}.]+")
_GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
_POINTS = (sympy.Rational(37, 29), sympy.Rational(53, 31), sympy.Rational(71, 43))
_DIGITS = 40
_LONGEST = 120
_TRIED = 4
"""Rewritings, and neighbours, that are tried of one expression."""


def expression(text: str) -> sympy.Expr | None:
    """Read LaTeX of the plainest kind: letters, digits, roots, fractions, powers and pi."""
    if re.search(r"\d\s*\\[dt]?frac", text):  # a mixed number
        return None
    text = re.sub(r"\\(?:left|right|[,!;])", "", text).replace(r"\cdot", "*")
    text = re.sub(r"\\[dt]frac", r"\\frac", text)
    text = re.sub(r"\\(frac|sqrt)\s*(\d)", r"\\\1{\2}", text)
    text = re.sub(r"(\\frac\{[^{}]*\})\s*(\d)", r"\1{\2}", text)
    for _ in range(4):
        text = re.sub(rf"\\frac\s*{_GROUP}\s*{_GROUP}", r"(((\1))/((\2)))", text)
        text = re.sub(rf"\\sqrt\s*{_GROUP}", r"(((\1))^(1/2))", text)
    text = re.sub(rf"\^\s*{_GROUP}", r"^(\1)", text).replace(r"\pi", " P ")
    if not _ALLOWED.fullmatch(text.replace("P", "x")) or "{" in text or "}" in text:
        return None
    text = re.sub(rf"(?<=[{_LETTERS}P])\s*(?=[{_LETTERS}P(\d])", "*", text)
    text = re.sub(rf"(?<=[\d)])\s*(?=[{_LETTERS}P(])", "*", text)
    names = {name: sympy.Symbol(name, positive=True) for name in _LETTERS} | {"P": sympy.pi}
    rules = (*standard_transformations, implicit_multiplication)
    text = re.sub(r"(\d*\.\d+)", r"Rational('\1')", text)
    try:
        found = parse_expr(text.replace("^", "**"), names, transformations=rules)
    except (SyntaxError, TypeError, ValueError):
        return None
    return found if isinstance(found, sympy.Expr) else None


def differ(one: sympy.Expr, other: sympy.Expr) -> bool | None:
    """Return whether two expressions differ at some point; None where that can't be computed."""
    symbols = sorted((one - other).free_symbols, key=str)
    for shift in range(3):
        point = {name: _POINTS[(i + shift) % 3] + i for i, name in enumerate(symbols)}
        gap = (one - other).subs(point).evalf(_DIGITS)
        if not gap.is_number or gap.has(sympy.nan, sympy.zoo, sympy.oo):
            return None
        if abs(gap) > sympy.Float(10) ** -25:
            return True
    return False


def expressions(reference: str, rng: Random) -> Iterator[Form]:
    """Yield an expression in other forms, and others beside it."""
    left, _, right = reference.rpartition("=")
    if left and not re.fullmatch(r"\s*(?:[a-z]|[fgh]\([a-z]\))\s*", left):
        return
    found = expression(right)
    if found is None or len(right) > _LONGEST or found.is_Rational:
        return
    dress = f"{left} = " if left else ""
    for kind, change in rng.sample([*_EQUAL.items()], _TRIED):
        other = change(found)
        order = rng.choice(("lex", "rev-lex"))
        text = sympy.latex(other, order=order)
        if differ(found, other) is False and len(text) < 2 * _LONGEST:
            yield kind, dress * rng.randint(0, 1) + text, True
    neighbours = list(_neighbours(found, rng))
    for kind, other in rng.sample(neighbours, min(len(neighbours), _TRIED)):
        if differ(found, other):
            yield kind, dress * rng.randint(0, 1) + sympy.latex(other), False
    if not found.free_symbols and not found.has(sympy.I):
        yield "rounded", str(found.evalf(rng.randint(3, 9))), False
    if left.strip() == "y" and found.free_symbols:
        yield from equations(sympy.Symbol("y", positive=True) - found, rng)


def _rationalised(one: sympy.Expr) -> sympy.Expr:
    return sympy.radsimp(one)


def _times_one(one: sympy.Expr) -> sympy.Expr:
    """Return a fraction with a root below that was not there."""
    return sympy.Mul(one * sympy.sqrt(7), 1 / sympy.sqrt(7), evaluate=False)


_EQUAL: dict[str, Callable[[sympy.Expr], sympy.Expr]] = {
    "expand": sympy.expand,
    "factor": sympy.factor,
    "together": sympy.together,
    "rationalised": _rationalised,
    "as_it_is": lambda one: one,
    "root_below": _times_one,
    "apart": lambda one: sympy.apart(one) if len(one.free_symbols) == 1 else one,
}


def _neighbours(one: sympy.Expr, rng: Random) -> Iterator[tuple[str, sympy.Expr]]:
    terms = list(sympy.Add.make_args(one))
    place = rng.randrange(len(terms))
    rest = sympy.Add(*terms[:place], *terms[place + 1 :])
    if len(terms) > 1:
        yield "sign_of_term", rest - terms[place]
        yield "missing_term", rest
    yield "sign", -one
    yield "coefficient", rest + terms[place] * sympy.Rational(rng.choice((2, 3, 4)), 5)
    yield "extra_term", one + rng.choice((-1, 1))
    for power in one.atoms(sympy.Pow):
        yield "exponent", one.subs(power, power.base ** (power.exp + 1))
        yield "base", one.subs(power, (power.base + 1) ** power.exp)
    for name in sorted(one.free_symbols, key=str)[:1]:
        yield "variable", one.subs(name, 2 * name)


def equations(zero: sympy.Expr, rng: Random) -> Iterator[Form]:
    """Yield `zero = 0` scaled and moved, and others."""
    zero = sympy.expand(zero)
    terms = list(sympy.Add.make_args(zero))
    rng.shuffle(terms)
    by = rng.choice((-3, -2, 2, 3, 5))
    cut = rng.randrange(len(terms))
    for kind, factor in (("moved", 1), ("scaled", by)):
        sides = [sympy.Add(*part) * factor for part in (terms[:cut], terms[cut:])]
        left, right = map(sympy.expand, (sides[0], -sides[1]))
        yield f"equation_{kind}", f"{sympy.latex(left)} = {sympy.latex(right)}", True
    yield "equation_moved", f"{sympy.latex(zero * by)} = 0", True
    place = rng.randrange(len(terms))
    others = {
        "equation_sign": zero - 2 * terms[place],
        "equation_moved_wrongly": zero + 1,
        "equation_coefficient": zero + terms[place],
    }
    for kind, other in others.items():
        if len(terms) > 1 and not _proportional(zero, other):
            yield kind, f"{sympy.latex(other * by)} = 0", False


def _proportional(one: sympy.Expr, other: sympy.Expr) -> bool:
    point = {name: _POINTS[i % 3] for i, name in enumerate(sorted(one.free_symbols, key=str))}
    return not differ(one * other.subs(point), other * one.subs(point))


def identities(rng: Random, count: int) -> Iterator[tuple[str, Form]]:
    """Yield references with rewritings that follow from identities of functions."""
    x = sympy.Symbol("x", positive=True)
    # Kept as they are written: SymPy would use some of the identities by itself.
    with sympy.evaluate(False):
        pairs = [pair for _ in range(count) for pair in _identities(x, rng)]
    for kind, one, same, other in pairs:
        for each, equal in ((same, True), (other, False)):
            verdict = differ(sympy.sympify(one), sympy.sympify(each))
            if verdict is not None and verdict is not equal:
                yield sympy.latex(one), (kind, sympy.latex(each), equal)


Identity = tuple[str, sympy.Expr, sympy.Expr, sympy.Expr]


def _identities(x: sympy.Symbol, rng: Random) -> Iterator[Identity]:
    """Yield an expression, one that equals it, and one that doesn't."""
    n, k, b = rng.randint(2, 9), rng.randint(2, 9), rng.randint(2, 9)
    a = n * x
    sin, cos, tan, log, exp = sympy.sin, sympy.cos, sympy.tan, sympy.log, sympy.exp
    yield "trig", k * sin(a) ** 2, k - k * cos(a) ** 2, k + k * cos(a) ** 2
    yield "trig", k * sin(2 * n * x), 2 * k * sin(a) * cos(a), k * sin(a) * cos(a)
    yield "trig", cos(2 * n * x) + b, 2 * cos(a) ** 2 - 1 + b, 2 * sin(a) ** 2 - 1 + b
    yield "trig", k * tan(a), k * sin(a) / cos(a), k * cos(a) / sin(a)
    yield "trig", k + k * tan(a) ** 2, k / cos(a) ** 2, k / sin(a) ** 2
    yield "log", log(sympy.Integer(n**k)), k * log(sympy.Integer(n)), n * log(sympy.Integer(k) + 9)
    yield "log", log(a) + log(x), log(n * x**2), log(2 * n * x)
    yield "log", k * log(x) + b, log(x**k) + b, log(k * x) + b
    yield "log", log(x / n), log(x) - log(sympy.Integer(n)), log(x) / log(sympy.Integer(n))
    yield "exp", exp(a) * exp(k * x), exp((n + k) * x), exp(n * k * x + x)
    yield "exp", exp(a) ** k, exp(n * k * x), exp((n + k) * x + 1)
    yield "root", sympy.sqrt(x**3), x * sympy.sqrt(x), x ** sympy.Rational(2, 3)
