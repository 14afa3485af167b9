"""The rows that travel through the line, from a problem to a verified sample.

Records are frozen and reject unknown fields. They hold nothing that differs between two runs over
the same input and the same answers: timings, attempts and money live in the journal and the events.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
)

Role = Literal["system", "user", "assistant", "tool"]
Reasoning = Literal["on", "off", "prompted"]
Outcome = Literal["pass", "fail", "undecided"]
Finding = Literal["contaminated", "suspect"]
"""How sure it is that a problem holds a benchmark's item."""
Ending = Literal[
    "ok",
    "truncated",
    "thinking_only",
    "refused",
    "empty",
    "malformed",
    "rate_limited",
    "server_error",
    "network",
    "stalled",
    "bad_request",
    "over_context",
    "cancelled",
]
"""How a model call ended; `models/failures.py` says what is done about each."""

ANSWERED: frozenset[Ending] = frozenset({"ok", "truncated", "thinking_only", "refused"})
"""The endings that leave a `Response`; the others leave only an entry in the books."""

UNUSABLE = "reference_unusable"
"""Reason of the verdicts on a problem whose reference a verifier can't use."""


def to_json(value: JsonValue) -> str:
    """Return `value` as canonical JSON: sorted keys, no spaces, ASCII only.

    Equal values give equal text, whatever the order of their keys, so that text can be hashed.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def content_hash(value: JsonValue) -> str:
    """Return 32 hexadecimal digits (128 bits of SHA-256) of the canonical JSON of `value`."""
    return hashlib.sha256(to_json(value).encode("ascii")).hexdigest()[:32]


def _read_json(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


def _write_json(value: JsonValue) -> str:
    # Not `to_json`: a source's columns keep their order.
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


JsonObject = Annotated[
    dict[str, JsonValue],
    BeforeValidator(_read_json),
    PlainSerializer(_write_json, return_type=str),
]
"""A JSON object in Python, one column of JSON text in a table: its shape is its owner's."""


def _read_objects(value: object) -> object:
    return () if value is None else _read_json(value)


def _write_objects(value: tuple[JsonValue, ...]) -> str | None:
    return _write_json([*value]) if value else None


JsonObjects = Annotated[
    tuple[dict[str, JsonValue], ...],
    BeforeValidator(_read_objects),
    PlainSerializer(_write_objects, return_type=str | None),
]
"""JSON objects in Python, one column of JSON text in a table: null where there is none."""


class Record(BaseModel):
    """A frozen row; fields that it does not know are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Message(Record):
    """One turn of a conversation."""

    role: Role
    """Who speaks."""
    content: str
    """What is said, as plain text; empty where an assistant only calls tools."""
    tool_calls: JsonObjects = ()
    """An assistant's calls, as OpenAI's chat API has them: {id, type, function {name, arguments}},
    where `arguments` is JSON text."""
    tool_call_id: str | None = None
    """The call that a tool's result answers, where that is known."""
    name: str | None = None
    """The function that a tool's result comes from, where the source tells it."""

    @model_serializer(mode="wrap")
    def _without_nulls(self, handler: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        return {name: value for name, value in handler(self).items() if value is not None}

    def body(self) -> dict[str, JsonValue]:
        """Return the turn as it stands in a request's body: what is not set is left out."""
        turn: dict[str, JsonValue] = {"role": self.role, "content": self.content}
        if self.tool_calls:
            # Some endpoints refuse an empty text; null is what OpenAI's own replies have there.
            turn |= {"content": self.content or None, "tool_calls": [*self.tool_calls]}
        links = {"tool_call_id": self.tool_call_id, "name": self.name}
        return turn | {name: value for name, value in links.items() if value is not None}

    @classmethod
    def of_body(cls, turn: Mapping[str, JsonValue]) -> Self:
        """Return the message that a request's body has; what endpoints add to it is left out."""
        known = {name: turn[name] for name in cls.model_fields if name in turn}
        return cls.model_validate({**known, "content": turn.get("content") or ""})


def problem_id(messages: Sequence[Message], tools: Sequence[JsonValue] = ()) -> str:
    """Return the id of a problem: the hash of its messages, and of its tools where it has some.

    The same prompt from two sources is the same problem, whatever answer came along with it.
    """
    turns: list[JsonValue] = [message.body() for message in messages]
    return content_hash({"messages": turns, "tools": [*tools]} if tools else turns)


def _row_id(data: dict[str, Any]) -> str:
    return f"{data['source']}:{data['file']}:{data['line']}"


_ROW_THERE = re.compile(r":(?!//).*", re.S)
"""What follows the name of a data set in `Problem.origins`, which may be an address."""


class Label(Record):
    """What one labeler says of a problem."""

    name: str
    """What is told, such as `category`."""
    value: str
    """What it is, such as `math`."""
    origin: str = ""
    """The labeler's name in the recipe, filled in by the label stage."""
    confidence: float | None = Field(default=None, ge=0, le=1)
    """Share of such labels that are expected to be right; None where nobody measured."""


class GivenResponse(Record):
    """A response that its source gives along with a problem."""

    think: str | None = None
    """The thinking, without its tags; None where there is none."""
    answer: str
    """What follows the thinking."""
    teacher: str = ""
    """Name of the model, where the source tells it."""
    tool_calls: JsonObjects = ()
    """The tools that are called beside the answer, or instead of one; see `Message`."""
    reasoning: Reasoning | None = None
    """Whether the model was asked to think, where the source tells it."""
    ending: Ending = "ok"
    """How the call ended, where the source tells it."""
    outcome: Outcome | None = None
    """An earlier verdict, where the source tells it."""


class Contamination(Record):
    """What a problem holds of a benchmark, as far as a rule can tell."""

    item: str
    """Row id of the benchmark's item: `benchmark:file:line`."""
    benchmark: str
    """Name of the benchmark."""
    method: str
    """The rule that found it, such as `ngram`."""
    score: float
    """The rule's measure, in [0, 1]."""
    span: str
    """The problem's text that matched."""
    verdict: Finding | Literal["clean"]
    """How sure that is; `clean` is what a judge says of a suspect."""


class Problem(Record):
    """One row of a source: a prompt, and what is known about its right answer."""

    source: str
    """Name of the source in the recipe."""
    file: str
    """File in the source: its name, or its path below the source's folder."""
    line: int
    """Line of a text file, or row of another one, counted from 1."""
    row_id: str = Field(default_factory=_row_id)
    """`source:file:line`, the name under which the books keep this row."""
    messages: tuple[Message, ...] = Field(min_length=1)
    """The prompt; its last turn is the user's, or a tool's result."""
    tools: JsonObjects = ()
    """The functions that the model may call, as OpenAI's chat API has them: {type, function}."""
    id: str = Field(default_factory=lambda data: problem_id(data["messages"], data["tools"]))
    """Hash of `messages` and `tools`; equal prompts are one problem."""
    reference_answer: str | None = None
    """The right answer, as its source gives it."""
    category: str | None = None
    """What kind of problem it is, such as `math`."""
    language: str | None = None
    """`en`, `zh` or another ISO 639-1 code, or `mixed`."""
    labels: tuple[Label, ...] = ()
    """What labelers said of it, in the recipe's order."""
    responses: tuple[GivenResponse, ...] = ()
    """Responses that its source has already."""
    tests: JsonObject = Field(default_factory=dict)
    """Tests of a program that solves it, or nothing: {inputs, outputs}, lists of equal length, of
    what it reads and is to write, or, with `entry_point`, of a function's arguments and what it is
    to return; or {code}, Python that raises where the program fails, with `entry_point`, the
    function that it tests, where that is known."""
    license: str | None = None
    """Licence of the row, as its source gives it."""
    origins: tuple[str, ...] = ()
    """Where the source says that it has the row from, the nearest first, for sources nest: the name
    of a data set, and where the row there is known `name:split:index` or `name:id`."""
    contamination: Contamination | None = None
    """What it holds of a benchmark, where it was found and kept."""
    extra: JsonObject = Field(default_factory=dict)
    """The source's other columns, unread."""

    @property
    def text(self) -> str:
        """The last user turn, which prompt templates call `{problem}`."""
        return next((m.content for m in reversed(self.messages) if m.role == "user"), "")

    @property
    def origin(self) -> str | None:
        """The data set that its source has it from; None where that is not known."""
        return _ROW_THERE.sub("", self.origins[0]) if self.origins else None


class Response(Record):
    """What a teacher answered to one call."""

    id: str
    """Hash of the problem's id and `call`."""
    problem_id: str
    """The problem that was asked."""
    call: str
    """Key of the model call in the journal, which holds the prompt as sent."""
    teacher: str
    """Name of the model."""
    reasoning: Reasoning
    """Whether the teacher was asked to think: by itself (`on`), by prompt, or not at all."""
    sample: int
    """Which sample of this problem and teacher, from 0."""
    round: int
    """Which round of the sample, from 0."""
    ending: Ending
    """How the call ended; one of `ANSWERED`."""
    think: str | None
    """The thinking, without its tags; None where there is none."""
    answer: str
    """What follows the thinking; empty where the call ended before it."""
    tool_calls: JsonObjects = ()
    """The tools that the teacher calls, as the endpoint gave them; see `Message`."""
    prompt_tokens: int | None = None
    """Tokens of the prompt as the endpoint counted them."""
    completion_tokens: int | None = None
    """Tokens of thinking and answer as the endpoint counted them."""


class Verdict(Record):
    """What one verifier says of one response."""

    outcome: Outcome
    """`undecided` where the verifier could not tell; never a guess."""
    reason: str
    """A stable slug such as `equal`, `different`, `timeout`."""
    evidence: JsonObject = Field(default_factory=dict)
    """What was compared, and how."""
    verifier: str = ""
    """The verifier's name in the recipe, filled in by the verify stage."""
    version: str = ""
    """The version of the verifier's code, filled in by the verify stage."""


class Sample(Record):
    """A problem with one response to it, and the verdicts on that response."""

    problem: Problem
    """The problem."""
    response: Response
    """The response."""
    verdicts: tuple[Verdict, ...] = ()
    """One verdict of each verifier that was tried, in the recipe's order."""
    outcome: Outcome | None = None
    """The first decided verdict, or that of a judge who looked at it again; `undecided` where none
    is; None before the verify stage."""

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that the outcome comes from, the last one where several say the same."""
        found = (each for each in reversed(self.verdicts) if each.outcome == self.outcome)
        return next(found, self.verdicts[-1] if self.verdicts else None)


class Dropped(Record):
    """A row that left the line, kept whole with the reason."""

    stage: str
    """The stage that dropped it."""
    rule: str
    """The plug-in (such as `minhash`) or the stage's own rule that dropped it."""
    reason: str
    """A stable slug such as `duplicate`, `contaminated`, `not_json`."""
    row_id: str
    """The row that it came from."""
    problem_id: str | None = None
    """Its problem, where it got so far."""
    response_id: str | None = None
    """Its response, where it got so far."""
    evidence: JsonObject = Field(default_factory=dict)
    """Duplicate of which row, contaminated by which item and span, which limit."""
    row: str = ""
    """The row: canonical JSON of the record, or the source's text where it could not be read."""
