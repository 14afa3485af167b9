"""The rows that travel through the line, from a problem to a verified sample.

Records are frozen and reject unknown fields. They hold nothing that differs between two runs over
the same input and the same answers: timings, attempts and money live in the journal and the events.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, PlainSerializer

Role = Literal["system", "user", "assistant"]
Reasoning = Literal["on", "off", "prompted"]
Outcome = Literal["pass", "fail", "undecided"]
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


class Record(BaseModel):
    """A frozen row; fields that it does not know are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Message(Record):
    """One turn of a conversation."""

    role: Role
    """Who speaks."""
    content: str
    """What is said, as plain text."""


def problem_id(messages: Sequence[Message]) -> str:
    """Return the id of a problem: the hash of its messages alone.

    The same prompt from two sources is the same problem, whatever answer came along with it.
    """
    return content_hash([{"role": m.role, "content": m.content} for m in messages])


def _row_id(data: dict[str, Any]) -> str:
    return f"{data['source']}:{data['file']}:{data['line']}"


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
    ending: Ending = "ok"
    """How the call ended, where the source tells it."""
    outcome: Outcome | None = None
    """An earlier verdict, where the source tells it."""


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
    """The prompt; its last turn is the user's."""
    id: str = Field(default_factory=lambda data: problem_id(data["messages"]))
    """Hash of `messages`; equal prompts are one problem."""
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
    extra: JsonObject = Field(default_factory=dict)
    """The source's other columns, unread."""

    @property
    def text(self) -> str:
        """The last user turn, which prompt templates call `{problem}`."""
        return next((m.content for m in reversed(self.messages) if m.role == "user"), "")


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
    """The first decided verdict; `undecided` where none is; None before the verify stage."""


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
