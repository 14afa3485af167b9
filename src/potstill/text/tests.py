"""Tests of programs in the one shape that the records hold; see `Problem.tests`.

Datasets write them as code ({test_code, test_entry_point}, {functional}, a list of assertions) or
as inputs and outputs (two lists, or one of pairs), as JSON or as JSON text.
"""

import re

from pydantic import JsonValue

from potstill.text.json import parse_value

Tests = dict[str, JsonValue]

_CODE = re.compile(r"\b(?:assert|def|import)\b")
_CODES = ("code", "test_code", "functional")
_INPUTS = ("inputs", "input")
_OUTPUTS = ("outputs", "output")
_ENTRIES = ("entry_point", "test_entry_point", "fn_name")


def tests(value: JsonValue) -> Tests | None:
    """Return tests in the one shape: empty where there are none, None where it is another one."""
    if isinstance(value, str):
        value = parse_value(value)
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        return {"code": value} if _CODE.search(value) else None
    if isinstance(value, list):
        return _listed(value)
    return _object(value) if isinstance(value, dict) else None


def joined(*parts: JsonValue) -> Tests:
    """Return the tests of several parts, each of which has inputs and outputs, as one.

    A part that has none, or is of another shape, adds nothing.
    """
    inputs: list[JsonValue] = []
    outputs: list[JsonValue] = []
    for part in parts:
        found = tests(part) or {}
        if isinstance(asked := found.get("inputs"), list):
            inputs += asked
        if isinstance(due := found.get("outputs"), list):
            outputs += due
    return {"inputs": inputs, "outputs": outputs} if inputs else {}


def _listed(values: list[JsonValue]) -> Tests | None:
    lines = [value for value in values if isinstance(value, str)]
    pairs = [value for value in values if isinstance(value, dict)]
    if len(lines) == len(values):
        return tests("\n".join(lines))
    if len(pairs) != len(values):
        return None
    inputs: list[JsonValue] = [_first(pair, _INPUTS) for pair in pairs]
    outputs: list[JsonValue] = [_first(pair, _OUTPUTS) for pair in pairs]
    return _pairs(inputs, outputs, None)


def _object(value: Tests) -> Tests | None:
    entry = _first(value, _ENTRIES)
    code = _first(value, _CODES)
    if isinstance(code, str) and code.strip():
        known: Tests = {"entry_point": entry} if isinstance(entry, str) and entry else {}
        return {"code": code, **known}
    inputs, outputs = _first(value, _INPUTS), _first(value, _OUTPUTS)
    if isinstance(inputs, list) and isinstance(outputs, list):
        return _pairs(inputs, outputs, entry)
    return {} if all(each in (None, "", [], {}) for each in value.values()) else None


def _pairs(inputs: list[JsonValue], outputs: list[JsonValue], entry: JsonValue) -> Tests | None:
    if len(inputs) != len(outputs):
        return None
    if isinstance(entry, str) and entry:
        return {"inputs": inputs, "outputs": outputs, "entry_point": entry} if inputs else {}
    asked, due = [*map(_text, inputs)], [*map(_text, outputs)]
    if None in asked or None in due:
        return None
    return {"inputs": [*asked], "outputs": [*due]} if inputs else {}


def _text(value: JsonValue) -> str | None:
    """Return what a program reads or writes, which some datasets keep as a list of lines."""
    if isinstance(value, list):
        lines = [each for each in value if isinstance(each, str)]
        return "\n".join(lines) if len(lines) == len(value) else None
    return value if isinstance(value, str) else None


def _first(value: Tests, names: tuple[str, ...]) -> JsonValue:
    return next((value[name] for name in names if value.get(name) is not None), None)
