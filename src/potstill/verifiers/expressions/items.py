"""Lists of items, the conditions behind them, and items that are words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from potstill.verifiers.expressions.nodes import (
    UNNAMED,
    Items,
    NamedSet,
    Node,
    Quantity,
    Relation,
    SetOf,
    Sum,
    Symbol,
    Words,
)
from potstill.verifiers.expressions.tokens import Unreadable
from potstill.verifiers.expressions.vocabulary import PHRASES

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser

_SEPARATORS = frozenset([",", ";", "joint", "quad", "row", "if", "then", "."])
_ENDS = frozenset(["stop", ")", "]", "}", "\\}", "end", "&", ">", "|", "[", ":", "else"])
_ENDS_WORDS = frozenset([",", ";", "joint", "quad", "row"]) | _ENDS - {"[", ":", "else", "&"}
_DRESS = re.compile(r"\\[a-zA-Z]+\*?\s*\{|[{}$]|\\[,;:! ]|~|\\(?:left|right)(?![a-z])")
_IS_WORDS = re.compile(r"[\w\s.,'’\-/&:()!?·%\"“”]+")
_HAS_WORD = re.compile(r"[^\W\d_]{2}|[\u3400-\u9fff]")
_SHORT_WORD = re.compile("[A-Za-z]{2,3}")
_LONGEST = 200
"""Longest item in characters that may be words."""
_SENTENCE = 4
"""Fewest words of an item that make a sentence of the text, rather than a list."""
_LABEL = 6
"""Most words before a colon or "is" that name what follows."""
_ANSWER = frozenset(["answer", "result", "value", "solution", "答案", "结果", "值", "解"])
"""Labels that name nothing but an answer, the last word of each."""


def listed(p: Parser) -> Node:
    """Read items without brackets around them; one alone is itself."""
    start = p.token.start
    rows, joints = _read(p)
    if sentence := _sentence(p, start, [item for row in rows for item in row]):
        return sentence
    joined = _joined(joints)
    groups: list[Node] = [_row(row, joined, joints) for row in rows if row]
    if not groups:
        raise Unreadable
    if len(groups) == 1:
        return groups[0]
    return Items(tuple(groups), joined, rows="row" not in joints)


def _joined(joints: set[str]) -> Literal[",", "and", "or"]:
    return "or" if "or" in joints else "and" if "and" in joints else ","


def _sentence(p: Parser, start: int, found: list[Node]) -> Node | None:
    """Return a sentence with commas as the words that it is; None where there is none.

    Raises:
        Unreadable: There is mathematics beside a sentence.
    """
    lengths = [len(node.text.split()) for node in found if isinstance(node, Words)]
    if len(found) < 2 or not lengths or max(lengths) < _SENTENCE:
        return None
    text = phrase(p.text[start : p.token.start])
    if len(lengths) < len(found) or len(text) > _LONGEST:
        raise Unreadable
    return Words(text)


def _row(row: list[Node], joined: Literal[",", "and", "or"], joints: set[str]) -> Node:
    if len(row) == 1:
        return row[0]
    if joints == {"and"} and _is_measurement(row):
        return Sum(tuple(row))
    return Items(tuple(_named(row)), joined)


def _is_measurement(row: list[Node]) -> bool:
    """Return whether quantities are parts of one: 2 hours and 30 minutes."""
    parts = [node.unit for node in row if isinstance(node, Quantity)]
    factors = [unit.factor for unit in parts]
    return (
        len(parts) == len(row)
        and len({unit.dimension for unit in parts}) == 1
        and len(set(factors)) == len(factors)
        and factors == sorted(factors, reverse=True)
    )


def _named(row: list[Node]) -> list[Node]:
    """Return relations of which one without a left side has the left side before it: x > 2, < 5."""
    for place, node in enumerate(row[1:], start=1):
        before = row[place - 1]
        if isinstance(node, Relation) and node.sides[0] == UNNAMED and isinstance(before, Relation):
            row[place] = Relation((before.sides[0], *node.sides[1:]), node.signs)
    return row


def sequence(p: Parser) -> list[Node] | Items:
    """Read items between brackets, which semicolons part as commas do."""
    rows, joints = _read(p)
    found = [item for row in rows for item in row]
    if joints & {"and", "or"} and len(found) > 1:
        return Items(tuple(found), _joined(joints))
    return found


def _read(p: Parser) -> tuple[list[list[Node]], set[str]]:
    """Read items up to what ends them, in rows that semicolons part, and what joins them."""
    rows: list[list[Node]] = [[]]
    joints: set[str] = set()
    while True:
        parted = _separators(p)
        if _ends(p) and not (p.kind in _OPENS and (parted or not rows[0])):
            break
        if p.stops():
            break
        if not rows[0] and parted - {"if", "quad", "row"}:
            raise Unreadable
        if rows[0] and not parted and not _is_condition(p):
            raise Unreadable
        if rows[-1] and parted & {";", "row"}:
            rows.append([])
        joints |= parted
        rows[-1].append(item(p))
    return rows, joints


_OPENS = frozenset(["[", "|", "]", "\\{"])


def _ends(p: Parser) -> bool:
    """Return whether what is next ends a list, as a `>` does only behind a `<`."""
    return p.kind in _ENDS and (p.kind != ">" or p.enclosing[-1:] == ["<"])


def _separators(p: Parser) -> set[str]:
    """Go past all separators that are next, and return their texts."""
    found: set[str] = set()
    while p.kind in _SEPARATORS:
        token = p.take()
        found.add(token.kind if token.kind in ("row", "if", "quad") else token.text)
    return found


def _is_condition(p: Parser) -> bool:
    r"""Return whether a condition in brackets is next, as in `x = 2k (k \in Z)`."""
    return p.kind == "(" and p.at in p.related


def item(p: Parser) -> Node:
    """Read a relation or one side of it; else words up to the next comma or the like."""
    at, state = p.at, p.state()
    try:
        node = _labelled(p) if p.kind == "word" else p.relation()
        if _may_end(p):
            return _short_word(p, at) or node
    except Unreadable:
        pass
    p.restore(at, state)
    return words(p)


def _may_end(p: Parser) -> bool:
    """Return whether an item may end here."""
    if p.kind == ".":
        return p.peek().kind in _ENDS
    return p.kind in _SEPARATORS or _ends(p) or _is_condition(p) or p.stops()


def _short_word(p: Parser, at: int) -> Node | None:
    """Return the word that two or three letters are where words are beside: red of blue, red."""
    written = p.text[p.tokens(at, at + 1)[0].start : p.end]
    if p.has_words and _SHORT_WORD.fullmatch(written):
        return Words(written)
    return None


def condition(p: Parser) -> Node:
    """Read the conditions of a case up to the end of its row."""
    found = [p.relation()]
    joined: Literal["and", "or"] = "and"
    while p.kind in (",", "joint", "quad"):
        if p.take().text == "or":
            joined = "or"
        if p.kind in _ENDS or p.kind in _SEPARATORS:
            continue
        found.append(p.relation())
    return found[0] if len(found) == 1 else Items(tuple(found), joined)


def _labelled(p: Parser) -> Node:
    """Read what stands behind its name: "the area is 3", 面积为3, "x-coordinate: 3"."""
    for ahead in range(1, _LABEL + 1):
        token = p.peek(ahead)
        if token.kind == ":" or (token.kind, token.text) == ("relation", "="):
            name = p.text[p.token.start : token.start].strip(" \\{}")
            for _ in range(ahead + 1):
                p.take()
            value = p.relation()
            if name.lower().split()[-1] in _ANSWER or isinstance(value, (Relation, Words)):
                return value
            return Relation((Symbol(name), value), ("=",))
        if token.kind not in ("word", "letter", "-"):
            break
    raise Unreadable


def words(p: Parser) -> Node:
    """Read an item in words, such as a name or "no solution".

    Raises:
        Unreadable: There is mathematics among them.
    """
    start, depth = p.token.start, 0
    while p.kind != "stop" and (depth or p.kind not in _ENDS_WORDS):
        depth += (p.kind == "(") - (p.kind == ")")
        p.take()
    text = phrase(p.text[start : p.token.start])
    if len(text) > _LONGEST or not _IS_WORDS.fullmatch(text) or not _HAS_WORD.search(text):
        raise Unreadable
    return set_in_words(text) or Words(text)


def phrase(text: str) -> str:
    """Return words without what only sets them."""
    return " ".join(_DRESS.sub(" ", text).split()).strip(" .,:;!?")


def set_in_words(text: str) -> Node | None:
    """Return the set that words such as "all real numbers" or "no solution" stand for."""
    spelling = PHRASES.get(text.lower())
    if spelling is None:
        return None
    name = spelling[1]
    return SetOf(()) if name == "empty" else NamedSet("R" if name == "R" else "Z")
