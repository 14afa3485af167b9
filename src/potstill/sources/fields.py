"""The one place where a source's row becomes a problem."""

from collections.abc import Mapping
from typing import get_args

from pydantic import JsonValue

from potstill.errors import InputError
from potstill.models.chat import calls, functions, with_ids
from potstill.models.traces import extract
from potstill.protocols import FIELDS, NotReadable, Place
from potstill.records import ANSWERED, GivenResponse, Message, Outcome, Problem, Reasoning
from potstill.registry import nearest
from potstill.sources.columns import field, find, written
from potstill.sources.decode import BadRow, kind
from potstill.sources.provenance import license_of, origins
from potstill.sources.turns import conversation, is_whole, text_of
from potstill.sources.withheld import filled
from potstill.text.answers import final_reference
from potstill.text.language import detect
from potstill.text.tests import tests

_LABELS = ("reference_answer", "category", "language")
_EMPTY = Message(role="user", content="")
_REASONING: tuple[Reasoning, ...] = get_args(Reasoning)


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
    tested = _tests(place, row, extra)
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
        tests=tested,
        license=license_of(place, row, extra),
        origins=origins(place, row, extra),
        extra=dict(given) if place.whole else extra,
    )


def _canonical(place: Place, row: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    if place.schema is None:
        return row
    try:
        return filled(place, place.schema(row))
    except NotReadable as error:
        raise BadRow(error.reason, **error.evidence) from None


def _tools(
    place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue]
) -> tuple[dict[str, JsonValue], ...]:
    """Return the functions that a prompt offers: a list of them, or JSON text of one."""
    offered = field("tools", place, row)
    found = functions(offered.value)
    if found is None:
        offered.refuse("a list of functions")
        return ()
    extra.pop(offered.column, None)
    return tuple(found)


def _tests(
    place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return tests, in any shape that is known."""
    given = field("tests", place, row)
    found = tests(given.value)
    if found is None:
        given.refuse("tests: {inputs, outputs} or {code}, as JSON or as JSON text")
        return {}
    extra.pop(given.column, None)
    return found


def _responses(
    place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue], called: int
) -> tuple[GivenResponse, ...]:
    """Return the responses in a row: text, an object with `answer`, or a list of these.

    `called` is how many calls the prompt has: those of a response are counted on from there.
    """
    given = field("response", place, row)
    value = given.value
    values = value if isinstance(value, list) else [] if value is None else [value]
    found = [_response(each, called) for each in values]
    responses = tuple(response for response in found if response is not None)
    if len(responses) != len(found):
        given.refuse("text, or an object with `answer`")
        return ()
    extra.pop(given.column, None)
    known = _told(row) if place.verdicts else {}
    return tuple(response.model_copy(update=known) for response in responses)


def _told(row: Mapping[str, JsonValue]) -> dict[str, object]:
    """Return what a row that potstill wrote says of its response."""
    legal = {"outcome": get_args(Outcome), "ending": ANSWERED, "reasoning": _REASONING}
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
    think, teacher, asked = value.get("think"), value.get("teacher"), value.get("reasoning")
    tools = calls(value.get("tool_calls"))
    if tools is None:
        return None
    return GivenResponse(
        think=think if isinstance(think, str) else None,
        answer=answer,
        tool_calls=with_ids(tools, called),
        teacher=teacher if isinstance(teacher, str) else "",
        reasoning=next((each for each in _REASONING if each == asked), None),
    )


def _has_prompt(place: Place, row: Mapping[str, JsonValue]) -> bool:
    return any(place.map.get(field, field) in row for field in ("problem", "messages"))


def _messages(
    place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue]
) -> tuple[Message, ...]:
    named = "messages" in place.map
    name = "messages" if named or not _offers_problem(place, row) else "problem"
    column = place.map.get(name, name)
    value = find(name, column, row)
    if name == "problem":
        turns: list[JsonValue] = [{"role": "user", "content": value}]
    elif isinstance(value, list):
        turns = value
    else:
        raise BadRow("wrong_type", field=name, column=column, found=kind(value), expected="array")
    messages = conversation(column, turns)
    if is_whole(turns, messages):
        extra.pop(column, None)
    return messages


def _offers_problem(place: Place, row: Mapping[str, JsonValue]) -> bool:
    if "problem" in place.map or "messages" not in row:
        return True
    return place.schema is None and "problem" in row


def _label(
    name: str, place: Place, row: Mapping[str, JsonValue], extra: dict[str, JsonValue]
) -> str | None:
    if name in place.set:
        return str(place.set[name])
    given = field(name, place, row)
    if given.value is None:
        extra.pop(given.column, None)
        return None
    is_reference = name == "reference_answer"
    text = text_of(name, given.column, written(given.value) if is_reference else given.value)
    label = final_reference(text) if is_reference else text
    if label == text:
        extra.pop(given.column, None)
    return label if label.strip() else None
