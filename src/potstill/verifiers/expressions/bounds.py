r"""Sums, products, integrals, limits and derivatives, each with its bound variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potstill.verifiers.expressions.arithmetic import plain
from potstill.verifiers.expressions.nodes import Bound, Node, Quotient, Symbol
from potstill.verifiers.expressions.tokens import Unreadable

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser


def repeated(p: Parser, name: str) -> Node:
    r"""Read `\sum_{k=1}^{n} k^2`; the body is the product behind it."""
    lower: Node | None = None
    upper: Node | None = None
    variable = ""
    for _ in range(2):
        if p.kind == "_":
            p.take()
            p.expect("{")
            variable = _variable(p, "=")
            lower = plain(p.expression())
            p.expect("}")
        elif p.kind == "^":
            p.take()
            upper = plain(p.argument(whole=True))
    if lower is None or upper is None:
        raise Unreadable
    p.bound.append(variable)
    body = plain(p.term())
    p.bound.pop()
    return Bound("sum" if name == "sum" else "product", body, variable, lower, upper)


def _variable(p: Parser, sign: str) -> str:
    token = p.take()
    if token.kind != "letter" or p.take().text != sign:
        raise Unreadable
    return token.text


def integral(p: Parser, name: str) -> Node:
    r"""Read `\int_0^1 x^2 dx`, or one without bounds."""
    limits: dict[str, Node] = {}
    while p.kind in ("_", "^") and p.kind not in limits:
        kind = p.take().kind
        negative_is_read = p.argument(whole=True)
        limits[kind] = plain(negative_is_read)
    p.open("∫")
    body: Node | None = None if _is_differential(p) else plain(p.expression())
    p.close()
    if not _is_differential(p):
        raise Unreadable
    p.take()
    variable = p.take().text
    body = body or Quotient(Symbol(variable), Symbol(variable))
    return Bound("integral", body, variable, limits.get("_"), limits.get("^"))


def _is_differential(p: Parser) -> bool:
    return p.token.text == "d" and p.peek().kind == "letter"


def limit(p: Parser, name: str) -> Node:
    r"""Read `\lim_{x \to 0} f(x)`; a limit from one side isn't read."""
    p.expect("_")
    p.expect("{")
    variable = _variable(p, "to")
    point = plain(p.expression())
    p.expect("}")
    p.bound.append(variable)
    body = plain(p.term())
    p.bound.pop()
    return Bound("limit", body, variable, point)


def derivative(p: Parser) -> Node | None:
    r"""Read `\frac{d}{dx} (…)` behind its command; None where the fraction is an ordinary one."""
    kinds = [(p.peek(i).kind, p.peek(i).text) for i in range(7)]
    above, below = kinds[:3], kinds[3:]
    if above != [("{", "{"), ("letter", "d"), ("}", "}")]:
        return None
    if [kind for kind, _ in below] != ["{", "letter", "letter", "}"] or below[1][1] != "d":
        return None
    for _ in kinds:
        p.take()
    return Bound("derivative", plain(p.term()), below[2][1])
