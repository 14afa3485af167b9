"""The SQL of conditions: from text to a function of one row.

sqlglot parses; what follows is closed: a node that is not named here is refused, because recipes
come from strangers. Truth is SQL's, with three values: None is unknown, as `null = 1` is.
"""

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, NoReturn

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from potstill.recipe.columns import Column, Kind, Value
from potstill.recipe.sentences import show
from potstill.registry import nearest

Row = Mapping[str, Value]
Test = Callable[[Row], bool | None]

MAX_LENGTH = 2000
"""Characters of a condition; a longer one is no condition but an attack on the parser."""

LEGAL = (
    "a condition may hold columns, text, numbers, true, false, null, comparisons "
    "(= != <> < <= > >=), and, or, not, in (…), is null and parentheses"
)

COMPARISONS: dict[type[exp.Expr], Callable[[Any, Any], bool]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
}


class Refused(ValueError):
    """The text is no legal condition; says why, as a predicate whose subject is the condition."""


class Operand(NamedTuple):
    """A column or a literal."""

    kind: Kind | None
    """Its type; None for the literal null, which compares with anything."""
    read: Callable[[Row], Value]
    """Its value in a row."""
    text: str
    """How it stands in the condition."""
    legal: tuple[str, ...] = ()
    """All texts that a column may hold, where that is a closed set."""
    literal: str | None = None
    """The text of a literal."""


def compile_condition(text: str, columns: Mapping[str, Column]) -> Test:
    """Return the function that says of a row whether `text` holds: True, False or None.

    Args:
        text: An SQL boolean expression.
        columns: The legal columns.

    Raises:
        Refused: The text is not SQL, uses more than `LEGAL`, names an unknown column or compares
            two types.
    """
    if len(text) > MAX_LENGTH:
        raise Refused(f"has {len(text)} characters; at most {MAX_LENGTH} are allowed")
    try:
        return _Compiler(columns).test(_parse(text))
    except RecursionError:
        raise Refused("is nested too deeply") from None


def known_part(text: str, columns: Collection[str]) -> str | None:
    """Return the conjuncts of a condition that name only `columns`, or None where there are none.

    Wherever the whole condition is true, this part of it is.
    """
    node = _parse(text)
    while isinstance(node, exp.Paren):
        node = node.this
    parts = node.flatten() if isinstance(node, exp.And) else [node]
    known = [
        part for part in parts if all(c.name.lower() in columns for c in part.find_all(exp.Column))
    ]
    return exp.and_(*known).sql() if known else None


def _parse(text: str) -> exp.Expr:
    try:
        return sqlglot.parse_one(text, into=exp.Condition)
    except ParseError as error:
        if not error.errors:
            raise Refused(f"is empty; {LEGAL}") from None
        near = show(error.errors[0]["highlight"])
        raise Refused(f"can't be read near {near}; {LEGAL}") from None
    except SqlglotError:
        raise Refused("can't be read: a quote or a comment is not closed") from None


class _Compiler:
    """Turns a parsed tree into nested functions."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.columns = columns

    def test(self, node: exp.Expr) -> Test:
        """Compile a node that is true, false or unknown."""
        if isinstance(node, exp.Paren):
            return self.test(node.this)
        if isinstance(node, exp.Not):
            return _negation(self.test(node.this))
        if isinstance(node, exp.And | exp.Or):
            parts = [self.test(part) for part in node.flatten()]
            return _junction(parts, decisive=isinstance(node, exp.Or))
        if type(node) in COMPARISONS:
            return self.comparison(node)
        if isinstance(node, exp.Is):
            return self.is_null(node)
        if isinstance(node, exp.In):
            return self.membership(node)
        return self.boolean(node)

    def comparison(self, node: exp.Expr) -> Test:
        """Compile `left = right` and its like."""
        compare = COMPARISONS[type(node)]
        left, right = self.operand(node.this), self.operand(node.expression)
        _same_kind(left, right)
        if isinstance(node, exp.EQ | exp.NEQ):
            _possible(left, right)
        read_left, read_right = left.read, right.read

        def test(row: Row) -> bool | None:
            a, b = read_left(row), read_right(row)
            return None if a is None or b is None else compare(a, b)

        return test

    def membership(self, node: exp.In) -> Test:
        """Compile `value in (a, b)`: unknown where only a null stands in the way of false."""
        if not node.expressions:
            raise Refused(f"needs a list of values after in: {show(node.sql())}; {LEGAL}")
        value = self.operand(node.this)
        items = [self.operand(item) for item in node.expressions]
        for item in items:
            _same_kind(value, item)
            _possible(value, item)
        read, reads = value.read, [item.read for item in items]

        def test(row: Row) -> bool | None:
            if (found := read(row)) is None:
                return None
            values = [read_item(row) for read_item in reads]
            return True if found in values else None if None in values else False

        return test

    def is_null(self, node: exp.Is) -> Test:
        """Compile `value is null`, which is never unknown."""
        if not isinstance(node.expression, exp.Null):
            _refuse(node)
        read = self.operand(node.this).read
        return lambda row: read(row) is None

    def boolean(self, node: exp.Expr) -> Test:
        """Compile a column or literal that stands alone."""
        kind, read, text, *_ = self.operand(node)
        if kind not in ("boolean", None):
            raise Refused(f"leaves {text} ({kind}) alone: compare it with something")

        def test(row: Row) -> bool | None:
            value = read(row)
            return None if value is None else bool(value)

        return test

    def operand(self, node: exp.Expr) -> Operand:
        """Compile a column, a literal, or a number with a minus."""
        if isinstance(node, exp.Paren):
            return self.operand(node.this)
        if isinstance(node, exp.Column) and not node.table:
            return self.column(node)
        if isinstance(node, exp.Neg):
            return _minus(self.operand(node.this))
        if isinstance(node, exp.Null):
            return _constant(None, None)
        if isinstance(node, exp.Boolean):
            return _constant("boolean", bool(node.this))
        if isinstance(node, exp.Literal):
            return _constant("text", node.name) if node.is_string else _number(node.name)
        return _refuse(node)

    def column(self, node: exp.Column) -> Operand:
        """Compile a column; like SQL's, its name may be written in any case."""
        name = node.name.lower()
        if name not in self.columns:
            legal = f"{nearest(name, self.columns)}; the columns are {', '.join(self.columns)}"
            hint = f": write '{node.name}' if text was meant" if node.this.quoted else ""
            raise Refused(f"names the unknown column {show(node.name)}{hint or legal}")
        column = self.columns[name]
        return Operand(column.kind, operator.itemgetter(name), name, column.values)


def _refuse(node: exp.Expr) -> NoReturn:
    raise Refused(f"holds {show(node.sql())}, which is not allowed; {LEGAL}")


def _constant(kind: Kind | None, value: Value) -> Operand:
    def read(_: Row) -> Value:
        return value

    literal = value if isinstance(value, str) else None
    return Operand(kind, read, show(value), literal=literal)


def _number(text: str) -> Operand:
    for read in (int, float):
        with suppress(ValueError):
            return _constant("number", read(text))
    raise Refused(f"holds {show(text)}, which is no number")


def _minus(operand: Operand) -> Operand:
    if operand.kind != "number":
        raise Refused(f"puts a minus before {operand.text}, which is no number")

    def read(row: Row) -> Value:
        value = operand.read(row)
        return None if value is None or isinstance(value, str) else -value

    return Operand("number", read, f"-{operand.text}")


def _same_kind(a: Operand, b: Operand) -> None:
    if a.kind != b.kind and None not in (a.kind, b.kind):
        raise Refused(f"compares {a.text} ({a.kind}) with {b.text} ({b.kind})")


def _possible(a: Operand, b: Operand) -> None:
    """Refuse to compare a column with a text that it can never hold."""
    for column, other in ((a, b), (b, a)):
        if column.legal and other.literal is not None and other.literal not in column.legal:
            near = nearest(other.literal.lower(), column.legal)
            legal = ", ".join(column.legal)
            raise Refused(
                f"compares {column.text} with {other.text}, which it never is{near}: {legal}"
            )


def _negation(inner: Test) -> Test:
    def test(row: Row) -> bool | None:
        value = inner(row)
        return None if value is None else not value

    return test


def _junction(parts: Sequence[Test], *, decisive: bool) -> Test:
    """Join by `or` (one True decides) or by `and` (one False decides)."""

    def test(row: Row) -> bool | None:
        unknown = False
        for part in parts:
            value = part(row)
            if value is decisive:
                return decisive
            unknown = unknown or value is None
        return None if unknown else not decisive

    return test
