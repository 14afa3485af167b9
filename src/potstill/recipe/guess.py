"""What the columns of a file hold, guessed from its first rows."""

import os
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pydantic import JsonValue

from potstill import registry
from potstill.errors import InputError
from potstill.protocols import Place
from potstill.records import Problem

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

_LETTER = re.compile(r"\(?[A-J]\)?\.?")
_MATHEMATICAL = re.compile(r"[0-9\\$]")

Verifier = Literal["math", "choice"]


def source_of(path: Path) -> str:
    """Return the plug-in that reads a file, or the first kind of file that a folder holds.

    Raises:
        InputError: There is nothing, or nothing that a source reads.
    """
    known = registry.names("sources")
    if not path.exists():
        raise InputError(f"there is no file or folder {path}")
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        for ending in reversed(file.suffixes):
            if ending[1:].lower() in known:
                return ending[1:].lower()
    raise InputError(f"{path} has none of the endings {', '.join(known)}")


def columns(path: Path) -> dict[str, str]:
    """Return the column of each field of a problem that the first rows seem to hold.

    Raises:
        InputError: No column can be the problem.
        SourceError: The file can't be read.
    """
    rows = [problem.extra for problem in _read(path, {}, whole=True)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    found = {field: _column(rows, field, names) for field in COLUMNS}
    if found["problem"] or found["messages"]:
        found["messages"] = None if found["problem"] else found["messages"]
    else:
        found["problem"] = _longest_text(rows, names)
    if not (found["problem"] or found["messages"]):
        there = ", ".join(names) or "none that can be read"
        raise InputError(f"{path} has no column with the problem's text; its columns: {there}")
    return {field: name for field, name in found.items() if name}


def verifier(path: Path, mapped: Mapping[str, str]) -> Verifier | None:
    """Return the verifier for most references of the first rows, None where there is none.

    Raises:
        InputError: No row can be read with these columns.
    """
    problems = list(_read(path, mapped, whole=False))
    if not problems:
        fields = ", ".join(f"{field}={column}" for field, column in mapped.items())
        raise InputError(f"no row at the head of {path} is a problem with the columns {fields}")
    references = [p.reference_answer for p in problems if p.reference_answer]
    if 2 * sum(bool(_LETTER.fullmatch(each)) for each in references) > len(problems):
        return "choice"
    if 2 * sum(bool(_MATHEMATICAL.search(each)) for each in references) > len(problems):
        return "math"
    return None


def _read(path: Path, mapped: Mapping[str, str], *, whole: bool) -> Iterator[Problem]:
    """Yield the problems among the first rows."""
    source = registry.load("sources", source_of(path))
    place = Place(path.stem, Path(os.path.abspath(path)), mapped, {}, whole, not whole)
    rows = islice(source(place), ROWS)
    yield from (row for row in rows if isinstance(row, Problem))


def _column(rows: list[dict[str, JsonValue]], field: str, names: list[str]) -> str | None:
    """Return the likeliest column for a field, of those whose values it can take."""
    kinds: dict[str, Any] = {"messages": list, "reference_answer": str | int | float}
    fitting = [name for name in names if _all(rows, name, kinds.get(field, str))]
    lower = {name.lower(): name for name in reversed(fitting)}
    return next((lower[name] for name in COLUMNS[field] if name in lower), None)


def _longest_text(rows: list[dict[str, JsonValue]], names: list[str]) -> str | None:
    texts = [name for name in names if _all(rows, name, str)]
    return max(texts, key=lambda name: sum(len(str(row.get(name))) for row in rows), default=None)


def _all(rows: list[dict[str, JsonValue]], name: str, kind: Any) -> bool:
    """Return whether most rows have a value of `kind` in a column, and none has another one."""
    values = [row.get(name) for row in rows if row.get(name) is not None]
    return 2 * len(values) > len(rows) and all(isinstance(value, kind) for value in values)
