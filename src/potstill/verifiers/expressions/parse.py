r"""Mathematical answers as people and models write them, read into trees.

LaTeX of all dialects, plain ASCII, Unicode and Chinese. Conventions where writing is loose:
`1/2x` is (1/2)x, and `a/bc` is a/(bc); `x^10` is the tenth power; `\frac12` is one half; `3 1/2`
and `3\frac12` are mixed numbers; `\sin 2x \cos x` is a product; `C_n^k` counts combinations.
"""

import re
from fractions import Fraction
from typing import Literal

from potstill.verifiers.expressions.figures import Commas
from potstill.verifiers.expressions.items import phrase, set_in_words
from potstill.verifiers.expressions.lexer import Lexer
from potstill.verifiers.expressions.nodes import (
    Items,
    NamedSet,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Words,
)
from potstill.verifiers.expressions.parser import Choices, Parser
from potstill.verifiers.expressions.tokens import Unreadable
from potstill.verifiers.expressions.vectors import as_vectors
from potstill.verifiers.plain import narrow

_MOST = 10_000
"""Longest text in characters: nobody writes a longer answer."""
_SIMPLE = re.compile(r"(-?)([0-9]{1,30})(?:\.([0-9]{1,30})|/([0-9]{1,30}))?")
_DOLLAR = re.compile(r"(?<!\\)\$")
_MONEY = re.compile(r"\$\s*-?[0-9.]|[0-9]\s*\$")
_MATH_SIGNS = re.compile(r"\\[()\[\]]")
_SHORT_WORD = re.compile(r"(?=.*[aeiouAEIOU])(?:[a-z]{2,3}|[A-Z][a-z]{1,2}|[A-Z]{2,3})")
_FIELD = re.compile(r"([RQZNC])|\\math(?:bf|rm)\s*\{?([RQZNC])\}?")
_FIELDS: dict[str, Literal["R", "Q", "Z", "N", "C"]] = {
    "R": "R",
    "Q": "Q",
    "Z": "Z",
    "N": "N",
    "C": "C",
}
_NAMES = re.compile(r"[A-Z][a-z]{1,11}(?:\s*(?:,\s*and\s|,|、|\sand\s)\s*[A-Z][a-z]{1,11})+")
_COMMON = frozenset(["yes", "no", "odd", "all", "red", "one", "two", "six", "ten", "any", "not"])


def read(text: str) -> tuple[Node, ...]:
    """Return the readings of one plain answer, the likeliest first; none where it can't be read.

    There are several only where a text is ambiguous, such as `1,234`, `1/2x` or `C(5,2)`. It never
    raises, computes nothing, and takes a time in proportion to the text.
    """
    text = narrow(text).strip()
    if len(text) > _MOST:
        return ()
    if simple := _SIMPLE.fullmatch(text):
        return (_simple(simple),)
    if named := set_in_words(phrase(text)):
        return (named,)
    if _NAMES.fullmatch(text):
        names = tuple(Words(name) for name in re.split(r"\s*(?:,\s*and|,|、|\band\b)\s*", text))
        return (Items(names, ","),)
    readings: dict[Node, None] = {}
    ways: list[tuple[Commas, Choices]] = [("thousands", Choices())]
    text = _undressed(text)
    for commas, choices in ways:  # grows by what the first way finds ambiguous
        lexer = Lexer(text, commas)
        try:
            parser = Parser(text, lexer.run(), choices)
            node = _whole(parser)
            vectors = as_vectors(node) if parser.has_vectors else ()
            readings.update(dict.fromkeys(vectors or (node,)))
        except Unreadable:
            if not readings:
                break
            continue
        if len(ways) == 1:
            ways.extend((other, Choices()) for other in sorted(lexer.ambiguous))
            ways.extend((commas, Choices()._replace(**{name: True})) for name in sorted(parser.met))
    return tuple(_with_words(text, list(readings)))


def _simple(found: re.Match[str]) -> Node:
    """Return an integer, decimal or fraction in digits, which most answers are."""
    sign, whole, decimals, below = found.groups()
    if decimals:
        node: Node = Number(Fraction(f"{whole}.{decimals}"), len(decimals))
    else:
        node = Number(Fraction(int(whole)))
    if below:
        node = Quotient(node, Number(Fraction(int(below))))
    return Negative(node) if sign else node


def _undressed(text: str) -> str:
    """Return a text without the signs that begin and end mathematics, or a brace that is alone."""
    if len(_DOLLAR.findall(text)) != 1 or not _MONEY.search(text):
        text = _DOLLAR.sub(" ", text)
    text = _MATH_SIGNS.sub(" ", text).rstrip("\\ ")
    if text.startswith("{") and text.count("{") == text.count("}") + 1:
        text = text[1:]
    return text


def _whole(p: Parser) -> Node:
    node = p.items()
    if p.kind != "stop":
        raise Unreadable
    return node


def _with_words(text: str, readings: list[Node]) -> list[Node]:
    """Add that a run of two or three letters may be a word: Tom, no, He; and R the real numbers."""
    if field := _FIELD.fullmatch(text):
        return [*readings, NamedSet(_FIELDS[field[1] or field[2]])]
    if not _SHORT_WORD.fullmatch(text) or not all(isinstance(x, Product) for x in readings):
        return readings
    if text in _COMMON or text.istitle():
        return [Words(text), *readings]
    return [*readings, Words(text)]
