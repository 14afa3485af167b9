r"""Relations: equations, inequalities, membership and congruences, in chains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from potstill.verifiers.expressions import brackets, named_sets
from potstill.verifiers.expressions.arithmetic import plain
from potstill.verifiers.expressions.nodes import (
    UNNAMED,
    Builder,
    Call,
    Congruence,
    Constant,
    Group,
    NamedSet,
    Node,
    Ratio,
    Relation,
    SetOf,
    SetOperation,
    Sign,
    Symbol,
)
from potstill.verifiers.expressions.tokens import Unreadable

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser

_MOST = 20
"""Most operations on sets, each inside the next."""
_MEMBERSHIP = frozenset(["in", "notin", "subset", "subseteq"])
_SETS = (Group, SetOf, Builder, NamedSet, SetOperation, Symbol)


def chain(p: Parser) -> Node:
    """Read sides with signs between them, or one side alone.

    `= 3` is 3; of `> 2` the side that isn't written is the symbol without a name.
    """
    sides: list[Node] = []
    signs: list[Sign] = []
    sign = _sign(p)
    if sign and (p.kind != "<" or not _is_angle(p)):
        p.take()
        if sign != "=":
            sides.append(UNNAMED)
            signs.append(sign)
        sign = None
    elif p.kind == "approx":
        p.take()
    sides.append(p.side())
    while sign := _sign(p):
        p.take()
        signs.append(sign)
        sides.append(_set_by_name(p) if sign in _MEMBERSHIP else p.side())
    if p.kind == "equiv" or p.kind == "pmod":
        return _congruence(p, sides, signs)
    node = sides[0] if not signs else Relation(tuple(map(plain, sides)), tuple(signs))
    return _approximated(p, node) if p.kind == "approx" else node


def aligned(p: Parser) -> Node:
    """Read a chain in which `&` may stand before the signs of relations."""
    p.drop_alignment()
    return chain(p)


def _sign(p: Parser) -> Sign | None:
    """Return the sign of a relation that is next."""
    kind, text = p.kind, p.token.text
    if kind == "relation":
        return cast(Sign, text)
    if kind in ("<", ">") and text == kind and p.enclosing[-1:] != ["<"]:
        return cast(Sign, kind)
    return None


def _is_angle(p: Parser) -> bool:
    """Return whether a `<` opens a vector: `<1, 2>`."""
    comma = False
    for token in p.tokens(p.at + 1, p.at + 60):
        comma = comma or token.kind == ","
        if token.kind == ">":
            return comma
    return False


def _set_by_name(p: Parser) -> Node:
    """Read the set behind a sign of membership, where R may stand for the reals."""
    if p.kind == "letter" and p.token.text in named_sets.NAMES and p.peek().kind != "(":
        return p.joined(named_sets.field(p))
    if p.kind == "{":
        return p.joined(brackets.set_in_braces(p))
    return p.side()


def _congruence(p: Parser, sides: list[Node], signs: list[Sign]) -> Node:
    left = plain(sides[0]) if p.accept("equiv") else None
    right = plain(p.side()) if left is not None else plain(sides[-1])
    if isinstance(right, Call) and right.name == "mod":
        return Congruence(left, *right.arguments)
    if left is None and len(sides) == 2 and signs == ["="]:
        left = plain(sides[0])
    elif len(sides) > 1:
        raise Unreadable
    bracketed = p.kind == "(" and p.peek().kind == "mod" and bool(p.take())
    if p.kind not in ("pmod", "mod"):
        raise Unreadable
    whole = p.take().kind == "pmod"
    modulus = plain(p.argument(whole=True) if whole else p.term())
    if bracketed:
        p.expect(")")
    return Congruence(left, right, modulus)


def _approximated(p: Parser, node: Node) -> Node:
    r"""Read `a \\approx b`: a counts, which is exact, or b as the other reading."""
    p.take()
    about = p.side()
    if isinstance(node, (Symbol, Relation)) and not _is_value(node):
        return Relation((node, about), ("=",))
    p.met.add("rounded")
    return about if p.choices.rounded else node


def _is_value(node: Node) -> bool:
    return isinstance(node, (Relation, Constant))


def side(p: Parser) -> Node:
    """Read one side of a relation: an expression, a ratio, or sets that are joined."""
    node = p.expression()
    if p.kind == "set":
        return joined(p, node)
    if p.kind != ":" or "builder" in p.enclosing[-1:]:
        return node
    parts = [plain(node)]
    while p.accept(":"):
        parts.append(plain(p.expression()))
    return Ratio(tuple(parts))


def joined(p: Parser, node: Node) -> Node:
    """Read the sets that are joined to one from left to right."""
    nested = 0
    while p.kind == "set" and isinstance(node, _SETS):
        name = cast("Literal['union', 'intersection', 'difference']", p.take().text)
        other = brackets.set_in_braces(p) if p.token.kind == "{" else p.expression()
        if not isinstance(other, _SETS) or nested == _MOST:
            raise Unreadable
        if isinstance(node, SetOperation) and node.name == name != "difference":
            node = SetOperation(name, (*node.sets, other))
        else:
            node = SetOperation(name, (node, other))
            nested += 1
    return node
