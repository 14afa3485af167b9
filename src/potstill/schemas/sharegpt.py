"""Conversations as ShareGPT's export wrote them, and many datasets since."""

from pydantic import JsonValue

from potstill.models.chat import calls
from potstill.models.traces import extract
from potstill.protocols import NotReadable
from potstill.schemas.canonical import (
    Row,
    Turn,
    canonical,
    column,
    split,
    text_or_none,
    tools,
)
from potstill.text.json import parse_value

_ROLES = {
    "system": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "function_call": "assistant",
    "observation": "tool",
    "tool": "tool",
}


def sharegpt(row: Row, /) -> dict[str, JsonValue]:
    """ShareGPT-style `conversations`, with a response as the last turn or without one.

    Source: lm-sys/FastChat and hiyouga/LLaMA-Factory (data/README.md). Columns: `conversations`, a
    list of {from, value}, from being human or user, gpt or assistant, or system; `system`, for a
    system prompt that is no turn. Thinking stands in `<think>…</think>`. `tools` has the functions,
    mostly as JSON text; a call, or a list of them, is the JSON {name, arguments} in a turn from
    function_call, and its result a turn from observation or tool.

    Raises:
        NotReadable: The row has no such conversation; `tools` and `tool_calls` say that these are
            of another shape.

    Example:
        sources:
          - {path: conversations.json, schema: sharegpt}
    """
    offered = tools(row.get("tools"))
    prompt, response = split(turns(row), row.get("model"))
    read = {"conversations", "system", *offered}
    return canonical(row, read, messages=[*prompt], response=response, **offered)


def turns(row: Row) -> list[Turn]:
    """Return the turns in the columns `system` and `conversations`.

    Raises:
        NotReadable: There is no such column, or a turn is not of this shape.
    """
    found = [_turn(i, value) for i, value in enumerate(column(row, "conversations", list))]
    if system := text_or_none(row.get("system")):
        found.insert(0, {"role": "system", "content": system})
    return found


def _turn(number: int, value: JsonValue) -> Turn:
    if not isinstance(value, dict):
        raise NotReadable("bad_message", turn=number, expected="object")
    speaker, text = value.get("from"), value.get("value")
    if not isinstance(speaker, str) or speaker not in _ROLES:
        raise NotReadable("bad_message", turn=number, found=speaker, expected=", ".join(_ROLES))
    if not isinstance(text, str):
        raise NotReadable("not_text", turn=number)
    return {
        "role": _ROLES[speaker],
        **(_calls(number, text) if speaker == "function_call" else {"content": text}),
        **{k: v for k, v in value.items() if k not in ("from", "value") and v is not None},
    }


def _calls(number: int, text: str) -> Turn:
    """Return the calls in a turn's text, and the thinking that may stand before them."""
    think, called = None, text
    if not text.lstrip().startswith(("{", "[")):
        think, called = extract({"content": text}, "on")
    found = parse_value(called)
    listed: list[JsonValue] = found if isinstance(found, list) else [found]
    if not calls(listed):
        raise NotReadable("tool_calls", turn=number)
    turn: Turn = {"content": "", "tool_calls": listed}
    return turn | {"reasoning_content": think} if think else turn
