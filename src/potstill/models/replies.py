"""Reading the body of a reply, whatever came: nothing here raises."""

import json
from collections.abc import Mapping

from pydantic import JsonValue

from potstill.text.json import parse_value


def parse(text: str) -> dict[str, JsonValue] | None:
    """Return the JSON object in `text`, or None if there is none, or one too deep to be stored.

    NaN and infinities, which some endpoints write, become null.
    """
    value = parse_value(text)
    return value if isinstance(value, dict) else None


def first_choice(reply: Mapping[str, JsonValue]) -> dict[str, JsonValue] | None:
    """Return the first choice of a reply if it holds a message, else None."""
    choices = reply.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if isinstance(choice, dict) and isinstance(choice.get("message"), dict):
        return choice
    return None


def first_message(reply: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the message of the first choice; empty where a reply has none."""
    message = (first_choice(reply) or {}).get("message")
    return message if isinstance(message, dict) else {}


def complaint(text: str, most: int = 240) -> str:
    """Return what an endpoint says of a failure, on one line, its code included.

    Endpoints write `{"error": {"message", "code", "type"}}`, `{"error": "…"}`, `{"message": "…"}`,
    `{"detail": "…"}`, or a page of HTML.
    """
    reply = parse(text) or {}
    error = reply.get("error") or reply.get("message") or reply.get("detail") or text
    if isinstance(error, dict):
        parts = [error.get(name) for name in ("message", "code", "type")]
        error = " · ".join(str(part) for part in parts if part) or json.dumps(error)
    line = " ".join(str(error).split())
    return line if len(line) <= most else line[: most - 1] + "…"
