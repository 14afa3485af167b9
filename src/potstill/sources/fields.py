"""The one place where a source's row becomes a problem."""

from collections.abc import Mapping
from typing import get_args

from pydantic import JsonValue

from potstill.errors import InputError
from potstill.models.chat import calls, functions, with_ids
from potstill.models.traces import extract
from potstill.protocols import FIELDS, NotReadable, Place
from potstill.records import ANSWERED, GivenResponse, Message, Outcome, Problem
from potstill.registry import nearest
from potstill.sources.decode import BadRow, Number, kind
from potstill.sources.turns import conversation, is_whole, text_of
from potstill.text.answers import final_reference
from potstill.text.language import detect

_LABELS = ("reference_answer", "category", "language")
_EMPTY = Message(role="user", content="")
_SHOWN = 50
"""Columns of a row that evidence names."""


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
    tools = _tools(place, row, extra)
    reference = _label("reference_answer", place, row, extra)
    asked = next(turn.content for turn in reversed(messages) if turn.role == "user")
    return Problem(
        source=place.name,
        file=file,
        line=line,
        messages=messages,
        tools=tools,
        reference_answer=reference,
        category=_label("category", place, row, extra),
        language=_label("language", place, row, extra) or detect(asked),
        responses=_responses(place, row, extra, sum(len(turn.tool_calls) for turn in messages)),
        extra=dict(given) if place.whole else extra,
    )


def _canonical(place: Place, row: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    if place.schema is None:
        return row
    try:
        return place.schema(row)
    except NotReadable as error:
        raise BadRow(error.reason, **error.evidence) from None


def _tools(
    place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue]
) -> tuple[dict[str, JsonValue], ...]:
    """Return the functions that a prompt offers: a list of them, or JSON text of one."""
    named = "tools" in place.map
    column = place.map.get("tools", "tools")
    value = _find("tools", column, row) if named else row.get(column)
    found = functions(value)
    if found is not None:
        extra.pop(column, None)
        return tuple(found)
    if not named:  # a column that happens to have this name
        return ()
    expected = "a list of functions"
    raise BadRow("wrong_type", field="tools", column=column, found=kind(value), expected=expected)


def _responses(
    place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue], called: int
) -> tuple[GivenResponse, ...]:
    """Return the responses in a row: text, an object with `answer`, or a list of these.

    `called` is how many calls the prompt has: those of a response are counted on from there.
    """
    named = "response" in place.map
    column = place.map.get("response", "response")
    value = _find("response", column, row) if named else row.get(column)
    values = value if isinstance(value, list) else [] if value is None else [value]
    found = [_response(each, called) for each in values]
    responses = tuple(response for response in found if response is not None)
    if len(responses) == len(found):
        extra.pop(column, None)
        known = _told(row) if place.verdicts else {}
        return tuple(response.model_copy(update=known) for response in responses)
    if not named:  # a column that happens to have this name
        return ()
    expected = "text, or an object with `answer`"
    raise BadRow(
        "wrong_type", field="response", column=column, found=kind(value), expected=expected
    )


def _told(row: Mapping[str, JsonValue]) -> dict[str, object]:
    """Return what a row that potstill wrote says of its response."""
    legal = {"outcome": get_args(Outcome), "ending": ANSWERED}
    told = {name: row.get(name) for name, values in legal.items() if row.get(name) in values}
    found: dict[str, object] = {**told}
    if isinstance(teacher := row.get("teacher"), str):
        found["teacher"] = teacher
    if called := calls(row.get("tool_calls")):
        found["tool_calls"] = tuple(called)
    return found


def _response(value: JsonValue, called: int) -> GivenResponse | None:
    if isinstance(value, str):
        think, answer = extract({"content": value}, "prompted")
        return GivenResponse(think=think, answer=answer)
    if not isinstance(value, dict) or not isinstance(answer := value.get("answer"), str):
        return None
    think, teacher = value.get("think"), value.get("teacher")
    tools = calls(value.get("tool_calls"))
    if tools is None:
        return None
    return GivenResponse(
        think=think if isinstance(think, str) else None,
        answer=answer,
        tool_calls=with_ids(tools, called),
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
    messages = conversation(column, turns)
    if is_whole(turns, messages):
        extra.pop(column, None)
    return messages


def _offers_problem(place: Place, row: Mapping[str, JsonValue]) -> bool:
    if "problem" in place.map or "messages" not in row:
        return True
    return place.schema is None and "problem" in row


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
    text = text_of(field, column, value)
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
