"""Strict JSON: one row's bytes as an object, or the reason why not."""

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn

from pydantic import JsonValue

DEPTH = 100
"""Deepest nesting that is read; Python's and pydantic's own limits lie above 200."""
_KINDS: dict[type, str] = {
    dict: "object",
    list: "array",
    str: "text",
    bool: "boolean",
    type(None): "null",
}
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class BadRow(Exception):
    """A row that can't become a problem."""

    def __init__(self, reason: str, **evidence: JsonValue) -> None:
        """Keep a stable slug and what shows that it holds."""
        super().__init__(reason)
        self.reason = reason
        self.evidence = evidence


class Number(float):
    """A number with a decimal point or exponent, which knows how it was written."""

    def __new__(cls, text: str) -> "Number":
        """Read `text`; a number beyond a double is no row's.

        Raises:
            BadRow: The number is too large.
        """
        number = super().__new__(cls, text)
        if math.isinf(number):
            raise BadRow("number_too_large", found=text[:100])
        number.text = text
        return number

    text: str


def decode(data: bytes) -> dict[str, JsonValue]:
    """Return the JSON object in `data`.

    Stricter than Python: NaN and Infinity are not JSON, a key stands once in an object, and text
    can be written as UTF-8. Integers of any size stay exact up to Python's limit of digits.

    Raises:
        BadRow: `data` is not UTF-8, not JSON, not an object, nested deeper than 100, or has a
            NUL byte, a repeated key, half of a surrogate pair, or a number that is too large.
    """
    text = decoded(data)
    value = _parse(text)
    if not isinstance(value, dict):
        raise BadRow("not_an_object", found=kind(value))
    if text.count("[") + text.count("{") > DEPTH:
        check_depth(value)
    if _SURROGATE_ESCAPE.search(text):
        _check_surrogates(value)
    return value


def decoded(data: bytes) -> str:
    """Return the text in `data`.

    Raises:
        BadRow: It is not UTF-8, or has a NUL.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        found = data[error.start : error.end].hex()
        raise BadRow("invalid_utf8", position=error.start, found=found) from error
    if "\0" in text:
        raise BadRow("nul_character", position=text.index("\0"))
    return text


def kind(value: object) -> str:
    """Return what JSON calls the type of a value."""
    return _KINDS.get(type(value), "number")


def check_depth(value: JsonValue) -> None:
    """Raise BadRow where a value is nested too deep for what comes after."""
    depth, layer = 0, [value]
    while layer:
        if depth > DEPTH:
            raise BadRow("too_deep", limit=DEPTH)
        inner = [v for v in layer if isinstance(v, (dict, list))]
        layer = [x for v in inner for x in (v.values() if isinstance(v, dict) else v)]
        depth += 1


def _parse(text: str) -> JsonValue:
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=Number
        )
    except json.JSONDecodeError as error:
        raise BadRow("not_json", error=error.msg, position=error.pos) from error
    except RecursionError as error:
        raise BadRow("too_deep", limit=DEPTH) from error
    except ValueError as error:  # an integer of more digits than Python reads
        raise BadRow("number_too_large", error=str(error).partition(";")[0]) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        times = Counter(key for key, _ in pairs)
        raise BadRow("duplicate_key", key=next(key for key in times if times[key] > 1))
    return value


def _constant(name: str) -> NoReturn:
    raise BadRow("not_json", error=f"{name} is not JSON")


def _check_surrogates(value: JsonValue) -> None:
    if match := _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise BadRow("lone_surrogate", found=f"\\u{ord(match[0]):04x}")
