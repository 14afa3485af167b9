"""Mistakes of a recipe in plain English, made from pydantic's errors."""

import re
from collections.abc import Sequence
from typing import Final

from pydantic_core import ErrorDetails

from potstill.registry import nearest

Loc = tuple[str | int, ...]
"""Where a value stands in a recipe: keys, and indexes of lists."""

SECRET = frozenset({"key_env", "base_url"})
"""Keys whose value is never shown: people paste API keys and passwords there."""

AROUND: Final = "around"
"""Type of an error that a field notes of the mapping that it stands in."""

MUST: dict[str, str] = {
    "string_type": "text",
    "path_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "string_pattern_mismatch": "text that matches {pattern}",
}
"""What a value must be, by the type of pydantic's error."""


def show(value: object, longest: int = 80) -> str:
    """Return a value of a recipe as its author would know it again, on one short line."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= longest else f"{text[:longest]}…"


def printable(text: str) -> str:
    """Return text as it is, or quoted and escaped where it could upset a terminal."""
    return text if text.isprintable() else repr(text)


def dotted(loc: Sequence[str | int]) -> str:
    """Return the name of a place as `--set` takes it, such as `distil.teachers.0.model`."""
    return printable(".".join(map(str, loc))) or "the recipe"


def explain(error: ErrorDetails, loc: Loc, keys: Sequence[str]) -> str:
    """Return one of pydantic's errors as a sentence.

    Args:
        error: The error.
        loc: Its place from the recipe's root.
        keys: The legal keys of the mapping that it stands in.
    """
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return f"{dotted(loc[:-1])} lacks the key {loc[-1]!r}"
    if kind == AROUND:
        return f"{dotted(loc[:-1])} {error['msg']}"
    if kind == "extra_forbidden":
        key = str(loc[-1])
        legal = f"{nearest(key, keys)}: {', '.join(keys)}" if keys else ""
        return f"{dotted(loc[:-1])} has no key {show(key)}{legal}"
    if kind == "sentence":
        return error["msg"]
    if kind == "value_error":
        return f"{dotted(loc)} {context['error']}"
    if kind == "too_short":
        return f"{dotted(loc)} is empty; it needs at least {context['min_length']} item"
    return f"{dotted(loc)} {_must(error)}{_not(error, loc)}"


def _must(error: ErrorDetails) -> str:
    if (template := MUST.get(error["type"])) is None:
        return error["msg"].replace("Input should", "must")
    return "must be " + template.format(**error.get("ctx", {}))


def _not(error: ErrorDetails, loc: Loc) -> str:
    value = error["input"]
    if loc and loc[-1] in SECRET:
        return ""
    if error["type"] == "literal_error":
        legal = re.findall(r"'([^']*)'", error.get("ctx", {})["expected"])
        return f", not {show(value)}{nearest(str(value), legal)}"
    if error["type"] == "string_type" and value is not None:
        return f", not {show(value)}: put it in quotes"
    return f", not {show(value)}"
