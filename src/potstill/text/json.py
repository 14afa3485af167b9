"""JSON that others wrote, whatever came: nothing here raises."""

import json
import math
from typing import cast

from pydantic import JsonValue, TypeAdapter

_VALUE: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


_DECODER = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_finite)
_SHALLOW = 200
"""Brackets without which no JSON is too deep to be stored."""


def parse_value(text: str) -> JsonValue:
    """Return the JSON in `text`; the text itself where it is none, or too deep to be stored.

    NaN and infinities, which some endpoints write, become null.
    """
    try:
        value = cast(JsonValue, _DECODER.decode(text))
        if text.count("[") + text.count("{") <= _SHALLOW:
            return value
        return _VALUE.validate_python(value)
    except (ValueError, RecursionError):
        return text
