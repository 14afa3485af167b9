r"""Functions of something: known ones with brackets or without, and those that problems define."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from potstill.verifiers.expressions.arithmetic import STOPS, exponent, plain, product
from potstill.verifiers.expressions.nodes import (
    Call,
    Constant,
    Group,
    Items,
    Negative,
    Node,
    Number,
    Power,
    Quotient,
    SetOf,
    Symbol,
)
from potstill.verifiers.expressions.tokens import Unreadable

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser

_INVERSES = {name: f"arc{name}" for name in ("sin", "cos", "tan", "cot", "sec", "csc")} | {
    "sinh": "arsinh",
    "cosh": "arcosh",
    "tanh": "artanh",
}
_ONE = Number(Fraction(1))
_MINUS_ONE = Negative(_ONE)
_TEN, _TWO = Number(Fraction(10)), Number(Fraction(2))
_SEVERAL = frozenset(["gcd", "lcm", "max", "min", "mod", "log", "binomial", "permutation"])
"""Functions of several arguments, whose brackets hold a list."""
_GOES_ON = frozenset(["letter", "symbol", "constant", "command", "{", "begin"])
"""Kinds of tokens that may stand further on in an argument without brackets."""


def call(p: Parser) -> Node:
    r"""Read a function with what it is taken of: `\sin^2 x`, `\log_2 8`, `\max(a, b)`."""
    token = p.take()
    name, base, raised = token.text, _base_of(token.text), None
    named = "log" if base else name
    p.open()
    while p.kind in ("_", "^"):
        if p.take().kind == "_":
            base = plain(p.argument(whole=True))
        else:
            raised = exponent(p)
    if base is None and named == "log" and (digits := _glued_base(p, token.end)):
        base = digits
    arguments = _arguments(p, named)
    p.close()
    if base is not None:
        if named != "log":
            raise Unreadable
        arguments = (*arguments, base)
    if raised == _MINUS_ONE and named in _INVERSES:
        return Call(_INVERSES[named], arguments)
    node = Power(Constant("e"), arguments[0]) if named == "exp" else Call(named, arguments)
    return node if raised is None else Power(node, raised)


def _base_of(name: str) -> Node | None:
    return _TEN if name == "lg" else _TWO if name == "lb" else None


def _glued_base(p: Parser, end: int) -> Node | None:
    """Return 2 for `log2(8)`, as programs write it."""
    digits = p.token
    if digits.kind != "number" or digits.start != end or p.text[end - 4 : end - 3] == "\\":
        return None
    behind = p.peek()
    of_brackets = behind.kind == "(" and not behind.spaced
    return p.take().number if of_brackets or behind.kind == "number" else None


def _arguments(p: Parser, name: str) -> tuple[Node, ...]:
    if p.kind == "(" or (p.kind in ("[", "\\{") and p.at in p.pairs):
        node = p.atom()
        if name in _SEVERAL and isinstance(node, (Group, SetOf)):
            return node.items
        return (_one(node),)
    if p.kind == "{":
        return (_one(p.argument()),)
    return (_bare(p),)


def _one(node: Node) -> Node:
    if isinstance(node, Group):
        raise Unreadable
    return plain(node)


def _bare(p: Parser) -> Node:
    r"""Read an argument without brackets: `2x` of `\sin 2x \cos x`."""
    negative = p.kind == "-" and bool(p.take())
    factors = [p.factor()]
    while _continues(p, factors[-1]):
        factors.append(p.factor())
    node = product(factors)
    return Negative(node) if negative else node


def _continues(p: Parser, last: Node) -> bool:
    kind = p.kind
    if kind == "(":
        return isinstance(last, (Number, Constant)) and p.at not in p.related
    if kind == "command" and p.token.text in STOPS:
        return False
    if kind == "letter" and p.token.text == "d" and "∫" in p.enclosing:
        return False
    if kind == "number" or kind not in _GOES_ON:
        return False
    return isinstance(last, (Number, Constant, Symbol, Power)) or _is_numeric(last)


def _is_numeric(node: Node) -> bool:
    """Return whether a node is a fraction of figures, behind which a variable goes on."""
    return isinstance(node, Quotient) and all(
        isinstance(part, (Number, Constant)) for part in (node.above, node.below)
    )


def defined(p: Parser, name: str) -> Node:
    """Read what a function that the problem defines is taken of: `f(x)`, `f^{-1}(x)`."""
    if p.kind == "^":
        p.take()
        raised = exponent(p)
        if raised != _MINUS_ONE:
            return Power(Call(name, _listed(p)), raised)
        name = f"{name}^-1"
    return Call(name, _listed(p))


def _listed(p: Parser) -> tuple[Node, ...]:
    p.open("(")
    p.expect("(")
    found = p.sequence()
    p.expect(")")
    p.close()
    if isinstance(found, Items) or not found:
        raise Unreadable
    return tuple(found)


def is_definition(p: Parser) -> bool:
    """Return whether a letter begins the definition of a function, as in `s(t) = 5t`."""
    end = p.pairs.get(p.at + 1) if p.peek().kind == "(" else None
    if end is None or not p.begins_item(p.at):
        return False
    inner, behind = p.tokens(p.at + 2, end), p.tokens(end + 1, end + 2)[0]
    letters = {token.kind for token in inner} <= {"letter", ","}
    return letters and (behind.kind, behind.text) == ("relation", "=")


def is_inverse(p: Parser) -> bool:
    """Return whether the exponent that is next belongs to a function's name: `f^{-1}(x)`."""
    end = p.after_script(p.at)
    return end is not None and p.tokens(end, end + 1)[0].kind == "("
