"""Conversations as OpenAI's chat API writes them."""

from pydantic import JsonValue

from potstill.protocols import NotReadable
from potstill.schemas.canonical import Row, Turn, canonical, column, split

ROLES = ("system", "user", "assistant")


def messages(row: Row, /) -> dict[str, JsonValue]:
    """OpenAI-style `messages`, with a response as the last turn or without one.

    Source: OpenAI's chat API. Columns: `messages`, a list of {role, content}, where content is text
    or a list of parts {type: text, text}; thinking stands in `reasoning_content` or in
    `<think>…</think>`. `teacher`, else `model`, names the model. Of conversations with tools, none
    is read: their reason is `tools` or `tool_calls`; of images, it is `not_text`.

    Raises:
        NotReadable: The row has no such messages.

    Example:
        sources:
          - {path: chats.jsonl, schema: messages}
    """
    refuse_tools(row.get("tools"))
    prompt, response = split(turns(row), row.get("teacher") or row.get("model"))
    return canonical(row, {"messages"}, messages=prompt, response=response)


def turns(row: Row) -> list[Turn]:
    """Return the turns in the column `messages`, each with its content as text.

    Raises:
        NotReadable: There is no such column, or a turn is not of this shape.
    """
    return [_turn(i, value) for i, value in enumerate(column(row, "messages", list))]


def refuse_tools(tools: JsonValue) -> None:
    """Refuse a row whose prompt defines tools; an empty list of them may be written as text.

    Raises:
        NotReadable: `tools`.
    """
    if tools and not (isinstance(tools, str) and tools.strip() in ("", "[]", "null")):
        raise NotReadable("tools")


def _turn(number: int, value: JsonValue) -> Turn:
    if not isinstance(value, dict):
        raise NotReadable("bad_message", turn=number, expected="object")
    role = value.get("role")
    if value.get("tool_calls") or value.get("function_call") or role in ("tool", "function"):
        raise NotReadable("tool_calls", turn=number)
    if role not in ROLES:
        raise NotReadable("bad_message", turn=number, found=role, expected=", ".join(ROLES))
    said = {name: each for name, each in value.items() if each not in (None, [])}
    return said | {"role": role, "content": _text(number, value)}


def _text(number: int, turn: Turn) -> str:
    content = turn.get("content")
    if content is None and turn["role"] == "assistant":
        return ""  # only its thinking is there
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    texts = [
        part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
        for part in parts
    ]
    found = [text for text in texts if isinstance(text, str)]
    if len(found) < len(parts):
        raise NotReadable("not_text", turn=number)
    return "".join(found)
