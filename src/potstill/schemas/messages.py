"""Conversations as OpenAI's chat API writes them."""

from pydantic import JsonValue

from potstill.models.chat import ROLES, calls
from potstill.protocols import NotReadable
from potstill.schemas.canonical import Row, Turn, canonical, column, split, tools
from potstill.text.json import parse_value


def messages(row: Row, /) -> dict[str, JsonValue]:
    """OpenAI-style `messages`, with a response as the last turn or without one.

    Source: OpenAI's chat API. Columns: `messages`, a list of {role, content}, where content is text
    or a list of parts {type: text, text}; thinking stands in `reasoning_content` or in
    `<think>…</think>`, or is a part of the type `reasoning`. `teacher`, else `model`, names the
    model. Tools stand in `tools`, or in the older `functions`; calls in `tool_calls`, in the older
    `function_call`, or in parts of the type `tool_call`; results in turns of a `tool`. Of images,
    none is read: their reason is `not_text`.

    Raises:
        NotReadable: The row has no such messages; `tools` and `tool_calls` say that these are of
            another shape.

    Example:
        sources:
          - {path: chats.jsonl, schema: messages}
    """
    offered = tools(row.get("tools") or row.get("functions"))
    prompt, response = split(turns(row), row.get("teacher") or row.get("model"))
    read = {"messages", "tools", "functions"} if offered else {"messages"}
    return canonical(row, read, messages=[*prompt], response=response, **offered)


def turns(row: Row) -> list[Turn]:
    """Return the turns in the column `messages`, each with its content as text.

    Raises:
        NotReadable: There is no such column, or a turn is not of this shape.
    """
    return [_turn(i, value) for i, value in enumerate(column(row, "messages", list))]


def _turn(number: int, value: JsonValue) -> Turn:
    if not isinstance(value, dict):
        raise NotReadable("bad_message", turn=number, expected="object")
    role = value.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise NotReadable("bad_message", turn=number, found=role, expected=", ".join(ROLES))
    said = {name: each for name, each in value.items() if each not in (None, [])}
    called = said.pop("function_call", None)
    turn = said | {"role": ROLES[role]} | _content(number, ROLES[role], value.get("content"))
    turn.setdefault("tool_calls", [called] if called else [])
    if not turn["tool_calls"]:
        del turn["tool_calls"]
    elif turn["role"] != "assistant" or calls(turn["tool_calls"]) is None:
        raise NotReadable("tool_calls", turn=number)
    return turn


def _content(number: int, role: str, content: JsonValue) -> Turn:
    """Return the turn's text, and what else stands in its parts."""
    if content is None and role in ("assistant", "tool"):
        return {"content": ""}  # only its thinking or its calls are there; a tool may say nothing
    whole: JsonValue = {"type": "text", "text": content}
    found: dict[str, list[str]] = {"text": [], "reasoning": [], "tool_call": []}
    for part in content if isinstance(content, list) else [whole]:
        kind, text = _part(part)
        if text is None or kind not in found:
            raise NotReadable("not_text", turn=number)
        found[kind].append(text)
    said: Turn = {"content": "".join(found["text"])}
    if found["reasoning"]:
        said["reasoning_content"] = "".join(found["reasoning"])
    if found["tool_call"]:
        said["tool_calls"] = [*map(parse_value, found["tool_call"])]
    return said


def _part(part: JsonValue) -> tuple[str, str | None]:
    """Return a part's type, and its text, which LLaMA-Factory calls `value`."""
    if not isinstance(part, dict):
        return "", None
    text = part.get("text", part.get("value"))
    return str(part.get("type")), text if isinstance(text, str) else None
