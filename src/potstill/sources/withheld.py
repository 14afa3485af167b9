"""Prompts that a source leaves out, joined back from the user's copy of the set that has them."""

from collections.abc import Mapping

from pydantic import JsonValue

from potstill.protocols import Place
from potstill.sources.decode import BadRow

FIELD = "withheld"
"""Where a schema says which set has the prompt, and under which key."""


def filled(place: Place, row: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Return a schema's row with its first question in place.

    Raises:
        BadRow: `prompt_withheld`, where the source has no `fill`; `prompt_not_filled`, where its
            sets lack the prompt.
    """
    told = row.get(FIELD)
    if place.schema is None or not isinstance(told, dict):
        return row
    rest = {name: value for name, value in row.items() if name != FIELD}
    if not place.prompt_needed:
        return {name: value for name, value in rest.items() if name != "messages"}
    return rest | {"messages": _messages(rest["messages"], _prompt(place, told))}


def _prompt(place: Place, told: dict[str, JsonValue]) -> str:
    dataset, key = told.get("set"), told.get("key")
    if place.fill is None:
        advice = f"`fill: [{{path: your copy of it, as: {dataset or 'its set'}}}]` joins it back"
        raise BadRow("prompt_withheld", **told, advice=advice)
    if not isinstance(dataset, str) or dataset not in place.fill.sets:
        raise BadRow("prompt_not_filled", **told, missing="set")
    text = place.fill(dataset, key) if isinstance(key, str) else None
    if text is None:
        raise BadRow("prompt_not_filled", **told, missing="row")
    return text


def _messages(turns: JsonValue, text: str) -> JsonValue:
    turns = [*turns] if isinstance(turns, list) else []
    for number, turn in enumerate(turns):
        if isinstance(turn, dict) and turn.get("role") == "user":
            turns[number] = {**turn, "content": text}
            break
    return turns
