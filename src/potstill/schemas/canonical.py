"""What the schemas share: the canonical row, its conversation and its response."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from pydantic import JsonValue

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


def column(row: Row, name: str, kind: type[T]) -> T:
    """Return a column that must be there.

    Raises:
        NotReadable: `missing_field`, or `wrong_type`.
    """
    if name not in row:
        there: list[JsonValue] = [*sorted(row)[:_SHOWN]]
        raise NotReadable("missing_field", column=name, found=there)
    value = row[name]
    if not isinstance(value, kind):
        raise NotReadable("wrong_type", column=name, expected=_KINDS[kind])
    return value


def text_or_none(value: JsonValue) -> str | None:
    """Return a text that holds more than white space, or None."""
    return value if isinstance(value, str) and value.strip() else None


def user(prompt: str) -> Turn:
    """Return a user's turn."""
    return {"role": "user", "content": prompt}


def response(think: JsonValue, answer: str, teacher: JsonValue = None) -> JsonValue:
    """Return a response, or None where there is neither thinking nor answer."""
    thought = text_or_none(think)
    if thought is None and not answer.strip():
        return None
    think = thought.strip() if thought else None
    return {"think": think, "answer": answer.strip(), "teacher": text_or_none(teacher)}


def from_tags(text: str, teacher: JsonValue = None) -> JsonValue:
    """Return the response in a text that may begin with `<think>…</think>`."""
    return response(*extract({"content": text}, "on"), teacher)


def split(turns: Sequence[Turn], teacher: JsonValue = None) -> tuple[list[JsonValue], JsonValue]:
    """Return the prompt of a conversation, and the response where its last turn is one.

    An empty turn at the end stands for an answer that is still to come. The thinking stands in
    `reasoning_content`, else in tags.

    Raises:
        NotReadable: `no_user_turn`, where the prompt does not end with the user's turn.
    """
    prompt, answered = list(turns), None
    if prompt and prompt[-1]["role"] == "assistant":
        last = prompt.pop()
        content, think = str(last["content"]), text_or_none(last.get("reasoning_content"))
        answered = response(think, content, teacher) if think else from_tags(content, teacher)
    if not prompt or prompt[-1]["role"] != "user":
        raise NotReadable("no_user_turn", turns=len(turns))
    return [*prompt], answered
