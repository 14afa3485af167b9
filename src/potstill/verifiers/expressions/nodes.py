"""What an answer says, as a tree, before anything is computed.

A tree keeps what is written: `2+3` is a sum, and `10^{10^{10}}` a power that nobody evaluates while
reading. Nodes are immutable, hashable and picklable. Of an expression that can't be read there is
no node: readers return None instead of a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

Sign: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "in", "notin", "subset", "subseteq"]
"""What stands between the sides of a relation."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written in digits or words: `12`, `0.50`, `1.2e-3`, `三十二`, `twelve`."""

    value: Fraction
    """Its exact value: 0.333 is 333/1000."""
    places: int | None = None
    """How many digits stand behind the decimal point; None where there is no point."""
    base: int = 10
    """The base that is written at it, as in `1011_2`; its value is already converted."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A number or a bound with a name of its own."""

    name: Literal["pi", "e", "i", "infinity"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A variable or an unknown: `x`, `x_1`, `alpha`, `theta_0`, `A'`."""

    name: str
    """Without backslash and braces, subscripts behind one `_`."""


UNNAMED = Symbol("")
"""The left side of a relation that is written without one, such as `> 2` or 大于2."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Two or more terms; a term that is taken away is a `Negative`."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Two or more factors, with a sign between them or without."""

    factors: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    r"""`a/b`, `\frac{a}{b}`, `a \div b`."""

    above: Node
    below: Node


@dataclass(frozen=True, slots=True)
class Power:
    """`a^b`."""

    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Negative:
    """`-a`."""

    of: Node


@dataclass(frozen=True, slots=True)
class PlusMinus:
    r"""`a \pm b` and `\pm b`: two values, or one where both signs give the same."""

    left: Node | None
    right: Node
    minus_first: bool = False
    r"""Whether it is written `\mp`: in one expression, its sign is the other one's opposite."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its arguments.

    Known names: `sin cos tan cot sec csc` and their inverses (`arcsin` …), the hyperbolic ones
    (`sinh`, `arsinh` …), `exp`, `ln`, `log` (x, or x and base; without a base it is 10), `sqrt`
    (x, or x and degree), `abs`, `floor`, `ceil`, `factorial`, `double_factorial`, `binomial`
    (n, k), `permutation` (n, k), `gcd`, `lcm`, `max`, `min`, `mod` (a, m), `re`, `im`, `conj`,
    `arg`, `det`, `transpose`. Any other is a function that the problem defines: `f(x)`, `f'(x)`.
    An angle in degrees is a `Quantity`; inside `sin` and its kin the comparison converts it.
    """

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A sum, product, integral, limit or derivative, whose variable is bound."""

    kind: Literal["sum", "product", "integral", "limit", "derivative"]
    body: Node
    variable: str
    lower: Node | None = None
    """Also the point that a limit goes to."""
    upper: Node | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    r"""A chain of sides: `x = 3`, `0 < x <= 1`, `x \in [0, 1)`, `f(x) = 2x`.

    Of `> 2` and 大于2 the first side is `UNNAMED`. A label in words is a symbol: 面积为3 is read
    as the relation of `Symbol("面积")` to 3.
    """

    sides: tuple[Node, ...]
    """One more than signs."""
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Congruence:
    r"""`x \equiv 3 \pmod 7`, also `3 \pmod 7` alone, with left None."""

    left: Node | None
    right: Node
    modulus: Node


@dataclass(frozen=True, slots=True)
class Group:
    """Two or more items between brackets: a point, a vector, or, of two, an interval.

    One item in round or square brackets is the item itself.
    """

    items: tuple[Node, ...]
    opening: Literal["(", "[", "<"]
    """`<` for angle brackets, which are vectors; `]0, 1[` is read as `(0, 1)`."""
    closing: Literal[")", "]", ">"]


@dataclass(frozen=True, slots=True)
class Items:
    r"""Items without brackets around them: `1, 2`, `x = 1 or x = 2`, `1和2`.

    Conditions are items too: `x = 2k\pi, k \in \mathbb{Z}` and `y = 2x (x > 0)` are two items
    each. Rows that semicolons part are items of items. A measurement in several parts (2 m 30 cm,
    `12°30'`) is a `Sum` of quantities.
    """

    items: tuple[Node, ...]
    joined: Literal[",", "and", "or"]
    """`or` where an "or" or 或 stands between any two, else `and` where an "and" or 且 does."""
    rows: bool = field(default=False, compare=False)
    """Whether semicolons part them, as they do the answers to several questions."""


@dataclass(frozen=True, slots=True)
class SetOf:
    r"""`\{1, 2, 3\}`; empty for `\{\}` and `\emptyset`. Also "no solution", 无解."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Builder:
    r"""`\{x \mid x > 2\}`, `\{x \in \mathbb{R} : x > 2, x \ne 3\}`."""

    element: Node
    """What is collected; where it is written `x in A` the relation is the first condition."""
    conditions: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A set of numbers by its name: reals, rationals, integers, naturals, complex numbers."""

    name: Literal["R", "Q", "Z", "N", "C"]
    positive: bool | None = None
    r"""True for `\mathbb{R}^+`, False for the negative ones, None for all."""


@dataclass(frozen=True, slots=True)
class SetOperation:
    """Two or more sets, from left to right."""

    name: Literal["union", "intersection", "difference"]
    sets: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of equal length; a determinant between bars is `Call("det", (Matrix,))`."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """A piecewise expression; the condition None is "otherwise"."""

    pieces: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True, slots=True)
class Ratio:
    """`3:4`, `1:2:3`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measurement, in terms of the base units of its dimension."""

    name: str
    """In one spelling: `cm`, `cm²`, `%`, `$`, `元`, `apples`."""
    dimension: str
    """Equal for units that convert into one another; for a word that no library knows the word
    itself behind `=`, as `=apple`, and `=` alone where it only counts (个); behind `~` for units
    of no fixed size (`~month`)."""
    factor: Fraction = Fraction(1)
    """How many base units one of it is; exact, but for an angle in degrees (`π/180` is left to the
    comparison: degrees are a dimension of their own with base degree)."""
    offset: Fraction = Fraction(0)
    """What is added after multiplying: temperatures."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with a unit."""

    value: Node
    unit: Unit


@dataclass(frozen=True, slots=True)
class Words:
    """Words that stand for themselves, such as a name: a whole item, never part of arithmetic."""

    text: str


Node: TypeAlias = (
    Number
    | Constant
    | Symbol
    | Sum
    | Product
    | Quotient
    | Power
    | Negative
    | PlusMinus
    | Call
    | Bound
    | Relation
    | Congruence
    | Group
    | Items
    | SetOf
    | Builder
    | NamedSet
    | SetOperation
    | Matrix
    | Cases
    | Ratio
    | Quantity
    | Words
)
