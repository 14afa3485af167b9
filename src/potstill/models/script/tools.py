"""The tool call that the scripted teacher makes: arguments that fit the tool's schema."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

from potstill.models.script.script import draw
from potstill.records import to_json

MAX_DEPTH = 20
"""Schemas inside each other; what lies deeper is null, as schemas can name themselves."""


class ToolCall(NamedTuple):
    """One call of a tool."""

    id: str
    name: str
    arguments: str
    """JSON text, as the protocol has it."""


def tool_call(body: Mapping[str, JsonValue], request: str) -> ToolCall | None:
    """Return a call of a request's first tool; None where it has none, or wants none called."""
    tools = body.get("tools")
    first = tools[0] if isinstance(tools, list) and tools else None
    function = first.get("function") if isinstance(first, dict) else None
    if not isinstance(function, dict) or body.get("tool_choice") == "none":
        return None
    arguments = _example(function.get("parameters"), request, 0)
    text = to_json(arguments if isinstance(arguments, dict) else {})
    return ToolCall(f"call_{request[:24]}", str(function.get("name")), text)


def _example(schema: JsonValue, request: str, depth: int) -> JsonValue:
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return None
    if "const" in schema:
        return schema["const"]
    options = schema.get("enum")
    if isinstance(options, list) and options:
        return options[int(draw(request, f"option {depth}") * len(options))]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    number = int(draw(request, f"argument {depth}") * 1000)
    if kind == "object":
        fields = schema.get("properties")
        pairs = fields.items() if isinstance(fields, dict) else ()
        return {name: _example(inner, request, depth + 1) for name, inner in pairs}
    if kind == "array":
        return [_example(schema.get("items"), request, depth + 1)]
    examples: dict[JsonValue, JsonValue] = {
        "string": f"word{number}",
        "integer": number,
        "number": number / 10,
        "boolean": number % 2 == 0,
    }
    return examples.get(kind if isinstance(kind, str) else None)
