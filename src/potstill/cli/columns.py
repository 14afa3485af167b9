"""What a file's columns hold: shown, proposed where their names tell it, and asked for."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import JsonValue

from potstill.cli.questions import Questions
from potstill.errors import InputError
from potstill.protocols import FIELDS
from potstill.recipe import guess
from potstill.recipe.starter import File
from potstill.sources.locations import is_remote
from potstill.text.printable import printable

WIDEST = 60
"""Characters that are shown of a value."""


def look(path: str, folder: Path) -> File:
    """Return a file as a recipe in `folder` names it, with the columns that it seems to have.

    Raises:
        InputError: There is no such file, or no row that can be read.
    """
    path = path if is_remote(path) else os.path.expanduser(path)
    found = guess.columns(path)
    return File(named(path, folder), guess.source_of(path), found.map, found.schema)


def named(path: str, folder: Path) -> str:
    """Return a path as a recipe in `folder` names it: without the folder, if it lies there."""
    if is_remote(path):
        return path
    file, folder = Path(os.path.abspath(path)), Path(os.path.abspath(folder))
    return str(file.relative_to(folder) if file.is_relative_to(folder) else file)


def choose(
    questions: Questions, option: str, file: File, folder: Path
) -> tuple[File, Sequence[str | None]]:
    """Show a file's columns, and let them be chosen; what was chosen is printed.

    Args:
        questions: Where the answer comes from.
        option: The name of the answer, `mapped` or `benchmark_map`.
        file: The file, with what is proposed.
        folder: The recipe's folder.

    Returns:
        The file with what was chosen, and the right answers to its first problems.

    Raises:
        InputError: Nothing is proposed nor given, or no row has these columns.
    """
    path, proposed = _found(file, folder), _said(file)
    columns = guess.columns(path).columns

    def check(text: str) -> tuple[File, Sequence[str | None]]:
        if not text and not proposed:
            flag = "--map" if option == "mapped" else "--benchmark-map"
            raise InputError(
                f"none of the columns of {file.path} is known to hold the problem's text: name it "
                f"with {flag} problem=COLUMN; its columns: {_listed(columns)}"
            )
        chosen = file._replace(map=_pairs(text, columns), schema=None) if text else file
        return chosen, guess.references(path, chosen.map, chosen.schema)

    if questions.asks(option):
        _show(file, columns)
    enter = f"Enter: {proposed}" if proposed else "such as problem=COLUMN,reference_answer=COLUMN"
    found = questions.get(option, f"    Which columns hold what? ({enter})", check)
    click.echo(f"{printable(file.path)}: {_said(found[0])}")
    return found


def _found(file: File, folder: Path) -> str:
    return file.path if is_remote(file.path) else str(folder / file.path)


def _said(file: File) -> str:
    if file.schema:
        return f"schema {file.schema}"
    return printable(", ".join(f"{field}={column}" for field, column in file.map.items()))


def _show(file: File, columns: dict[str, JsonValue]) -> None:
    """Print each column with its first value and, where it is proposed, its field."""
    fields = {column: field for field, column in file.map.items()}
    width = min(max(map(len, map(printable, columns))), 30)
    for name, value in columns.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        line = printable(" ".join(text.split()))
        line = line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}…"
        field = f"  -> {fields[name]}" if name in fields else ""
        click.echo(f"      {printable(name):<{width}}  {line}{field}")


def _pairs(text: str, columns: dict[str, JsonValue]) -> dict[str, str]:
    pairs = [[each.strip() for each in pair.partition("=")] for pair in text.split(",")]
    if not all(field and column for field, _, column in pairs):
        raise InputError(f"the columns {text!r} must be of the form FIELD=COLUMN,FIELD=COLUMN")
    for field, _, column in pairs:
        if field not in FIELDS:
            raise InputError(f"no field is called {field!r}: {', '.join(FIELDS)}")
        if column not in columns:
            raise InputError(f"there is no column {column!r}: {_listed(columns)}")
    return {field: column for field, _, column in pairs}


def _listed(columns: dict[str, JsonValue]) -> str:
    return printable(", ".join(columns))
