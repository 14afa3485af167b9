r"""LaTeX commands that take arguments: fractions, roots, binomials, rounding, accents."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from potstill.verifiers.expressions import bounds
from potstill.verifiers.expressions.arithmetic import plain
from potstill.verifiers.expressions.nodes import (
    Call,
    Constant,
    Node,
    Number,
    Product,
    Quotient,
    Sum,
    Symbol,
)
from potstill.verifiers.expressions.tokens import Unreadable

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser

_THREE = Number(Fraction(3))


def command(p: Parser) -> Node:
    """Read a command and its arguments.

    Raises:
        Unreadable: It is none that is known.
    """
    rule = _RULES.get(p.token.text)
    if rule is None:
        raise Unreadable
    name = p.take().text
    p.open("{")
    node = rule(p, name)
    p.close()
    return node


def _fraction(p: Parser, name: str) -> Node:
    if derivative := bounds.derivative(p):
        return derivative
    above = p.argument()
    return Quotient(plain(above), plain(p.argument()))


def _binomial(p: Parser, name: str) -> Node:
    of = plain(p.argument())
    return Call("binomial", (of, plain(p.argument())))


def _root(p: Parser, name: str) -> Node:
    degree: Node | None = None
    if p.kind == "[":
        p.take()
        p.open("[")
        degree = plain(p.expression())
        p.close()
        p.expect("]")
    of = plain(p.argument(whole=True))
    if name == "cbrt":
        degree = _THREE
    return Call("sqrt", (of,) if degree is None else (of, degree))


def _rounded(p: Parser, name: str) -> Node:
    p.open("(")
    node = plain(p.expression())
    p.close()
    if p.kind != "command" or p.take().text != f"r{name[1:]}":
        raise Unreadable
    return Call({"lfloor": "floor", "lceil": "ceil"}[name], (node,))


def _overlined(p: Parser, name: str) -> Node:
    r"""Read `\overline{…}`: a segment, a conjugate, or digits side by side."""
    start = p.at
    node = plain(p.argument())
    letters = [token for token in p.tokens(start, p.at) if token.kind not in ("{", "}")]
    if all(token.kind == "letter" and token.text.isupper() for token in letters):
        return node
    if _is_complex(node):
        return Call("conj", (node,))
    return Call("overline", (node,))


def _is_complex(node: Node) -> bool:
    if isinstance(node, Symbol):
        return node.name[0] in "zw"
    if isinstance(node, Sum):
        return any(map(_is_complex, node.terms))
    if isinstance(node, Product):
        return any(map(_is_complex, node.factors))
    return node == Constant("i") or (
        isinstance(node, Call) and any(map(_is_complex, node.arguments))
    )


def _accented(p: Parser, name: str) -> Node:
    return Call(name, (plain(p.argument()),))


def _figure(p: Parser, name: str) -> Node:
    r"""Read the name of an angle or a triangle, which is one thing: `\angle ABC`."""
    letters: list[str] = []
    while p.kind in ("letter", "number") and len(letters) < 6:
        letters.append(p.take().text)
    if not letters:
        raise Unreadable
    return Symbol(f"{name} {''.join(letters)}")


_RULES: dict[str, Callable[[Parser, str], Node]] = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "sfrac", "nicefrac"), _fraction),
    **dict.fromkeys(("binom", "dbinom", "tbinom"), _binomial),
    **dict.fromkeys(("sqrt", "cbrt"), _root),
    **dict.fromkeys(("lfloor", "lceil"), _rounded),
    **dict.fromkeys(("overline", "bar"), _overlined),
    **dict.fromkeys(("dot", "ddot", "tilde", "widetilde"), _accented),
    **dict.fromkeys(("angle", "triangle"), _figure),
    "measuredangle": _figure,
    "sum": bounds.repeated,
    "prod": bounds.repeated,
    "int": bounds.integral,
    "lim": bounds.limit,
}
