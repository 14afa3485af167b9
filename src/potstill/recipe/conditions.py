"""Conditions of a recipe: SQL boolean expressions over the columns of one row."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator
from pydantic_core import PydanticCustomError

from potstill.errors import InputError
from potstill.recipe.columns import (
    TABLES,
    Column,
    Table,
    Value,
    problem_columns,
    sample_columns,
)
from potstill.recipe.sentences import show
from potstill.records import Problem, Sample


class Condition:
    """An SQL boolean expression over the columns of one of `TABLES`.

    Legal are columns, literals, comparisons, and, or, not, in, is null and parentheses. A row for
    which the expression is unknown (`category = 'math'` for a null category) is not selected.
    """

    __slots__ = ("_test", "table", "text")

    def __init__(self, text: str, table: Table = "sample") -> None:
        """Parse `text`.

        Args:
            text: The expression.
            table: Whose columns it may name; a condition over problems takes samples too.

        Raises:
            InputError: The expression is illegal; the text says where and what is legal.
        """
        self.text = text
        self.table: Table = table
        self._test = _compiled(text, TABLES[table])

    def matches(self, row: Problem | Sample) -> bool:
        """Return whether the expression is true of `row`, which false and unknown are not."""
        columns = sample_columns(row) if isinstance(row, Sample) else problem_columns(row)
        return self.evaluate(columns) is True

    def evaluate(self, columns: Mapping[str, Value]) -> bool | None:
        """Return the truth of the expression over the values of its columns; None is unknown."""
        return self._test(columns)

    def known_part(self, columns: Collection[str]) -> "Condition | None":
        """Return what the condition asks of `columns` alone; None where that is nothing.

        It holds wherever the condition does, so that it bounds from above how many rows that is.
        """
        from potstill.recipe.expressions import known_part

        text = known_part(self.text, columns)
        return None if text is None else Condition(text, self.table)

    def check(self, values: Mapping[str, tuple[str, ...]]) -> None:
        """Look whether each column is compared only with what it can be.

        Args:
            values: All that a column may hold, for columns whose values are known here.

        Raises:
            InputError: It is compared with another text.
        """
        columns = TABLES[self.table]
        known = {
            name: columns[name]._replace(values=each)
            for name, each in values.items()
            if name in columns
        }
        _compiled(self.text, columns | known)

    def __str__(self) -> str:
        """Return the expression as it was written."""
        return self.text

    def __repr__(self) -> str:
        """Return a call that makes an equal condition."""
        return f"Condition({self.text!r}, {self.table!r})"

    def __eq__(self, other: object) -> bool:
        """Return whether both were written alike and are over the same columns."""
        return isinstance(other, Condition) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        """Return a hash of what `__eq__` compares."""
        return hash((self.text, self.table))

    def __reduce__(self) -> tuple[type["Condition"], tuple[str, Table]]:
        """Pickle the text, since compiled functions can't be."""
        return Condition, (self.text, self.table)


def _compiled(
    text: str, columns: Mapping[str, Column]
) -> Callable[[Mapping[str, Value]], bool | None]:
    from potstill.recipe.expressions import Refused, compile_condition

    try:
        return compile_condition(text, columns)
    except Refused as error:
        raise InputError(f"the condition {show(text)} {error}") from None


def _read(value: object, table: Table) -> Condition:
    if isinstance(value, Condition) and value.table == table:
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Input should be a condition, as text")
    try:
        return Condition(value, table)
    except InputError as error:
        raise PydanticCustomError("sentence", "{text}", {"text": str(error)}) from None


_as_text = PlainSerializer(str, return_type=str)
_Text = Annotated[str, Field(json_schema_extra={"format": "condition"})]

ProblemCondition = Annotated[
    Condition,
    PlainValidator(partial(_read, table="problem"), json_schema_input_type=_Text),
    _as_text,
]
"""A field that holds a condition over the columns of a problem."""

SampleCondition = Annotated[
    Condition,
    PlainValidator(partial(_read, table="sample"), json_schema_input_type=_Text),
    _as_text,
]
"""A field that holds a condition over the columns of a sample."""
