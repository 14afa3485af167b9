"""Tools in exported rows, and samples that a format without a place for them can't take."""

import json

from pydantic import JsonValue, ValidationError

from potstill.protocols import NotExpressible
from potstill.records import Message, Record, Response, Sample


class Function(Record):
    """What is called."""

    name: str
    """Its name."""
    arguments: str
    """Its arguments, as JSON text."""


class ToolCall(Record):
    """One call of a tool."""

    id: str | None
    """What its result refers to."""
    type: str
    """Always `function`."""
    function: Function
    """What is called."""


def called(turn: Message | Response) -> tuple[ToolCall, ...]:
    """Return the calls of a turn.

    Raises:
        NotExpressible: `tool_calls`, where one calls something else than a function.
    """
    try:
        return tuple(map(_read, turn.tool_calls))
    except (KeyError, ValidationError):
        raise NotExpressible("tool_calls", "a call is of something else than a function") from None


def _read(call: dict[str, JsonValue]) -> ToolCall:
    function = call["function"]
    if isinstance(function, dict):
        function = {"name": function["name"], "arguments": function["arguments"]}
    return ToolCall.model_validate(
        {"id": call.get("id"), "type": call["type"], "function": function}
    )


def as_text(value: JsonValue) -> str:
    """Return JSON text as datasets write it: with spaces, and other letters as they are.

    Raises:
        ValueError: A number is none of JSON's.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def refuse_tools(sample: Sample, name: str) -> None:
    """Refuse a sample that a format without tools would cut.

    Args:
        sample: The sample.
        name: What the sentence calls the format.

    Raises:
        NotExpressible: `tool_calls`, where the prompt or the response calls tools; `tools`, where
            the prompt only offers some.
    """
    turns = sample.problem.messages
    if sample.response.tool_calls or any(t.tool_calls or t.role == "tool" for t in turns):
        raise NotExpressible("tool_calls", f"{name} has no place for the calls of tools")
    if sample.problem.tools:
        raise NotExpressible("tools", f"{name} has no place for tools")
