"""What the schemas share: the canonical row, its conversation and its response."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from pydantic import JsonValue

from potstill.models.chat import functions
from potstill.models.traces import extract
from potstill.protocols import NotReadable

Row = Mapping[str, JsonValue]
Turn = dict[str, JsonValue]
T = TypeVar("T", str, list[JsonValue], dict[str, JsonValue])

_SHOWN = 50
"""Columns of a row that evidence names."""
_KINDS: dict[type, str] = {str: "text", list: "array", dict: "object"}


def canonical(row: Row, read: Collection[str | None], **fields: JsonValue) -> dict[str, JsonValue]:
    """Return `fields` by their canonical names, beside the columns of `row` that were not read.

    A field that is None leaves a column of its own name as it is.
    """
    rest = {name: value for name, value in row.items() if name not in read}
    return rest | {k: value for k, value in fields.items() if value is not None or k not in rest}


def present(row: Row, name: str) -> JsonValue:
    """Return a column that must be there.

    Raises:
        NotReadable: `missing_field`.
    """
    if name not in row:
        there: list[JsonValue] = [*sorted(row)[:_SHOWN]]
        raise NotReadable("missing_field", column=name, found=there)
    return row[name]


def column(row: Row, name: str, kind: type[T]) -> T:
    """Return a column that must be there, as a value of one type.

    Raises:
        NotReadable: `missing_field`, or `wrong_type`.
    """
    value = present(row, name)
    if not isinstance(value, kind):
        raise NotReadable("wrong_type", column=name, expected=_KINDS[kind])
    return value


def text_or_none(value: JsonValue) -> str | None:
    """Return a text that holds more than white space, or None."""
    return value if isinstance(value, str) and value.strip() else None


def first(row: Row, names: Sequence[str]) -> tuple[str | None, JsonValue]:
    """Return the first of `names` that is a column with a value, and the value."""
    found = (name for name in names if row.get(name) not in (None, "", []))
    name = next(found, None)
    return name, row[name] if name else None


def user(prompt: str) -> Turn:
    """Return a user's turn."""
    return {"role": "user", "content": prompt}


def tools(offered: JsonValue) -> dict[str, JsonValue]:
    """Return the field `tools` of a canonical row, or nothing where a prompt offers none.

    Raises:
        NotReadable: `tools`, where `offered` is no list of functions, nor JSON text of one.
    """
    found = functions(offered)
    if found is None:
        raise NotReadable("tools")
    return {"tools": [*found]} if found else {}


def response(
    think: JsonValue, answer: str, teacher: JsonValue = None, calls: JsonValue = None
) -> Turn | None:
    """Return a response, or None where there is neither thinking nor answer nor a tool call."""
    thought = text_or_none(think)
    if thought is None and not answer.strip() and not calls:
        return None
    said: Turn = {
        "think": thought.strip() if thought else None,
        "answer": answer.strip(),
        "teacher": text_or_none(teacher),
    }
    return said | {"tool_calls": calls} if calls else said


def from_tags(text: str, teacher: JsonValue = None, calls: JsonValue = None) -> Turn | None:
    """Return the response in a text that may begin with `<think>…</think>`."""
    return response(*extract({"content": text}, "on"), teacher, calls)


def split(turns: Sequence[Turn], teacher: JsonValue = None) -> tuple[list[Turn], Turn | None]:
    """Return the prompt of a conversation, and the response where its last turn is one.

    An empty turn at the end stands for an answer that is still to come. The thinking stands in
    `reasoning_content`, else in tags.

    Raises:
        NotReadable: `no_user_turn`, where the prompt has none or ends with neither the user's nor a
            tool's.
    """
    prompt, answered = list(turns), None
    if prompt and prompt[-1]["role"] == "assistant":
        last = prompt.pop()
        content, think = str(last["content"]), text_or_none(last.get("reasoning_content"))
        more = (teacher, last.get("tool_calls"))
        answered = response(think, content, *more) if think else from_tags(content, *more)
    roles = [turn["role"] for turn in prompt]
    if "user" not in roles or roles[-1] not in ("user", "tool"):
        raise NotReadable("no_user_turn", turns=len(turns))
    return prompt, answered
