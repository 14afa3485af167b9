"""The state of reading one answer: where it is, what is open, what could be read otherwise.

The levels of the grammar, from the loosest: items, item (a relation), side (ratios and sets),
expression (a sum), term (a product), factor (a power), atom. Each is a function of the parser.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from potstill.verifiers.expressions import arithmetic, atoms, items, relations
from potstill.verifiers.expressions.nodes import Items, Node, Number
from potstill.verifiers.expressions.tokens import Token, Unreadable

_DEPTH = 30
"""Most brackets, powers and the like inside one another."""
_OPENS = frozenset({"(", "[", "{", "\\{"})
_CLOSES = frozenset({")", "]", "}", "\\}"})
_BEFORE_ITEMS = frozenset(
    [",", ";", ":", "(", "[", "{", "\\{", "joint", "quad", "row", "relation", "&", "word", "if"]
)
_RELATIONS = frozenset({"relation", "<", ">"})
_CALLED = frozenset(["f", "g", "h", "F", "G", "H", "P", "Q", "p", "q", "u", "v", "phi", "psi"])


class Choices(NamedTuple):
    """How to read what can be read in several ways."""

    slash_takes_all: bool = False
    """Whether `1/2x` is 1/(2x) rather than (1/2)x."""
    points: bool = False
    """Whether `C(5,2)` is a point rather than a number of combinations."""
    rounded: bool = False
    r"""Whether of `a \\approx b` b counts rather than a."""


class Parser:
    """Reads the tokens of one text."""

    def __init__(self, text: str, tokens: Sequence[Token], choices: Choices) -> None:
        """Prepare to read tokens from their start."""
        self.text = text
        self.choices = choices
        self.met: set[str] = set()
        """The names of the choices that made a difference."""
        self.enclosing: list[str] = []
        """What is open: the kinds of brackets, and bars as `|`."""
        self.bound: list[str] = []
        """Variables that are bound here, such as the index of a sum."""
        self.at = 0
        self._tokens = list(tokens)
        self._depth = 0
        self.pairs, self.related = _brackets(tokens)
        self.called = _called(tokens)
        self.has_vectors = any(token.text == "j" for token in tokens)
        """Whether `i` is a unit vector or an index, since a `j` is beside it."""
        self.has_words = any(token.kind == "word" for token in tokens)

    @property
    def kind(self) -> str:
        """The kind of the next token."""
        return self._tokens[self.at].kind

    @property
    def token(self) -> Token:
        """The next token."""
        return self._tokens[self.at]

    @property
    def end(self) -> int:
        """Where in the text the last token ended."""
        return self._tokens[self.at - 1].end if self.at else 0

    def peek(self, ahead: int = 1) -> Token:
        """Return a token further on, or the last."""
        return self._tokens[min(self.at + ahead, len(self._tokens) - 1)]

    def back(self) -> Token | None:
        """Return the token before the next one."""
        return self._tokens[self.at - 1] if self.at else None

    def tokens(self, start: int, end: int) -> list[Token]:
        """Return the tokens between two places."""
        return self._tokens[start:end]

    def take(self) -> Token:
        """Return the next token and go past it; the last one stays."""
        token = self._tokens[self.at]
        if token.kind != "stop":
            self.at += 1
        return token

    def accept(self, kind: str) -> bool:
        """Go past the next token if it is of a kind, and return whether it is."""
        if self._tokens[self.at].kind != kind:
            return False
        self.at += 1
        return True

    def expect(self, kind: str) -> None:
        """Go past a token of a kind.

        Raises:
            Unreadable: The next token is of another kind.
        """
        if not self.accept(kind):
            raise Unreadable

    def after_script(self, place: int) -> int | None:
        """Return the place behind the script whose `_` or `^` is at a place, if it has an end."""
        if self.peek(place + 1 - self.at).kind != "{":
            return min(place + 2, len(self._tokens) - 1)
        end = self.pairs.get(place + 1)
        return None if end is None else end + 1

    def lone_number(self, place: int) -> Number | None:
        """Return the number that is all of the script whose sign is at a place, if it is one."""
        inner = place + 1 + (self._tokens[place + 1].kind == "{")
        alone = self.after_script(place) in (inner + 1, inner + 2)
        return self._tokens[inner].number if alone else None

    def parts_items(self, start: int, end: int) -> bool:
        """Return whether there is a comma in a bracket, and in no other bracket inside it."""
        depth = 0
        for token in self._tokens[start + 1 : end]:
            depth += (token.kind in _OPENS) - (token.kind in _CLOSES)
            if not depth and token.kind in (",", ";"):
                return True
        return False

    def begins_item(self, place: int) -> bool:
        """Return whether the token at a place is the first of an item of a list."""
        return place == 0 or self._tokens[place - 1].kind in _BEFORE_ITEMS

    def take_digit(self) -> Token:
        r"""Return the first digit of a number and leave the others: `\\frac12` is one half."""
        token = self._tokens[self.at]
        if len(token.text) == 1 or not token.text.isdecimal():
            return self.take()
        first, rest = token.text[0], token.text[1:]
        middle = token.start + 1
        self._tokens[self.at] = Token(
            "number", rest, middle, token.end, number=Number(Fraction(int(rest)))
        )
        return Token(
            "number", first, token.start, middle, token.spaced, Number(Fraction(int(first)))
        )

    def drop_alignment(self) -> None:
        """Take out the `&` around signs of relations in this row."""
        place = self.at
        while self._tokens[place].kind not in ("row", "end", "stop"):
            beside = {self._tokens[place + 1].kind, self._tokens[place - 1].kind}
            if self._tokens[place].kind == "&" and beside & _RELATIONS:
                del self._tokens[place]
            else:
                place += 1

    def open(self, bracket: str = "") -> None:
        """Note that a bracket is open, or without one that something is inside something else.

        Raises:
            Unreadable: Too much is.
        """
        if len(self.enclosing) >= _DEPTH:
            raise Unreadable
        self.enclosing.append(bracket or (self.enclosing[-1] if self.enclosing else ""))

    def close(self) -> None:
        """Note that what was opened last is closed."""
        self.enclosing.pop()

    def items(self) -> Node:
        """Read items up to a closing bracket or the end."""
        return items.listed(self)

    def state(self) -> tuple[int, int]:
        """Return what is open and bound, to go back to."""
        return len(self.enclosing), len(self.bound)

    def restore(self, at: int, state: tuple[int, int]) -> None:
        """Go back to a token, where less was open."""
        self.at = at
        del self.enclosing[state[0] :], self.bound[state[1] :]

    def stops(self) -> bool:
        r"""Return whether a command is next that ends what stands before it, such as `\over`."""
        return self.kind == "command" and self.token.text in arithmetic.STOPS

    def sequence(self) -> list[Node] | Items:
        """Read items between brackets; they are `Items` where "and" or "or" is between any."""
        return items.sequence(self)

    def item(self) -> Node:
        """Read one item of a list: a relation, an expression or words."""
        return items.item(self)

    def relation(self) -> Node:
        """Read a relation, or one side alone."""
        return relations.chain(self)

    def aligned_relation(self) -> Node:
        """Read a relation that may have `&` before its signs, to align it."""
        return relations.aligned(self)

    def condition(self) -> Node:
        """Read the conditions of a case, with commas, "and" or "or" between them."""
        return items.condition(self)

    def joined(self, node: Node) -> Node:
        """Read the sets that are joined to one."""
        return relations.joined(self, node)

    def side(self) -> Node:
        """Read a side of a relation: a ratio, sets joined, or an expression."""
        return relations.side(self)

    def expression(self) -> Node:
        """Read a sum."""
        return arithmetic.added(self)

    def term(self) -> Node:
        """Read a product."""
        return arithmetic.multiplied(self)

    def factor(self) -> Node:
        """Read an atom with its exponents and factorials."""
        return arithmetic.raised(self)

    def atom(self) -> Node:
        """Read a number, a letter, a function of something, or something between brackets."""
        return atoms.atom(self)

    def argument(self, *, whole: bool = False) -> Node:
        r"""Read what a command such as `\frac` takes: braces, a digit, or an atom.

        With `whole` a number counts with all its digits, as in `x^10`.
        """
        return atoms.argument(self, whole=whole)


def _brackets(tokens: Sequence[Token]) -> tuple[dict[int, int], set[int]]:
    """Return the place of the bracket that closes each, and the places of those with a relation."""
    pairs: dict[int, int] = {}
    related: set[int] = set()
    opened: list[int] = []
    for place, token in enumerate(tokens):
        if token.kind in _OPENS:
            opened.append(place)
        elif token.kind in _CLOSES and opened:
            pairs[opened.pop()] = place
        elif token.kind in _RELATIONS and token.text not in ("langle", "rangle") and opened:
            related.add(opened[-1])
    return pairs, related


def _called(tokens: Sequence[Token]) -> frozenset[str]:
    """Return the letters that are functions: wherever they stand a bracket follows."""
    names: dict[str, bool] = {}
    for place, token in enumerate(tokens):
        if token.kind == "letter" and token.text in _CALLED:
            names[token.text] = names.get(token.text, True) and _opens(tokens, place + 1)
    return frozenset(name for name, always in names.items() if always)


def _opens(tokens: Sequence[Token], place: int) -> bool:
    """Return whether a bracket stands at a place, behind primes, an index or `^{-1}` or not."""
    while tokens[place].kind == "'":
        place += 1
    if tokens[place].kind in ("_", "^"):
        inner = place + 1
        if tokens[inner].kind == "{":
            while tokens[inner].kind not in ("}", "stop"):
                inner += 1
        place = min(inner + 1, len(tokens) - 1)
    return tokens[place].kind == "("
