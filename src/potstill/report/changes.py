"""What differs between two settings of a stage, one clause for each value."""

from collections.abc import Iterator

from pydantic import JsonValue

from potstill.records import to_json


def changes(old: JsonValue, new: JsonValue, at: str = "") -> Iterator[str]:
    """Yield one clause for each value that differs, with its place in the recipe.

    Args:
        old: A part of a recipe, as JSON.
        new: The same part of another one.
        at: Where the part stands, as `--set` takes it; the whole by default.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from changes(old.get(key), new.get(key), f"{at}.{key}" if at else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, pair in enumerate(zip(old, new, strict=True)):
            yield from changes(*pair, f"{at}.{index}")
    elif old != new:
        yield f"{at} was {_short(old)}, is {_short(new)}"


def _short(value: JsonValue) -> str:
    text = to_json(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
