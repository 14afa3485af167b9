"""Conversations as ShareGPT's export wrote them, and many datasets since."""

from pydantic import JsonValue

from potstill.protocols import NotReadable
from potstill.schemas.canonical import Row, Turn, canonical, column, split, text_or_none
from potstill.schemas.messages import refuse_tools

_ROLES = {
    "system": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
}
_TOOLS = ("function_call", "observation", "tool", "function")


def sharegpt(row: Row, /) -> dict[str, JsonValue]:
    """ShareGPT-style `conversations`, with a response as the last turn or without one.

    Source: lm-sys/FastChat and hiyouga/LLaMA-Factory (data/README.md). Columns: `conversations`, a
    list of {from, value}, from being human or user, gpt or assistant, or system; `system`, for a
    system prompt that is no turn. Thinking stands in `<think>…</think>`. Conversations with tools
    are not read: their reason is `tools` or `tool_calls`.

    Raises:
        NotReadable: The row has no such conversation.

    Example:
        sources:
          - {path: conversations.json, schema: sharegpt}
    """
    refuse_tools(row.get("tools"))
    prompt, response = split(turns(row), row.get("model"))
    return canonical(row, {"conversations", "system"}, messages=prompt, response=response)


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
    role, text = value.get("from"), value.get("value")
    if role in _TOOLS:
        raise NotReadable("tool_calls", turn=number)
    if not isinstance(role, str) or role not in _ROLES:
        raise NotReadable("bad_message", turn=number, found=role, expected=", ".join(_ROLES))
    if not isinstance(text, str):
        raise NotReadable("not_text", turn=number)
    return {
        "role": _ROLES[role],
        "content": text,
        **{k: v for k, v in value.items() if k not in ("from", "value") and v is not None},
    }
