r"""Combinations and permutations in their many notations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potstill.verifiers.expressions.arithmetic import plain
from potstill.verifiers.expressions.nodes import Call, Node, Number, Symbol
from potstill.verifiers.expressions.tokens import Unreadable

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser

_NAMES = {"C": "binomial", "P": "permutation", "A": "permutation"}


def scripted(p: Parser) -> Node | None:
    r"""Read `C_{10}^{3}`, `C^3_{10}` or `A_5^2`; None where it is a letter with an index.

    `C_1^2` is a square: nobody chooses 2 of 1.
    """
    first = p.peek().kind
    other = {"_": "^", "^": "_"}.get(first)
    if other is None:
        return None
    behind = p.after_script(p.at + 1)
    if behind is None or p.tokens(behind, behind + 1)[0].kind != other:
        return None
    places = {first: p.at + 1, other: behind}
    of, taken = (p.lone_number(places[kind]) for kind in ("_", "^"))
    if of and (of.value < 2 or (taken and taken.value > of.value)):
        return None
    name = p.take().text
    scripts: dict[str, Node] = {}
    for kind in (first, other):
        p.expect(kind)
        p.open("{")
        scripts[kind] = plain(p.argument(whole=True))
        p.close()
    return Call(_NAMES[name], (scripts["_"], scripts["^"]))


def called(p: Parser) -> Node | None:
    """Read `C(10, 3)`; None where it may not be one, such as the point `C(1, -2)`.

    Where nothing but it is written a point is the other way to read it.
    """
    end = p.pairs.get(p.at + 1) if p.peek().kind == "(" else None
    if end is None or p.token.text == "A" or end - p.at != 5:
        return None
    of, comma, taken = p.tokens(p.at + 2, end)
    if comma.kind != "," or of.kind != "number":
        return None
    if taken.number and of.number and taken.number.value > of.number.value:
        return None
    if taken.kind not in ("number", "letter"):
        return None
    p.met.add("points")
    if p.choices.points:
        return None
    name = _NAMES[p.token.text]
    p.at = end + 1
    first, second = of.number, taken.number or Symbol(taken.text)
    return Call(name, (first, second)) if first else None


def infix(p: Parser, of: Number) -> Node | None:
    """Read `10C3` behind its first number; None where it isn't that."""
    letter, taken = p.token, p.peek()
    if letter.text not in ("C", "P") or taken.kind != "number" or taken.spaced:
        return None
    if taken.number is None or p.peek(2).kind in ("_", "letter"):
        return None
    p.take()
    p.take()
    return Call(_NAMES[letter.text], (of, taken.number))


def prefixed(p: Parser) -> Node:
    r"""Read `{}_{10}C_3`, `^{10}C_3` or `_nP_r` from the script before the letter."""
    p.take()
    p.open("{")
    of = plain(p.argument(whole=True))
    name = _NAMES.get(p.take().text)
    p.expect("_")
    taken = plain(p.argument(whole=True))
    p.close()
    if name is None:
        raise Unreadable
    return Call(name, (of, taken))
