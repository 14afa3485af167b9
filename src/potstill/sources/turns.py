"""A row's conversation as messages; the results of tools are linked with their calls."""

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from potstill.models.chat import ROLES, calls, with_ids
from potstill.records import Message
from potstill.sources.decode import BadRow, kind

_READ: dict[str, frozenset[str]] = {
    "assistant": frozenset({"tool_calls"}),
    "tool": frozenset({"tool_call_id", "name"}),
}
"""What is read of a turn beside role and content."""


def conversation(column: str, turns: Sequence[JsonValue]) -> tuple[Message, ...]:
    """Return the messages in a column.

    Raises:
        BadRow: A turn is not of the shape that is read, or the prompt has no end.
    """
    messages = tuple(_linked([_message(column, i, turn) for i, turn in enumerate(turns)]))
    last = messages[-1] if messages else None
    if last is None or (last.role == "user" and not last.content.strip()):
        raise BadRow("empty_prompt", column=column)
    if last.role not in ("user", "tool"):
        raise BadRow("bad_message", column=column, found=last.role, expected="user, tool")
    if all(message.role != "user" for message in messages):
        raise BadRow("no_user_turn", column=column, turns=len(messages))
    return messages


def is_whole(turns: Sequence[JsonValue], messages: Sequence[Message]) -> bool:
    """Return whether the messages have all that the turns say."""
    return all(
        isinstance(turn, dict) and not {*_told(turn)} - _READ.get(message.role, frozenset[str]())
        for turn, message in zip(turns, messages, strict=True)
    )


def text_of(field: str, column: str, value: JsonValue) -> str:
    """Return a value that must be text.

    Raises:
        BadRow: It is something else, or holds a NUL.
    """
    if not isinstance(value, str):
        raise BadRow("wrong_type", field=field, column=column, found=kind(value), expected="text")
    if "\0" in value:
        raise BadRow("nul_character", field=field, column=column, position=value.index("\0"))
    return value


def _told(turn: dict[str, JsonValue]) -> Iterator[str]:
    for name, value in turn.items():
        if name not in ("role", "content") and value not in (None, []):
            yield name


def _message(column: str, number: int, turn: JsonValue) -> Message:
    """Return one turn; `number` counts from 0."""
    if not isinstance(turn, dict):
        raise BadRow("bad_message", column=column, turn=number, found=kind(turn), expected="object")
    name, content = turn.get("role"), turn.get("content")
    if not isinstance(name, str) or name not in ROLES:
        expected = ", ".join(ROLES)
        raise BadRow("bad_message", column=column, turn=number, found=name, expected=expected)
    role = ROLES[name]
    called = _calls(column, number, turn) if role == "assistant" else []
    if content is None and called:
        content = ""
    message = Message(role=role, content=text_of("problem", column, content))
    if called:
        return message.model_copy(update={"tool_calls": tuple(called)})
    if role == "tool":
        links = {key: turn.get(key) for key in _READ["tool"]}
        known = {key: value for key, value in links.items() if isinstance(value, str)}
        return message.model_copy(update=known)
    return message


def _calls(column: str, number: int, turn: dict[str, JsonValue]) -> list[dict[str, JsonValue]]:
    found = calls(turn.get("tool_calls"))
    if found is None:
        raise BadRow("tool_calls", column=column, turn=number)
    return found


def _linked(messages: Sequence[Message]) -> Iterator[Message]:
    """Yield the messages; a result without an id is that of the first call that waits for one."""
    count, waiting = 0, list[str]()
    for message in messages:
        if message.tool_calls:
            named = with_ids(message.tool_calls, count)
            count, waiting = count + len(named), [str(call["id"]) for call in named]
            yield message.model_copy(update={"tool_calls": named})
        elif message.role == "tool":
            known = message.tool_call_id or next(iter(waiting), None)
            if known in waiting:
                waiting.remove(known)
            yield message.model_copy(update={"tool_call_id": known})
        else:
            yield message
