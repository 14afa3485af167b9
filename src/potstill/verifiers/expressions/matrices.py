r"""LaTeX environments: matrices, piecewise expressions, systems and lines side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potstill.verifiers.expressions.nodes import Call, Cases, Items, Matrix, Node, Relation
from potstill.verifiers.expressions.tokens import Unreadable

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser

_MATRICES = frozenset(
    ["matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array"]
)
_SYSTEMS = frozenset(
    ["cases", "dcases", "rcases", "aligned", "align", "alignedat", "gathered", "gather", "split"]
)
_MOST = 400
"""Most rows of one environment."""


def environment(p: Parser) -> Node:
    r"""Read what stands between `\begin{…}` and `\end{…}`."""
    name = p.take().text
    p.open("begin")
    node = _system(p) if name in _SYSTEMS or _is_system(p, name) else _matrix(p, name)
    p.close()
    if p.kind != "end" or p.take().text != name:
        raise Unreadable
    return node


def _is_system(p: Parser, name: str) -> bool:
    r"""Return whether an array is a system of equations: behind `\{`, or with relations in it."""
    before = p.at > 1 and p.tokens(p.at - 2, p.at - 1)[0].kind == "\\{"
    return name == "array" and before


def _matrix(p: Parser, name: str) -> Node:
    if name not in _MATRICES:
        raise Unreadable
    rows: list[list[Node]] = [[]]
    while p.kind != "end":
        rows[-1].append(p.relation())
        if p.accept("row"):
            if p.kind != "end":
                rows.append([])
        elif p.kind != "end":
            p.expect("&")
    width = len(rows[0])
    if not width or any(len(row) != width for row in rows):
        raise Unreadable
    if width == len(rows) == 1:
        return rows[0][0]
    matrix = Matrix(tuple(map(tuple, rows)))
    return Call("det", (matrix,)) if name == "vmatrix" else matrix


def _system(p: Parser) -> Node:
    """Read rows with conditions behind them (piecewise), or relations that hold together."""
    pieces: list[tuple[Node, Node | None]] = []
    conditions = False
    while p.kind != "end" and len(pieces) < _MOST:
        while p.kind in ("&", "quad"):
            p.take()
        piece, has_condition = _piece(p)
        pieces.append(piece)
        conditions = conditions or has_condition
        if p.kind != "end":
            p.expect("row")
    if not pieces:
        raise Unreadable
    if conditions:
        return Cases(tuple(pieces))
    rows = tuple(row for row, _ in pieces)
    if not all(isinstance(row, (Relation, Items)) for row in rows):
        raise Unreadable
    return rows[0] if len(rows) == 1 else Items(rows, ",")


def _piece(p: Parser) -> tuple[tuple[Node, Node | None], bool]:
    """Return a row's value and condition, and whether it has one, be it "otherwise"."""
    value = p.aligned_relation()
    parted = False
    while p.kind in ("&", ",", "quad", "if", ";"):
        parted = p.take().kind != "quad" or parted
    if p.kind in ("row", "end"):
        return (value, None), False
    if p.accept("else"):
        while p.kind in (",", ".", "quad"):
            p.take()
        return (value, None), True
    bracketed = p.kind == "(" and p.at in p.related
    condition = p.atom() if bracketed else p.condition()
    while p.kind in ("then", ",", ".", ";", "quad"):
        p.take()
    return (value, condition), True
