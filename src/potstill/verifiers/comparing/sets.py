"""Sets of real numbers: intervals, inequalities, unions, builders, compared by where they change.

Each side is a rule that says whether a number belongs to it, and the places where that may change.
Two sets are equal if they agree at all these places, between any two neighbours, and beyond both
ends. Nothing else has to be computed: no union, no intersection, no normal form.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

from potstill.verifiers.comparing.builders import unfolded
from potstill.verifiers.comparing.exact import rational
from potstill.verifiers.comparing.intervals import compare_symbolic
from potstill.verifiers.comparing.limits import Unsupported
from potstill.verifiers.comparing.matching import Compare
from potstill.verifiers.comparing.places import (
    Place,
    integer,
    order,
    place,
    place_at,
    zeros,
)
from potstill.verifiers.comparing.regions import (
    Region,
    intersection,
    interval,
    joined,
    single,
    tests,
    union,
)
from potstill.verifiers.comparing.relations import is_name
from potstill.verifiers.comparing.trees import holds, symbols
from potstill.verifiers.expressions.nodes import (
    Builder,
    Call,
    Group,
    Items,
    NamedSet,
    Negative,
    Node,
    Number,
    Product,
    Relation,
    SetOf,
    SetOperation,
    Sum,
    Symbol,
)
from potstill.verifiers.finding import Finding, different, equal, undecided

_HOLDS: dict[str, Callable[[int], bool]] = {
    "=": lambda way: way == 0,
    "!=": lambda way: way != 0,
    "<": lambda way: way < 0,
    "<=": lambda way: way <= 0,
    ">": lambda way: way > 0,
    ">=": lambda way: way >= 0,
}

_ANY = Symbol("what an inequality is about")


def compare_sets(expected: Node, found: Node, compare: Compare) -> Finding | None:
    """Compare two answers one of which at least is a set of real numbers; None if neither is."""
    if not (is_set(expected) or is_set(found)):
        return None
    names = {side.name for side in (expected, found) if isinstance(side, NamedSet)}
    if len(names) == 2 and names & {"Q", "C"}:
        return different("set")
    try:
        findings = {_compare(expected, found, zero) for zero in _zeros(expected, found)}
    except Unsupported:
        return compare_symbolic(expected, found, compare)
    return min(findings) if len(findings) == 1 else undecided("not_proven", "set")


def is_set(node: Node) -> bool:
    """Return whether `node` can't be anything but a set of real numbers, or a condition on one."""
    match node:
        case Relation(_, signs):
            return set(signs) != {"="}
        case Group((_, _), opening, closing):
            return (opening, closing) in (("(", "]"), ("[", ")"))
        case Items(items):
            return any(map(is_set, items))
        case Builder() | NamedSet() | SetOperation():
            return True
        case _:
            return False


def region(node: Node, *, zero: bool) -> Region:
    """Return the set of real numbers that `node` describes.

    Args:
        node: An interval, a condition on one variable, a set of such, or single numbers.
        zero: Whether the natural numbers begin with zero.

    Raises:
        Unsupported: If it isn't a set of real numbers, or depends on a further variable.
    """
    match node:
        case Relation():
            return _condition(node, zero=zero)
        case Group((low, high), opening, closing):
            return interval(place(low), place(high), opening == "[", closing == "]")
        case NamedSet():
            return _named(node, zero=zero)
        case SetOperation(name, sets):
            return _operation(name, [region(one, zero=zero) for one in sets])
        case Builder():
            return _built(node, zero=zero)
        case SetOf(items):
            return union([region(item, zero=zero) for item in items])
        case Items():
            return _items(node, zero=zero)
        case _:
            return single(place(node))


def _zeros(expected: Node, found: Node) -> tuple[bool, ...]:
    """Return which readings of the natural numbers matter: whether zero is one differs."""
    return (True, False) if any(holds(x, NamedSet) for x in (expected, found)) else (True,)


def _compare(expected: Node, found: Node, zero: bool) -> Finding:
    ours, theirs = region(expected, zero=zero), region(found, zero=zero)
    if any(ours.has(at) != theirs.has(at) for at in tests([ours, theirs])):
        return different("set")
    if ours.variable and theirs.variable and ours.variable != theirs.variable:
        return undecided("not_proven", "set")
    return equal("set")


def _named(node: NamedSet, *, zero: bool) -> Region:
    if node.name in ("Q", "C"):
        raise Unsupported
    integers = node.name != "R"

    def has(at: Place) -> bool:
        way = order(at, Fraction(0))
        if integers and not integer(at):
            return False
        if node.positive is not None:
            return way > 0 if node.positive else way < 0
        return node.name != "N" or way > 0 or (way == 0 and zero)

    edges: list[Place] = [Fraction(0)] if node.name == "N" or node.positive is not None else []
    return Region(has, edges, None, integers)


def _operation(name: str, sets: Sequence[Region]) -> Region:
    if name == "union":
        return union(sets)
    if name == "intersection":
        return intersection(sets)

    def has(at: Place) -> bool:
        return sets[0].has(at) and not any(taken.has(at) for taken in sets[1:])

    return joined(has, sets)


def _items(node: Items, *, zero: bool) -> Region:
    """Return what conditions or sets in a row describe.

    An "or" joins; conditions without one all hold. Where only commas stand between them and nothing
    would be left, as in `x < 1, x > 2`, they are joined; and what isn't equal to one or another is
    equal to neither.
    """
    sets = [region(item, zero=zero) for item in node.items]
    conditions = all(isinstance(item, Relation) for item in node.items)
    unequal = all(isinstance(x, Relation) and {*x.signs} == {"!="} for x in node.items)
    if unequal:
        return intersection(sets)
    if node.joined == "or" or not conditions:
        return union(sets)
    both = intersection(sets)
    if node.joined == "and" or any(map(both.has, tests([both]))):
        return both
    return union(sets)


def _built(node: Builder, *, zero: bool) -> Region:
    element, conditions = unfolded(node)
    inside = intersection([region(condition, zero=zero) for condition in conditions])
    if not isinstance(element, Symbol) or inside.variable not in (None, element.name):
        raise Unsupported
    return inside._replace(variable=None)


def _condition(node: Relation, *, zero: bool) -> Region:
    match node:
        case Relation((Symbol(name), inside), ("in" | "notin" as sign,)):
            return _membership(name, region(inside, zero=zero), sign)
        case _ if set(node.signs) <= _HOLDS.keys():
            return _chain(node)
        case _:
            raise Unsupported


def _membership(name: str, inside: Region, sign: str) -> Region:
    def outside(at: Place) -> bool:
        return not inside.has(at)

    return inside._replace(has=inside.has if sign == "in" else outside, variable=name)


def _chain(node: Relation) -> Region:
    if any(map(_is_one_name, node.sides)):
        sides = tuple(_ANY if _is_one_name(side) else side for side in node.sides)
        return _chain(Relation(sides, node.signs))._replace(variable=None)
    names = symbols(node)
    if len(names) != 1:
        raise Unsupported
    (name,) = names
    links = [*zip(node.sides, node.signs, node.sides[1:], strict=False)]
    edges = [at for left, _, right in links for at in _edges(left, right, name)]

    def has(at: Place) -> bool:
        try:
            values = [place_at(side, name, at) for side in node.sides]
        except Unsupported:
            return False
        ways = map(order, values, values[1:])
        return all(_HOLDS[sign](way) for sign, way in zip(node.signs, ways, strict=True))

    return Region(has, edges, name)


def _is_one_name(node: Node) -> bool:
    """Return whether a side such as `f(x)` or `AB` stands for a variable."""
    return isinstance(node, Call | Product) and is_name(node)


def _edges(left: Node, right: Node, name: str) -> list[Place]:
    """Return where the order of two sides may change."""
    for one, other in ((left, right), (right, left)):
        if one == Symbol(name) and name not in symbols(other):
            return [place(other)]
    if isinstance(right, Number) and rational(right) == 0:
        return zeros(left, name)
    return zeros(Sum((left, Negative(right))), name)
