"""What a row's columns say of one field."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

from potstill.protocols import Place
from potstill.sources.decode import BadRow, Number, kind

_SHOWN = 50
"""Columns of a row that evidence names."""


class Field(NamedTuple):
    """A field of a problem, as a row has it."""

    name: str
    """The field."""
    column: str
    """The column that may hold it."""
    value: JsonValue
    """What the column holds; None where there is none."""
    named: bool
    """Whether `map` names the column; else it may only happen to have the field's name."""

    def refuse(self, expected: str) -> None:
        """Refuse a value of another shape, unless the column only happens to have this name.

        Raises:
            BadRow: `map` names the column.
        """
        if self.named:
            found = kind(self.value)
            raise BadRow(
                "wrong_type", field=self.name, column=self.column, found=found, expected=expected
            )


def field(name: str, place: Place, row: Mapping[str, JsonValue]) -> Field:
    """Return what a row says of a field.

    Raises:
        BadRow: `map` names a column that is not there.
    """
    column = place.map.get(name, name)
    named = name in place.map
    return Field(name, column, find(name, column, row) if named else row.get(column), named)


def find(name: str, column: str, row: Mapping[str, JsonValue]) -> JsonValue:
    """Return the column of a row: `a.b` is `b` in column `a`, unless a column is called so.

    Raises:
        BadRow: It is not there.
    """
    if column in row:
        return row[column]
    value: JsonValue = dict(row)
    for part in column.split("."):
        if not isinstance(value, dict) or part not in value:
            there: list[JsonValue] = [*sorted(row)[:_SHOWN]]
            raise BadRow("missing_field", field=name, column=column, found=there)
        value = value[part]
    return value


def written(value: JsonValue) -> JsonValue:
    """Return a number as text, as its source wrote it where that is known."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return value.text if isinstance(value, Number) else str(value)
