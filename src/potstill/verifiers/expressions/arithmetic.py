"""Sums, products and powers."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from potstill.verifiers.expressions import measured
from potstill.verifiers.expressions.nodes import (
    Call,
    Items,
    Matrix,
    Negative,
    Node,
    Number,
    PlusMinus,
    Power,
    Product,
    Quantity,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Words,
)
from potstill.verifiers.expressions.tokens import Unreadable

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser

STOPS = frozenset(["over", "choose", "rfloor", "rceil", "atop"])
"""Commands that end what stands before them."""
_MOST = 20
"""Most divisions, exponents and the like in a row, each inside the next."""
_BEGINS = frozenset(
    ["letter", "symbol", "constant", "function", "command", "field", "(", "[", "{", "\\{", "begin"]
)
"""Kinds of tokens that go on with a product where no sign is between."""


def added(p: Parser) -> Node:
    """Read terms with `+`, `-` and `±` between them."""
    terms: list[Node] = []
    signs = 0
    while signs < _MOST:
        kind = p.kind
        if kind == "±":
            minus_first = p.take().text == "mp"
            left = summed(terms) if terms else None
            terms = [PlusMinus(left, _signed(p), minus_first)]
            signs += 1
        elif kind in ("+", "-"):
            p.take()
            term = _signed(p)
            terms.append(Negative(term) if kind == "-" else term)
        elif not terms:
            terms.append(p.term())
        elif more := measured.further(p, terms[-1]):
            terms.append(more)
        else:
            return measured.lifted(summed(terms))
    raise Unreadable


def summed(terms: list[Node]) -> Node:
    """Return the sum of one or more terms."""
    if len(terms) == 1:
        return terms[0]
    return Sum(tuple(map(plain, terms)))


def plain(node: Node) -> Node:
    """Return a node that is part of arithmetic.

    Raises:
        Unreadable: It can't be, as words and relations can't.
    """
    if isinstance(node, (Words, Relation, Items)):
        raise Unreadable
    return node


def _signed(p: Parser) -> Node:
    """Read a product behind a sign, with at most one more sign before it: `3 - -2`."""
    if p.kind in ("+", "-"):
        kind = p.take().kind
        return Negative(plain(p.term())) if kind == "-" else p.term()
    return plain(p.term())


def multiplied(p: Parser) -> Node:
    """Read factors with signs between them or without, and the unit behind them."""
    factors: list[Node] = [p.factor()]
    nested = 0
    while nested < _MOST:
        kind = p.kind
        if kind == "*" or (kind == "letter" and _is_cross(p, factors[-1])):
            p.take()
            factors.append(_factor(p))
        elif kind == "/":
            p.take()
            factors = [Quotient(product(factors), _below(p))]
            nested += 1
        elif unit := measured.unit(p, factors[-1]):
            factors = [Quantity(product(factors), unit)]
            nested += 1
        elif goes_on(p, factors[-1]):
            factors.append(p.factor())
        elif kind == "mod":
            p.take()
            factors = [Call("mod", (product(factors), p.factor()))]
            nested += 1
        else:
            return product(factors)
    raise Unreadable


def _is_cross(p: Parser, last: Node) -> bool:
    """Return whether an `x` between numbers is a sign of multiplication: `2 x 10^5`."""
    return (
        p.token.text == "x"
        and p.token.spaced
        and p.peek().kind == "number"
        and isinstance(last, Number)
    )


def product(factors: list[Node]) -> Node:
    """Return the product of one or more factors."""
    if len(factors) == 1:
        return factors[0]
    return Product(tuple(map(plain, factors)))


def goes_on(p: Parser, last: Node) -> bool:
    """Return whether a product goes on without a sign."""
    kind = p.kind
    if kind == "|":
        return opens_bar(p)
    if kind == "number":  # 4!3!
        return isinstance(last, Call) and last.name == "factorial"
    if kind not in _BEGINS or isinstance(last, Words):
        return False
    if kind == "(":
        return p.at not in p.related and p.peek().kind != "mod"
    if kind == "command":
        return p.token.text not in STOPS
    if kind == "[":
        return not _closes_interval(p)
    if kind == "letter" and "∫" in p.enclosing[-1:]:
        return not (p.token.text == "d" and p.peek().kind in ("letter", "{"))
    return True


def opens_bar(p: Parser) -> bool:
    """Return whether the bar that is next opens, where a product may go on."""
    text = p.token.text
    if text in ("open", "close"):
        return text == "open"
    return text != "mid" and not {"|", "builder"} & set(p.enclosing[-1:])


def _closes_interval(p: Parser) -> bool:
    """Return whether a `[` closes an interval as in `]0, 1[`."""
    return p.enclosing[-1:] in (["]"], ["["]) and p.at not in p.pairs


def _factor(p: Parser) -> Node:
    """Read a factor behind a sign of multiplication, which may have a sign of its own."""
    if p.kind in ("+", "-"):
        kind = p.take().kind
        return Negative(plain(p.factor())) if kind == "-" else p.factor()
    return plain(p.factor())


def _below(p: Parser) -> Node:
    """Read what is under a `/`: of letters side by side all (`a/bc`), else one factor.

    `1/2x` is (1/2)x first; the other way to read it is noted.
    """
    factors = [_factor(p)]
    first = factors[0]
    while p.kind in ("letter", "constant", "function", "(", "command") and goes_on(p, first):
        if p.token.spaced or measured.unit_ahead(p, first):
            break
        letters = isinstance(first, Symbol) and p.kind == "letter"
        if not letters:
            p.met.add("slash_takes_all")
            if not p.choices.slash_takes_all:
                break
        factors.append(p.factor())
    return product(factors)


def raised(p: Parser) -> Node:
    """Read an atom with what stands behind it: exponents, factorials, degrees."""
    node = p.atom()
    for _ in range(_MOST):
        kind = p.kind
        if kind == "^":
            if unit := measured.unit(p, node):
                node = Quantity(node, unit)
                continue
            p.take()
            node = _power(plain(node), exponent(p))
        elif kind == "!":
            name = "double_factorial" if p.take().text == "!!" else "factorial"
            node = Call(name, (plain(node),))
        elif kind == "power":
            value = p.take().text
            node = Power(plain(node), Number(Fraction(value)))
        elif kind == "°" and (unit := measured.unit(p, node)):
            node = Quantity(node, unit)
        else:
            return node
    raise Unreadable


def _power(base: Node, raised: Node) -> Node:
    if isinstance(base, Matrix) and raised == Symbol("T"):
        return Call("transpose", (base,))
    return Power(base, raised)


def exponent(p: Parser) -> Node:
    """Read what is raised: in braces, with a sign before it, or a tower of powers."""
    p.open("{")
    negative = p.kind == "-"
    if negative or p.kind == "+":
        p.take()
    node = plain(p.argument(whole=True))
    if p.kind == "^" and not measured.circle(p):
        p.take()
        node = Power(node, exponent(p))
    p.close()
    return Negative(node) if negative else node
