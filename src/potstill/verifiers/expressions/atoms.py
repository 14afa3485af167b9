"""The smallest parts: numbers, letters with their indices, named sets, arguments of commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from potstill.verifiers.expressions import (
    brackets,
    commands,
    counting,
    functions,
    matrices,
    measured,
    named_sets,
)
from potstill.verifiers.expressions.arithmetic import plain
from potstill.verifiers.expressions.figures import in_base
from potstill.verifiers.expressions.nodes import (
    Constant,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    SetOf,
    Sum,
    Symbol,
)
from potstill.verifiers.expressions.tokens import Unreadable

if TYPE_CHECKING:
    from potstill.verifiers.expressions.parser import Parser

_NUMERALS = "two three four five six seven eight nine ten eleven twelve"
_BASES = {word: base for base, word in enumerate(_NUMERALS.split(), start=2)} | {
    "sixteen": 16,
    "hex": 16,
    "bin": 2,
    "oct": 8,
    "dec": 10,
}
_LONGEST = 60
"""Most tokens of a number in a base above ten."""


def atom(p: Parser) -> Node:
    """Read one atom.

    Raises:
        Unreadable: None begins here.
    """
    rule = _RULES.get(p.kind)
    if rule is None:
        raise Unreadable
    return rule(p)


def argument(p: Parser, *, whole: bool) -> Node:
    """Read what a command or a script takes."""
    if p.kind == "{":
        return plain(brackets.grouped(p))
    if p.kind == "number" and not whole:
        return p.take_digit().number or _unreadable()
    if p.kind == "number":
        return p.take().number or _unreadable()
    return plain(p.atom())


def number(p: Parser) -> Node:
    """Read a number, in a base or with a proper fraction behind it: `1011_2`, `3 1/2`."""
    first = p.at
    token = p.take()
    value = token.number or _unreadable()
    if p.kind == "_":
        return based(p, first)
    if p.kind == "letter" and not p.token.spaced:
        node = counting.infix(p, value) or letters_in_base(p, first)
        if node:
            return node
    if value.places is None and value.value.denominator == 1:
        return _mixed(p, value) or value
    return value


def based(p: Parser, first: int) -> Node:
    """Read the base behind the digits between a token and here."""
    digits = "".join(token.text for token in p.tokens(first, p.at))
    p.expect("_")
    base = script(p).strip("()")
    found = in_base(digits, int(base) if base.isdecimal() else _BASES.get(base.lower(), 0))
    return found or _unreadable()


def letters_in_base(p: Parser, first: int) -> Node | None:
    """Read digits with letters among them, where a base above ten stands behind: `1A3_{16}`."""
    ahead = 0
    while (token := p.peek(ahead)).kind in ("number", "letter") and ahead < _LONGEST:
        if token.spaced or (token.kind == "letter" and not token.text.isupper()):
            return None
        ahead += 1
    behind = p.peek(ahead + 1)
    base = (p.peek(ahead + 2) if behind.kind == "{" else behind).text
    if token.kind != "_" or base not in ("11", "12", "13", "14", "15", "16", "20", "36", "sixteen"):
        return None
    for _ in range(ahead):
        p.take()
    return based(p, first)


def _mixed(p: Parser, value: Number) -> Node | None:
    r"""Read the proper fraction behind an integer: `3 1/2`, `3\frac12`, `3又1/2`."""
    written = p.accept("又")
    if p.kind == "command" and p.token.text in ("frac", "dfrac", "tfrac", "cfrac"):
        kinds = [p.peek(i).kind for i in range(1, 7)]
        digits = kinds == ["{", "number", "}", "{", "number", "}"] or kinds[0] == "number"
        if not digits and kinds[:4] != ["{", "number", "}", "number"]:
            return None
        part = p.atom()
    elif p.kind == "number" and p.peek().kind == "/" and p.peek(2).kind == "number":
        above, below = p.take().number, (p.take(), p.take().number)[1]
        if above is None or below is None:
            raise Unreadable
        part = Quotient(above, below)
        if not written and not _is_proper(part):
            raise Unreadable
    else:
        return None
    return Sum((value, part)) if written or _is_proper(part) else Product((value, part))


def _is_proper(node: Node) -> bool:
    return (
        isinstance(node, Quotient)
        and isinstance(node.above, Number)
        and isinstance(node.below, Number)
        and 0 < node.above.value < node.below.value
        and node.above.places is node.below.places is None
    )


def letter(p: Parser) -> Node:
    """Read a letter: a variable with index and primes, a function's name, π's kin e and i."""
    if p.token.text in ("C", "P", "A") and (node := counting.scripted(p) or counting.called(p)):
        return node
    if p.token.text in named_sets.NAMES and named_sets.is_part(p):
        return named_sets.field(p)
    if p.token.text.isupper() and (node := letters_in_base(p, p.at)):
        return node
    defined = functions.is_definition(p)
    token = p.take()
    name = token.text
    if token.kind == "letter" and _is_constant(p, name):
        return Constant("e" if name == "e" else "i")
    name = indexed(p, name)
    if p.kind == "(" and (token.text in p.called or defined):
        return functions.defined(p, name)
    if p.kind == "^" and token.text in p.called and functions.is_inverse(p):
        return functions.defined(p, name)
    return named_point(p, token.text) or Symbol(name)


def _is_constant(p: Parser, name: str) -> bool:
    """Return whether a letter before here is Euler's number or the imaginary unit."""
    if name not in ("e", "i") or p.kind in ("_", "'") or name in p.bound:
        return False
    return name == "e" or not p.has_vectors


def indexed(p: Parser, name: str) -> str:
    """Return a letter's name with its index and primes."""
    while True:
        if p.kind == "_":
            p.take()
            name = f"{name}_{script(p)}"
        elif p.kind == "'":
            name += p.take().text
        elif p.kind == "^" and p.peek().kind == "'":
            p.take()
        elif p.kind == "^" and p.peek().kind == "{" and p.peek(2).kind == "'":
            name += script_of_primes(p)
        else:
            return name


def script_of_primes(p: Parser) -> str:
    r"""Return the primes of `^{\prime}`."""
    end = p.after_script(p.at)
    if end is None:
        raise Unreadable
    inner = p.tokens(p.at + 2, end - 1)
    p.at = end
    if any(token.kind != "'" for token in inner):
        raise Unreadable
    return "".join(token.text for token in inner)


def script(p: Parser) -> str:
    """Return an index as text, such as 12 of `x_{12}`."""
    if p.kind != "{":
        if p.kind in ("stop", "}", ")", ","):
            raise Unreadable
        return p.take().text
    end = p.pairs.get(p.at)
    if end is None:
        raise Unreadable
    text = "".join(token.text for token in p.tokens(p.at + 1, end) if token.kind not in "{}")
    p.at = end + 1
    return text


def named_point(p: Parser, name: str) -> Node | None:
    """Read the coordinates of a point behind its name: `A(1, 2)`."""
    end = p.pairs.get(p.at) if p.kind == "(" and name.isupper() else None
    if end is None or not p.begins_item(p.at - 1):
        return None
    inner = p.tokens(p.at + 1, end)
    if not any(token.kind in (",", ";") for token in inner):
        return None
    return p.atom()


def constant(p: Parser) -> Node:
    """Read π or ∞."""
    name = p.take().text
    if name == "pi":
        return Constant("pi")
    return Negative(Constant("infinity")) if name[0] == "-" else Constant("infinity")


def _unreadable() -> Number:
    raise Unreadable


def _symbol(p: Parser) -> Node:
    return Symbol(indexed(p, p.take().text))


def _empty(p: Parser) -> Node:
    p.take()
    return SetOf(())


_RULES: dict[str, Callable[[Parser], Node]] = {
    "number": number,
    "letter": letter,
    "symbol": _symbol,
    "constant": constant,
    "field": named_sets.field,
    "empty": _empty,
    "(": brackets.group,
    "[": brackets.group,
    "]": brackets.group,
    "{": brackets.braces,
    "\\{": brackets.set_or_system,
    "<": brackets.angles,
    "|": brackets.bars,
    "function": functions.call,
    "command": commands.command,
    "begin": matrices.environment,
    "$": measured.money,
    "_": counting.prefixed,
    "^": counting.prefixed,
}
