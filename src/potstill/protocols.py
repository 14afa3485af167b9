"""Every extension point on one page: the signature of each kind of plug-in.

A plug-in is a function. Its keyword-only parameters are its options in the recipe: their
annotations are the validation, their docstrings the help. Plug-ins are found by name through
`registry.py`; nothing registers itself, and a plug-in imports heavy packages only when called.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeVar

from pydantic import JsonValue

from potstill.records import Dropped, Label, Problem, Record, Response, Sample, Verdict

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

FIELDS = (
    "problem",
    "messages",
    "tools",
    "reference_answer",
    "category",
    "language",
    "response",
    "tests",
    "license",
    "origin",
)
"""Fields of a problem that a source's column may hold; `problem` stands for one user turn."""


class Originals(Protocol):
    """Prompts that a data set leaves out, from the user's copies of the sets that have them."""

    @property
    def sets(self) -> Collection[str]:
        """Names of the sets that are there."""
        ...

    def __call__(self, dataset: str, key: str, /) -> str | None:
        """Return the prompt of one row of a set, or None where that has no such row."""
        ...


class Place(NamedTuple):
    """What a source is told about itself by the stage that opens it."""

    name: str
    """The source's name in the recipe, which begins each row's id."""
    path: str
    """What to read: a file, a folder or a pattern, here, at `s3://` or at `hf://datasets/`."""
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
    schema: Schema | None = None
    """Turns each row into the canonical one, before `map` is looked at."""
    commit: str | None = None
    """The commit that is read of a dataset on the hub; by default what its address names now."""
    license: str | None = None
    """Licence of the source, for rows that name none of their own."""
    fill: Originals | None = None
    """Joins prompts back that the source leaves out; it can be pickled."""


class Duplicate(NamedTuple):
    """A row that repeats another one; rows are known by their place in the table, from 0."""

    row: int
    """The row to drop."""
    of: int
    """The row that it repeats, which stays unless it is to be dropped itself."""
    similarity: float
    """1.0 for equal texts, else the measure's value."""
    reason: Literal["duplicate", "reference_conflict"] = "duplicate"
    """Why it is dropped: as a repetition, or because the same question has two answers."""


class Groups(NamedTuple):
    """Rows that share a key, for each key that two rows or more have."""

    rows: NDArray[np.int64]
    """The rows of all groups, one group after another in the order of their first rows; within a
    group they ascend."""
    offsets: NDArray[np.int64]
    """Group `i` is `rows[offsets[i] : offsets[i + 1]]`."""


class Mapped(Protocol):
    """What a function made of a table, batch by batch, in the order of the rows."""

    @property
    def batches(self) -> Sequence[pa.RecordBatch]:
        """The results, mapped from disk: what is not read takes no memory."""
        ...

    def column(self, name: str) -> NDArray[np.generic]:
        """Return a column of numbers, or of bytes of a fixed width, of all rows in memory."""
        ...

    def groups(self, name: str) -> Groups:
        """Return the rows that share a value in a column of numbers or bytes of a fixed width."""
        ...


class Problems(Protocol):
    """A table of problems in shards, and the processes or machines that work on them."""

    def __iter__(self) -> Iterator[Problem]:
        """Yield the problems in order."""
        ...

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def map(
        self, work: Callable[[pa.RecordBatch], pa.RecordBatch], columns: Sequence[str]
    ) -> Mapped:
        """Call a function with every batch of the table, each with these columns of `Problem`.

        Args:
            work: A function that can be pickled; it returns a batch with a row for each row.
            columns: Names of columns as they lie in Parquet; `messages.list.element.content` is a
                part of one.
        """
        ...


class Contamination(NamedTuple):
    """A row that holds a benchmark's item, or a part of it."""

    item: str
    """Row id of the benchmark's item, which begins with the benchmark's name."""
    score: float
    """The measure's value, in [0, 1]."""
    span: str
    """The matched text."""
    verdict: Literal["contaminated", "suspect"] = "contaminated"
    """How sure that is; a row without a match is clean."""


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

    def __call__(self, place: Place, /) -> Iterable[Problem | Dropped]:
        """Return one item per row, in the order of files and lines."""
        ...


class Schema(Protocol):
    """Reads the rows of a published dataset's shape; the inverse of a format."""

    def __call__(self, row: Mapping[str, JsonValue], /) -> dict[str, JsonValue]:
        """Return the canonical row, without a change to `row`.

        It has `messages`, the prompt, whose last turn is the user's or a tool's; `response`, which
        is None or an object {think: text or None, answer: text, teacher: text or None}, with
        `tool_calls` and `reasoning` where they are known; `tools`, a list of the functions that the
        prompt offers, `tests`, as `Problem` has them, `reference_answer`, `category`, `language`,
        `license` and `origin` (a text, or a list of them, the nearest first) where they are known;
        and every column that was not read for these, under its own name. Turns and calls are as
        OpenAI's chat API has them. Of a conversation with several answers, the last one is the
        response. Where the first user's turn is left out, `withheld` says which `set` has it under
        which `key`, as far as the row tells.

        Raises:
            NotReadable: The row is not of this shape.
        """
        ...


class Dedup(Protocol):
    """Finds repeated problems in the whole set."""

    def __call__(self, problems: Problems, /) -> Iterable[Duplicate]:
        """Yield each row that is to be dropped, once; the same whatever the sharding."""
        ...


class Lookup(Protocol):
    """Looks problems up among benchmark items."""

    def __call__(self, problems: Sequence[Problem], /) -> Sequence[Contamination | None]:
        """Return what each problem holds of a benchmark, or None; up to 1,000 come at once."""
        ...


class Decontaminate(Protocol):
    """Builds an index of benchmark items, and returns the function that looks problems up."""

    def __call__(self, items: Iterable[Problem], /) -> Lookup:
        """Return the function that looks problems up; it must be one that can be pickled."""
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


def checks_reference(check: Callable[[Problem], str | None]) -> Callable[[V], V]:
    """Mark a verifier with the function that tells what is wrong with a problem's reference.

    It returns a sentence, or None where the verifier can use the reference or there is none. Where
    it says something, every verdict on the problem is undecided, as `reference_unusable`.
    """

    def mark(verifier: V) -> V:
        setattr(verifier, checks_reference.__name__, check)
        return verifier

    return mark


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
