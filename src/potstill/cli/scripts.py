"""The script of `serve-scripted`, from a file and from options: every mistake with its place."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue, TypeAdapter, ValidationError

from potstill.errors import InputError, Mistake, RecipeError
from potstill.models.script import FAULTS, QUIRKS, Script
from potstill.recipe.document import Document
from potstill.recipe.sentences import Loc, dotted, explain, printable, show
from potstill.registry import nearest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_SCRIPT_BYTES = 200_000
"""Size of a script without its answers."""
MAX_ANSWERS_BYTES = 256 * 2**20
"""Size of a file of answers, which is held in memory."""

_NAMES = {"faults": FAULTS, "quirks": QUIRKS}


def read_script(
    path: Path | None, given: Iterable[tuple[str, JsonValue, str]], answers: Path | None
) -> Script:
    """Return the script in a YAML or JSON file, changed by options.

    Args:
        path: The file; None for a script with its defaults.
        given: Each option's key (such as `faults.empty`), value, and how it was typed.
        answers: The file with the right answers; None for what the script says.

    Raises:
        InputError: A file can't be read, or is no script; all mistakes are told.
    """
    document = _read(path) if path else Document("{}", "")
    if isinstance(document.value, dict) and isinstance(name := document.value.get("answers"), str):
        answers = answers or (path or Path()).parent / name
        del document.value["answers"]
    for key, value, shown in given:
        document.put(key, value, shown)
    script = _validate(document)
    return script.model_copy(update={"answers": read_answers(answers)}) if answers else script


def read_answers(path: Path) -> dict[str, str]:
    """Return the prompts and their right answers in a JSON file.

    Raises:
        InputError: The file can't be read, is too large, or no object of texts.
    """
    try:
        return TypeAdapter(dict[str, str]).validate_json(_bytes(path, MAX_ANSWERS_BYTES))
    except ValidationError:
        raise InputError(f"{path} must hold one JSON object of prompts and answers") from None


def _read(path: Path) -> Document:
    data = _bytes(path, MAX_SCRIPT_BYTES)
    shown = printable(os.fspath(path))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RecipeError([Mistake(f"{shown}:{line}", "the script is not UTF-8 text")]) from None
    return Document(text, shown, kind="script", needs="keys such as latency and faults")


def _bytes(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise InputError(
            f"{path} can't be read: {getattr(error, 'strerror', None) or error}"
        ) from None
    if len(data) > most:
        raise InputError(f"{path} has more than {most:,} bytes, which is the most it may have")
    return data


def _validate(document: Document) -> Script:
    try:
        script = Script.model_validate(document.value, strict=True)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            _note(document, each)
        raise RecipeError(document.mistakes) from None
    if document.mistakes:
        raise RecipeError(document.mistakes)
    return script


def _note(document: Document, error: "ErrorDetails") -> None:
    loc = tuple(part for part in error["loc"] if part != "[key]")
    document.add(loc, _sentence(document, error, loc))


def _sentence(document: Document, error: "ErrorDetails", loc: Loc) -> str:
    if error["type"] == "extra_forbidden":
        legal, name = list(Script.model_fields), str(loc[-1])
        return f"the script has no key {show(name)}{nearest(name, legal)}: {', '.join(legal)}"
    if loc == error["loc"]:
        return explain(error, loc, ())
    section, name = map(str, loc)
    legal = _NAMES[section]
    where = "" if document.is_set(loc) else f"{dotted(loc)}: "
    what = f"there is no such {section.removesuffix('s')}"
    return f"{where}{what}{nearest(name, legal)}: {', '.join(legal)}"
