"""The one place where a source's row becomes a problem."""

from collections.abc import Mapping
from typing import get_args

from pydantic import JsonValue

from potstill.errors import InputError
from potstill.models.traces import extract
from potstill.protocols import FIELDS, NotReadable, Place
from potstill.records import ANSWERED, GivenResponse, Message, Outcome, Problem, Role
from potstill.registry import nearest
from potstill.sources.decode import BadRow, Number, kind
from potstill.text.answers import final_reference
from potstill.text.language import detect

_LABELS = ("reference_answer", "category", "language")
_EMPTY = Message(role="user", content="")
_SHOWN = 50
"""Columns of a row that evidence names."""
_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant"}


def check(place: Place) -> None:
    """Check a source's `map` and `set` before its rows are read.

    Raises:
        InputError: A field has an unknown name, or a constant that is no text.
    """
    for part, names, legal in (("map", place.map, FIELDS), ("set", place.set, _LABELS)):
        for name in names:
            if name not in legal:
                hint = f"{nearest(name, legal)}: {', '.join(legal)}"
                raise InputError(f"source {place.name!r}: {part} has no field {name!r}{hint}")
    if "problem" in place.map and "messages" in place.map:
        raise InputError(f"source {place.name!r}: map names both `problem` and `messages`")
    for name, value in place.set.items():
        if not isinstance(value, str):
            raise InputError(f"source {place.name!r}: set.{name} is {value!r}, and should be text")


def to_problem(place: Place, file: str, line: int, row: Mapping[str, JsonValue]) -> Problem:
    """Return the problem in a row, which `place.schema` may read first.

    A field comes from `place.set`, else from the column that `place.map` names (`a.b` is `b` in
    column `a`, unless a column is called `a.b`), else from the column of its own name. A column
    that `map` names must be there, though it may be null. The other columns go to `extra`, and so
    does one of which only a part was taken: the worked solution before `#### `, or what messages
    say besides role and content.

    Raises:
        BadRow: The row lacks a field, or one has the wrong type or can't be used.
    """
    given, row = row, _canonical(place, row)
    extra = dict(row)
    no_prompt = not place.prompt_needed and not _has_prompt(place, row)
    messages = (_EMPTY,) if no_prompt else _messages(place, row, extra)
    reference = _label("reference_answer", place, row, extra)
    return Problem(
        source=place.name,
        file=file,
        line=line,
        messages=messages,
        reference_answer=reference,
        category=_label("category", place, row, extra),
        language=_label("language", place, row, extra) or detect(messages[-1].content),
        responses=_responses(place, row, extra),
        extra=dict(given) if place.whole else extra,
    )


def _canonical(place: Place, row: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    if place.schema is None:
        return row
    try:
        return place.schema(row)
    except NotReadable as error:
        raise BadRow(error.reason, **error.evidence) from None


def _responses(
    place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue]
) -> tuple[GivenResponse, ...]:
    """Return the responses in a row: text, an object with `answer`, or a list of these."""
    named = "response" in place.map
    column = place.map.get("response", "response")
    value = _find("response", column, row) if named else row.get(column)
    values = value if isinstance(value, list) else [] if value is None else [value]
    found = [_response(each) for each in values]
    responses = tuple(response for response in found if response is not None)
    if len(responses) == len(found):
        extra.pop(column, None)
        known = _verdict(row) if place.verdicts else {}
        return tuple(response.model_copy(update=known) for response in responses)
    if not named:  # a column that happens to have this name
        return ()
    expected = "text, or an object with `answer`"
    raise BadRow(
        "wrong_type", field="response", column=column, found=kind(value), expected=expected
    )


def _verdict(row: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what a row that potstill wrote says of its response."""
    legal = {"outcome": get_args(Outcome), "ending": ANSWERED}
    found = {name: row.get(name) for name, values in legal.items() if row.get(name) in values}
    if isinstance(teacher := row.get("teacher"), str):
        found["teacher"] = teacher
    return found


def _response(value: JsonValue) -> GivenResponse | None:
    if isinstance(value, str):
        think, answer = extract({"content": value}, "prompted")
        return GivenResponse(think=think, answer=answer)
    if not isinstance(value, dict) or not isinstance(answer := value.get("answer"), str):
        return None
    think, teacher = value.get("think"), value.get("teacher")
    return GivenResponse(
        think=think if isinstance(think, str) else None,
        answer=answer,
        teacher=teacher if isinstance(teacher, str) else "",
    )


def _has_prompt(place: Place, row: Mapping[str, JsonValue]) -> bool:
    return any(place.map.get(field, field) in row for field in ("problem", "messages"))


def _messages(
    place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue]
) -> tuple[Message, ...]:
    named = "messages" in place.map
    field = "messages" if named or not _offers_problem(place, row) else "problem"
    column = place.map.get(field, field)
    value = _find(field, column, row)
    if field == "problem":
        turns: list[JsonValue] = [{"role": "user", "content": value}]
    elif isinstance(value, list):
        turns = value
    else:
        raise BadRow("wrong_type", field=field, column=column, found=kind(value), expected="array")
    messages = tuple(_message(column, i, turn) for i, turn in enumerate(turns))
    if not messages or not messages[-1].content.strip():
        raise BadRow("empty_prompt", column=column)
    if messages[-1].role != "user":
        raise BadRow("bad_message", column=column, found=messages[-1].role, expected="user")
    if all(isinstance(turn, dict) and len(turn) == 2 for turn in turns):
        extra.pop(column, None)
    return messages


def _offers_problem(place: Place, row: Mapping[str, JsonValue]) -> bool:
    if "problem" in place.map or "messages" not in row:
        return True
    return place.schema is None and "problem" in row


def _message(column: str, turn: int, value: JsonValue) -> Message:
    """Return one turn; `turn` counts from 0."""
    if not isinstance(value, dict):
        raise BadRow("bad_message", column=column, turn=turn, found=kind(value), expected="object")
    role, content = value.get("role"), value.get("content")
    if not isinstance(role, str) or role not in _ROLES:
        expected = ", ".join(_ROLES)
        raise BadRow("bad_message", column=column, turn=turn, found=role, expected=expected)
    return Message(role=_ROLES[role], content=_text("problem", column, content))


def _label(
    field: str, place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue]
) -> str | None:
    if field in place.set:
        return str(place.set[field])
    column = place.map.get(field, field)
    value = row.get(field) if field not in place.map else _find(field, column, row)
    if value is None:
        extra.pop(column, None)
        return None
    if field == "reference_answer" and isinstance(value, (int, float)):
        value = _written(value)
    text = _text(field, column, value)
    label = final_reference(text) if field == "reference_answer" else text
    if label == text:
        extra.pop(column, None)
    return label if label.strip() else None


def _find(field: str, column: str, row: Mapping[str, JsonValue]) -> JsonValue:
    if column in row:
        return row[column]
    value: JsonValue = dict(row)
    for name in column.split("."):
        if not isinstance(value, dict) or name not in value:
            there: list[JsonValue] = [*sorted(row)[:_SHOWN]]
            raise BadRow("missing_field", field=field, column=column, found=there)
        value = value[name]
    return value


def _written(number: float) -> JsonValue:
    """Return a number as text, as its source wrote it where that is known."""
    if isinstance(number, bool):
        return number
    return number.text if isinstance(number, Number) else str(number)


def _text(field: str, column: str, value: JsonValue) -> str:
    if not isinstance(value, str):
        raise BadRow("wrong_type", field=field, column=column, found=kind(value), expected="text")
    if "\0" in value:
        raise BadRow("nul_character", field=field, column=column, position=value.index("\0"))
    return value
