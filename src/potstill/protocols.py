"""Every extension point on one page: the signature of each kind of plug-in.

A plug-in is a function. Its keyword-only parameters are its options in the recipe: their
annotations are the validation, their docstrings the help. Plug-ins are found by name through
`registry.py`; nothing registers itself, and a plug-in imports heavy packages only when called.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from pydantic import JsonValue

from potstill.records import Dropped, Label, Problem, Record, Response, Sample, Verdict

FIELDS = (
    "problem",
    "messages",
    "tools",
    "reference_answer",
    "category",
    "language",
    "response",
)
"""Fields of a problem that a source's column may hold; `problem` stands for one user turn."""


class Place(NamedTuple):
    """What a source is told about itself by the stage that opens it."""

    name: str
    """The source's name in the recipe, which begins each row's id."""
    path: Path
    """The file or folder to read."""
    map: Mapping[str, str]
    """Record field (`problem`, `messages`, `reference_answer`, ...) to the source's column."""
    set: Mapping[str, JsonValue]
    """Record fields with one value for every row, such as `category: math`."""
    whole: bool = False
    """Whether `extra` holds the row's every column, not only those that no field took."""
    verdicts: bool = False
    """Whether a row's columns `outcome`, `ending` and `teacher`, as `verify` and `distil` write
    them on files, are those of its response."""
    prompt_needed: bool = True
    """Whether a row without a prompt is dropped; else its prompt is empty."""
    schema: "Schema | None" = None
    """Turns each row into the canonical one, before `map` is looked at."""


class Duplicate(NamedTuple):
    """A row that repeats an earlier one."""

    row_id: str
    """The row to drop."""
    of: str
    """The row that it repeats, which stays."""
    similarity: float
    """1.0 for equal texts, else the measure's value."""


class Contamination(NamedTuple):
    """A row that holds a benchmark's item, or a part of it."""

    item: str
    """Row id of the benchmark's item."""
    score: float
    """The measure's value, in [0, 1]."""
    span: str
    """The matched text."""


class Rejection:
    """Why a filter drops a sample."""

    def __init__(self, reason: str, **evidence: JsonValue) -> None:
        """Keep a stable slug and whatever shows that it holds."""
        self.reason = reason
        self.evidence = evidence

    def __repr__(self) -> str:
        """Return the call that makes an equal one."""
        evidence = "".join(f", {name}={value!r}" for name, value in self.evidence.items())
        return f"Rejection({self.reason!r}{evidence})"


class NotExpressible(Exception):
    """A format says that it has no way to write a sample; the books count it with the reason."""

    def __init__(self, reason: str, text: str = "") -> None:
        """Keep a stable slug, and a sentence for people."""
        super().__init__(text or reason)
        self.reason = reason


class NotReadable(Exception):
    """A schema says that a row is not of its shape; the row is dropped with the reason."""

    def __init__(self, reason: str, **evidence: JsonValue) -> None:
        """Keep a stable slug and what shows that it holds."""
        super().__init__(reason)
        self.reason = reason
        self.evidence = evidence


class Source(Protocol):
    """Reads problems; a row that can't be read is yielded as `Dropped`, never skipped."""

    def __call__(self, place: Place, /) -> Iterator[Problem | Dropped]:
        """Yield one item per row, in the order of files and lines."""
        ...


class Schema(Protocol):
    """Reads the rows of a published dataset's shape; the inverse of a format."""

    def __call__(self, row: Mapping[str, JsonValue], /) -> dict[str, JsonValue]:
        """Return the canonical row, without a change to `row`.

        It has `messages`, the prompt, whose last turn is the user's or a tool's; `response`, which
        is None or an object {think: text or None, answer: text, teacher: text or None} and
        `tool_calls` where there are some; `tools`, a list of the functions that the prompt offers,
        `reference_answer`, `category` and `language` where they are known; and every column that
        was not read for these, under its own name. Turns and calls are as OpenAI's chat API has
        them. Of a conversation with several answers, the last one is the response.

        Raises:
            NotReadable: The row is not of this shape.
        """
        ...


class Dedup(Protocol):
    """Finds repeated problems in the whole set; the first of a cluster stays."""

    def __call__(self, problems: Iterable[Problem], /) -> Iterator[Duplicate]:
        """Yield each row that repeats an earlier one; the same whatever the sharding."""
        ...


class Decontaminate(Protocol):
    """Builds an index of benchmark items, and returns the function that looks a problem up."""

    def __call__(self, items: Iterable[Problem], /) -> Callable[[Problem], Contamination | None]:
        """Return a picklable function of one problem."""
        ...


class Labeler(Protocol):
    """Tells something of a problem, such as its category."""

    def __call__(self, problem: Problem, /) -> Label | None:
        """Return the label, or None where it can't be told."""
        ...


class Verifier(Protocol):
    """Judges one response; runs in a worker process that can be killed."""

    def __call__(self, problem: Problem, response: Response, /) -> Verdict:
        """Return pass, fail or undecided, with a reason and evidence."""
        ...


V = TypeVar("V", bound=Callable[..., Verdict])


def needs_reference(verifier: V) -> V:
    """Mark a verifier that is undecided wherever a problem has no reference.

    `plan` and `run` then count such problems before a teacher is paid to answer them.
    """
    setattr(verifier, needs_reference.__name__, True)
    return verifier


class Filter(Protocol):
    """Looks at one sample."""

    def __call__(self, sample: Sample, /) -> Rejection | None:
        """Return why the sample is dropped, or None to keep it."""
        ...


class Format(Protocol):
    """Turns a sample into one row of an exported dataset.

    The record that its return annotation names is the dataset's schema. A field that a row leaves
    unset is left out of its JSON object, and null in its table.
    """

    def __call__(self, sample: Sample, /) -> Record:
        """Return the row.

        Raises:
            NotExpressible: The format has no way to write this sample.
        """
        ...
