"""Tools in the one shape that the records hold: that of OpenAI's chat API.

Datasets and endpoints write a function as {type, function: {name, …}} or as {name, …} alone, a call
as {id, type, function: {name, arguments}} or as {name, arguments} alone, arguments as JSON text or
as an object, and all of it as JSON or as JSON text.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from pydantic import JsonValue

from potstill.models.replies import first_message
from potstill.records import Role
from potstill.text.json import parse_value

ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",  # OpenAI's newer name of it, which other endpoints don't know
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",  # OpenAI's older name of it
}
"""Who speaks, by every name that the chat API has for it."""

Tool = dict[str, JsonValue]


def functions(value: JsonValue) -> list[Tool] | None:
    """Return the functions that a prompt offers; None where `value` is no list of them."""
    return _each(value, _function)


def calls(value: JsonValue) -> list[Tool] | None:
    """Return the calls of one turn, arguments as JSON text; None where `value` is no list of them.

    Lone surrogates, which JSON can hold and UTF-8 can't, become U+FFFD.
    """
    return _each(value, _call)


def tool_calls(reply: Mapping[str, JsonValue]) -> tuple[Tool, ...]:
    """Return the calls of a reply's first choice; what can't be read as one is left out.

    OpenAI's older `function_call` is one call.
    """
    message = first_message(reply)
    given = message.get("tool_calls") or message.get("function_call") or []
    listed = given if isinstance(given, list) else [given]
    return tuple(call for each in listed for call in calls([each]) or [])


def with_ids(found: Sequence[Tool], first: int) -> tuple[Tool, ...]:
    """Return calls of which each has an id: `call_N` where it has none, N counting from `first`.

    Endpoints demand one, so that a result can name its call; many datasets have none.
    """
    return tuple(
        call if call.get("id") else {"id": f"call_{number}", **without_id(call)}
        for number, call in enumerate(found, first)
    )


def without_id(call: Tool) -> Tool:
    """Return what is called and how; ids differ from one conversation to the next."""
    return {name: value for name, value in call.items() if name != "id"}


def call_text(call: Tool) -> str:
    """Return a call as a person reads it: `name(arguments)`."""
    function = call.get("function")
    if isinstance(function, dict):
        return f"{function.get('name')}({function.get('arguments')})"
    return json.dumps(call, ensure_ascii=False)


def tool_text(tool: Tool) -> str:
    """Return a function as a person reads it: `name: description`."""
    function = tool.get("function")
    if isinstance(function, dict) and "name" in function:
        told = (function["name"], function.get("description"))
        return ": ".join(str(each) for each in told if each)
    return json.dumps(tool, ensure_ascii=False)


def _each(value: JsonValue, read: Callable[[Tool], Tool | None]) -> list[Tool] | None:
    if isinstance(value, str):
        value = parse_value(value) if value.strip() else None
    if value is None:
        return []
    if not isinstance(value, list):
        return None
    found = [read(each) if isinstance(each, dict) else None for each in value]
    tools = [each for each in found if each is not None]
    return _clean(tools) if len(tools) == len(value) else None


def _clean(tools: list[Tool]) -> list[Tool]:
    text = json.dumps(tools, ensure_ascii=False)
    if text.isascii():
        return tools
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _function(value: Tool) -> Tool | None:
    if isinstance(value.get("function"), dict):
        return {"type": "function", **value}
    if isinstance(value.get("name"), str) and "parameters" in value:
        bare = {name: each for name, each in value.items() if name != "type"}
        return {"type": "function", "function": bare}
    return (
        value if isinstance(value.get("type"), str) else None
    )  # an endpoint's own, such as search


def _call(value: Tool) -> Tool | None:
    function = value.get("function")
    if isinstance(function, dict) and isinstance(function.get("name"), str):
        arguments = {"arguments": _text(function.get("arguments"))}
        return {**value, "type": value.get("type") or "function", "function": function | arguments}
    if isinstance(value.get("name"), str):
        rest = {name: each for name, each in value.items() if name not in ("name", "arguments")}
        bare = {"name": value["name"], "arguments": _text(value.get("arguments"))}
        return {**rest, "type": "function", "function": bare}
    return value if isinstance(value.get("type"), str) and function is None else None


def _text(arguments: JsonValue) -> str:
    if isinstance(arguments, str):
        return arguments
    return json.dumps({} if arguments is None else arguments, ensure_ascii=False)
