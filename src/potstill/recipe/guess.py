"""What the columns of a file hold, guessed from its first rows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import UnionType
from typing import Literal, NamedTuple

from pydantic import JsonValue

from potstill import registry
from potstill.errors import InputError
from potstill.protocols import NotReadable, Place, Schema
from potstill.records import Problem
from potstill.sources import locations

ROWS = 50
"""Rows that are looked at."""

COLUMNS = {
    "problem": ("problem", "question", "prompt", "instruction", "query", "input"),
    "messages": ("messages",),
    "reference_answer": (
        "reference_answer",
        "answer",
        "gold",
        "final_answer",
        "expected_answer",
        "target",
        "label",
        "solution",
    ),
    "category": ("category", "subject", "topic", "type"),
    "language": ("language", "lang"),
}
"""A problem's field to the columns that data sets keep it in, the likeliest first."""

SCHEMAS = {
    "messages": {"messages"},
    "sharegpt": {"conversations"},
    "alpaca": {"instruction", "output"},
}
"""The shapes that are proposed, with the columns that tell them."""

_LETTER = re.compile(r"\(?[A-J]\)?\.?")
_MATHEMATICAL = re.compile(r"[0-9\\$]")

Row = Mapping[str, JsonValue]
Verifier = Literal["math", "choice"]


def source_of(path: str) -> str:
    """Return the plug-in that reads a file, or the first of those that a folder's files need.

    Raises:
        InputError: There is nothing, or nothing that a source reads.
    """
    known = registry.names("sources")
    if not (locations.is_remote(path) or locations.exists(path)):
        raise InputError(f"there is no file or folder {path}")
    found = locations.uses_of(path, known)
    if not found:
        raise InputError(f"{path} has none of the endings {', '.join(known)}")
    return found[0]


class Guess(NamedTuple):
    """What a file holds, as far as its first rows tell."""

    columns: dict[str, JsonValue]
    """Every column, with its first value."""
    map: dict[str, str]
    """A problem's fields to the columns that are known for them; empty if none is the problem."""
    schema: str | None = None
    """The published shape of the rows, which then have no map."""


def columns(path: str) -> Guess:
    """Look at the columns of the first rows.

    Raises:
        InputError: No row can be read.
        SourceError: The file can't be read.
    """
    rows = [
        row for each in _read(path, {}, _untouched) if isinstance(row := each.extra["row"], dict)
    ]
    if not rows:
        raise InputError(f"{path} has no row at its head that can be read")
    found: dict[str, JsonValue] = {}
    for name, value in (pair for row in rows for pair in row.items()):
        if found.get(name) is None:
            found[name] = value
    if schema := _schema(rows):
        return Guess(found, {}, schema)
    mapped: dict[str, str] = {}
    for field in COLUMNS:
        free = [name for name in found if name not in mapped.values()]
        if (name := _column(rows, field, free)) and not (field == "messages" and mapped):
            mapped[field] = name
    return Guess(found, mapped if {"problem", "messages"} & mapped.keys() else {})


def references(path: str, mapped: Mapping[str, str], schema: str | None) -> list[str | None]:
    """Return the right answer to each problem of the first rows, None where there is none.

    Raises:
        InputError: No row can be read with these columns.
    """
    read: Schema | None = registry.load("schemas", schema) if schema else None
    found = [row.reference_answer for row in _read(path, mapped, read)]
    if not found:
        fields = ", ".join(f"{field}={column}" for field, column in mapped.items())
        raise InputError(f"no row at the head of {path} is a problem with the columns {fields}")
    return found


def verifier(references: Sequence[str | None]) -> Verifier | None:
    """Return the verifier for most of these references, None where there is none."""
    known = [each for each in references if each]
    if 2 * sum(bool(_LETTER.fullmatch(each)) for each in known) > len(references):
        return "choice"
    if 2 * sum(bool(_MATHEMATICAL.search(each)) for each in known) > len(references):
        return "math"
    return None


def _read(path: str, mapped: Mapping[str, str], schema: Schema | None) -> Iterator[Problem]:
    """Yield the problems among the first rows."""
    source = registry.load("sources", source_of(path))
    place = Place(locations.name_of(path), path, mapped, {}, schema=schema)
    yield from (row for row in islice(source(place), ROWS) if isinstance(row, Problem))


def _untouched(row: Row, /) -> dict[str, JsonValue]:
    """Return a problem that stands for any row, with the row as it is beside it."""
    return {"messages": [{"role": "user", "content": "?"}], "row": dict(row)}


def _schema(rows: Sequence[Row]) -> str | None:
    """Return the schema with responses that most of the rows are of."""
    for name, needed in SCHEMAS.items():
        read = registry.load("schemas", name)
        if 2 * sum(_has_response(read, row) for row in rows if needed <= row.keys()) > len(rows):
            return name
    return None


def _has_response(read: Schema, row: Row) -> bool:
    try:
        return read(row)["response"] is not None
    except NotReadable:
        return False


def _column(rows: Sequence[Row], field: str, names: Sequence[str]) -> str | None:
    """Return the likeliest column for a field, of those whose values it can take."""
    kinds: dict[str, type | UnionType] = {"messages": list, "reference_answer": str | int | float}
    fitting = [name for name in names if _all(rows, name, kinds.get(field, str))]
    lower = {name.lower(): name for name in reversed(fitting)}
    return next((lower[name] for name in COLUMNS[field] if name in lower), None)


def _all(rows: Sequence[Row], name: str, kind: type | UnionType) -> bool:
    """Return whether most rows have a value of `kind` in a column, and none has another one."""
    values = [row.get(name) for row in rows if row.get(name) is not None]
    return 2 * len(values) > len(rows) and all(isinstance(value, kind) for value in values)
