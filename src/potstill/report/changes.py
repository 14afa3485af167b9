"""What differs between two settings of a stage, one clause for each value."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from os.path import commonprefix

from pydantic import JsonValue

from potstill.records import to_json

LONGEST = 60
"""Characters of a value that are shown."""
BEFORE = 15
"""Characters shown before the first one that differs, where a value is longer."""


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
    elif isinstance(old, list) and isinstance(new, list):
        yield from _items(old, new, at)
    elif old != new:
        before, after = to_json(old), to_json(new)
        same = len(commonprefix([before, after]))
        yield f"{at} was {_short(before, same)}, is {_short(after, same)}"


def _items(old: Sequence[JsonValue], new: Sequence[JsonValue], at: str) -> Iterator[str]:
    """Compare two lists; where their lengths differ, equal items are found first."""
    if len(old) == len(new):
        blocks = [(0, len(old), 0, len(new))]
    else:
        texts = [to_json(item) for item in old], [to_json(item) for item in new]
        found = SequenceMatcher(None, *texts, autojunk=False).get_opcodes()
        blocks = [ends for kind, *ends in found if kind != "equal"]
    for i, i_end, j, j_end in blocks:
        paired = min(i_end - i, j_end - j)
        for k in range(paired):
            yield from changes(old[i + k], new[j + k], f"{at}.{j + k}")
        for k in range(i + paired, i_end):
            yield f"{at}.{k} was {_short(to_json(old[k]))}, is no longer there"
        for k in range(j + paired, j_end):
            yield f"{at}.{k} is new: {_short(to_json(new[k]))}"


def _short(text: str, same: int = 0) -> str:
    """Return JSON cut to `LONGEST`, in which what follows the first `same` characters is seen."""
    if len(text) <= LONGEST:
        return text
    start = max(0, same - BEFORE) if same > LONGEST - BEFORE else 0
    shown = text[start : start + LONGEST - 6]
    return f"{'...' if start else ''}{shown}{'...' if start + len(shown) < len(text) else ''}"
