r"""Brackets: groups, intervals, sets and set builders, absolute values, vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from potstill.verifiers.expressions import counting, matrices
from potstill.verifiers.expressions.arithmetic import plain
from potstill.verifiers.expressions.nodes import (
    Builder,
    Call,
    Group,
    Items,
    Matrix,
    Node,
    Quotient,
    SetOf,
    Words,
)
from potstill.verifiers.expressions.tokens import Unreadable

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser

_OPENING: dict[str, Literal["(", "["]] = {"(": "(", "[": "[", "]": "("}
_CLOSING: dict[str, Literal[")", "]"]] = {")": ")", "]": "]", "[": ")"}
_PARTING = frozenset(["|", ":", ";"])
"""What may stand between the element of a set and its conditions."""


def group(p: Parser) -> Node:
    """Read what round or square brackets hold: one thing, a point, or an interval."""
    kind = p.take().kind
    p.open(kind)
    found = p.sequence()
    closing = _CLOSING.get(p.take().kind)
    p.close()
    opening = _OPENING[kind]
    if closing is None or not found:
        raise Unreadable
    if isinstance(found, Items):
        return found
    if len(found) == 1:
        return _single(found[0], opening + closing)
    if rows := _rows(found, opening + closing):
        return Matrix(rows)
    return Group(tuple(found), opening, closing)


def _single(node: Node, brackets: str) -> Node:
    if brackets not in ("()", "[]") or isinstance(node, Words) and len(node.text) < 2:
        raise Unreadable
    return node


def _rows(found: list[Node], brackets: str) -> tuple[tuple[Node, ...], ...]:
    """Return the rows of `[[1, 2], [3, 4]]`, or nothing where it is no matrix."""
    rows = [node.items for node in found if isinstance(node, Group) and node.opening == "["]
    same = len({len(row) for row in rows}) == 1
    return tuple(rows) if brackets == "[]" and len(rows) == len(found) and same else ()


def grouped(p: Parser) -> Node:
    r"""Read what LaTeX's own braces hold, which mean nothing themselves."""
    p.open("{")
    p.expect("{")
    node = p.items()
    if p.kind == "command" and p.token.text in ("over", "choose"):
        fraction = p.take().text == "over"
        above, below = plain(node), plain(p.items())
        node = Quotient(above, below) if fraction else Call("binomial", (above, below))
    p.expect("}")
    p.close()
    return node


def braces(p: Parser) -> Node:
    r"""Read braces where no command takes them: a group, or a set in plain text."""
    end = p.pairs.get(p.at)
    if end is None:
        raise Unreadable
    if end == p.at + 1:
        return _empty_braces(p, end)
    if _is_builder(p, end):
        return _set(p, "}")
    if p.begins_item(p.at) and p.parts_items(p.at, end):
        return _set(p, "}")
    return grouped(p)


def _empty_braces(p: Parser, end: int) -> Node:
    p.at = end + 1
    if p.kind in ("_", "^"):
        return counting.prefixed(p)
    if end == 1 and p.kind == "stop":
        return SetOf(())
    p.open()
    node = p.atom()
    p.close()
    return node


def set_in_braces(p: Parser) -> Node:
    """Read braces where only a set can be meant, also one of a single element."""
    return _set(p, "}") if p.pairs.get(p.at, 0) > p.at + 1 else braces(p)


def set_or_system(p: Parser) -> Node:
    r"""Read `\{`: a set, a set builder, or a system whose brace has no other side."""
    if p.peek().kind == "begin":
        p.take()
        node = matrices.environment(p)
        p.accept("\\}")
        return node
    return _set(p, "\\}")


def _set(p: Parser, closing: str) -> Node:
    end = p.pairs.get(p.at)
    builder = end is not None and _is_builder(p, end)
    p.take()
    p.open("builder" if builder else "\\{")
    if not builder:
        found = p.sequence()
        node: Node = SetOf(found.items if isinstance(found, Items) else tuple(found))
    else:
        element = p.relation()
        if p.kind not in _PARTING:
            raise Unreadable
        p.take()
        found = p.sequence()
        node = Builder(element, (found,) if isinstance(found, Items) else tuple(found))
    p.close()
    p.expect(closing)
    return node


def _is_builder(p: Parser, end: int) -> bool:
    """Return whether a bar or colon parts the element of a set from its conditions."""
    depth = bars = colons = 0
    for token in p.tokens(p.at + 1, end):
        depth += (token.kind in ("(", "[", "{", "\\{")) - (token.kind in (")", "]", "}", "\\}"))
        if depth:
            continue
        if token.kind == "|" and token.text == "mid":
            return True
        bars += token.kind == "|" and token.text == "|"
        colons += token.kind == ":"
    return bars % 2 == 1 or colons == 1


def angles(p: Parser) -> Node:
    r"""Read a vector between angle brackets."""
    p.take()
    p.open("<")
    found = p.sequence()
    p.close()
    p.expect(">")
    if isinstance(found, Items) or len(found) < 2:
        raise Unreadable
    return Group(tuple(found), "<", ">")


def bars(p: Parser) -> Node:
    """Read an absolute value, a norm or a determinant."""
    if p.token.text == "close":
        raise Unreadable
    p.take()
    p.open("|")
    node = plain(p.expression())
    p.close()
    if p.kind != "|" or p.token.text == "open":
        raise Unreadable
    p.take()
    return Call("det" if isinstance(node, Matrix) else "abs", (node,))
