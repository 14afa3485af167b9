"""Where a row comes from before its source, and under which licence."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

from potstill.protocols import Place
from potstill.sources.columns import field
from potstill.sources.turns import text_of

_ARROW = re.compile(r"\s*(?:→|[-=]>)\s*")


def license_of(
    place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue]
) -> str | None:
    """Return a row's own licence, else that of its source; what was taken leaves `extra`.

    Raises:
        BadRow: `map` names a column that holds no text, or the licence a NUL.
    """
    given = field("license", place, row)
    if given.value is not None and not isinstance(given.value, str):
        given.refuse("text")
        return place.license
    extra.pop(given.column, None)
    if given.value is None or not given.value.strip():
        return place.license
    return text_of("license", given.column, given.value).strip()


def origins(
    place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue]
) -> tuple[str, ...]:
    """Return where a row comes from, the nearest first; what was taken leaves `extra`.

    The column holds a list of texts, or a text with arrows between the names: `a → b` was taken
    from `a`, which had taken it from `b`.

    Raises:
        BadRow: `map` names a column that holds neither, or a name holds a NUL.
    """
    given = field("origin", place, row)
    value: JsonValue = given.value if given.value is not None else []
    listed = [*_ARROW.split(value)] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        given.refuse("text, or a list of texts")
        return ()
    extra.pop(given.column, None)
    names = (text_of("origin", given.column, name).strip() for name in listed)
    return tuple(name for name in names if name)
