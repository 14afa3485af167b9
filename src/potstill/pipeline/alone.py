"""A stage alone on a file: the same stage, the same books, the input's own columns kept."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import JsonValue, ValidationError

from potstill import registry
from potstill.books import Account
from potstill.engine.plugins import PluginCall
from potstill.engine.workers import Workers
from potstill.errors import InputError
from potstill.machine import cores
from potstill.models.traces import extract
from potstill.pipeline.wiring import VERIFY_SECONDS
from potstill.protocols import Place
from potstill.recipe.conditions import Condition
from potstill.records import Dropped, Problem, Record, Response, Sample, to_json
from potstill.stages.dedup import Rule as DedupRule
from potstill.stages.dedup import dedup
from potstill.stages.io import StageIO
from potstill.stages.verify import Rule as VerifyRule
from potstill.stages.verify import verify
from potstill.storage.events import EventLog, Listener
from potstill.storage.files import explained
from potstill.storage.parts import PartWriter, read_parts
from potstill.storage.rows import RowWriter
from potstill.version import VERSION

R = TypeVar("R", bound=Record)


class Task(NamedTuple):
    """What is to be done to which file."""

    source: Path
    """The input."""
    output: Path
    """Where its rows go, with the stage's columns; what is dropped goes beside it."""
    use: str
    """The plug-in."""
    map: Mapping[str, str]
    """Record field to the input's column."""
    options: Mapping[str, JsonValue]
    """The plug-in's options."""
    where: Condition | None = None
    """Which rows the plug-in looks at."""
    allow_code: bool = False
    """Whether `use` may name a file."""
    listener: Listener | None = None
    """Told of the progress."""

    @property
    def dropped(self) -> Path:
        """Where the dropped rows go."""
        return self.output.with_name(f"{self.output.stem}.dropped{self.output.suffix}")

    def bound(self, kind: str) -> registry.Plugin:
        """Return the plug-in with its options.

        Raises:
            InputError: There is no such plug-in, or an option is wrong.
        """
        plugin = registry.load(kind, self.use, allow_code=self.allow_code)
        try:
            return registry.bind(plugin, self.options)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"]))
            legal = ", ".join(registry.options(plugin).model_fields) or "none"
            raise InputError(
                f"--set {name}: {first['msg'].lower()}; options of {self.use}: {legal}"
            ) from None


def dedup_file(task: Task) -> list[Account]:
    """Drop the rows of a file whose problem repeats an earlier row's.

    Returns:
        The books: of reading the file, and of the stage.

    Raises:
        InputError: The file, the output or the plug-in is not usable.
        StorageError: The output can't be written.
    """
    rule = DedupRule(task.use, task.where, task.bound("dedup"))

    def work(io: StageIO[Problem, Problem]) -> None:
        dedup(io, [rule])

    return _run(task, "dedup", Problem, lambda problem: problem, lambda p: p.extra, work)


def verify_file(task: Task) -> list[Account]:
    """Add `outcome`, `reason` and `verifier` to each row of a file of responses.

    The response is the text in the column `response`, or the one that `map` gives; thinking in
    tags is taken off it. A row needs no problem, where the verifier needs none.

    Returns:
        The books: of reading the file, and of the stage.

    Raises:
        InputError: The file, the output or the plug-in is not usable.
        StorageError: The output can't be written.
    """
    task.bound("verifiers")
    call = PluginCall("verifiers", task.use, task.options, task.allow_code)
    rule = VerifyRule(task.use, task.where, call, VERSION)
    column = task.map.get("response", "response")

    def work(io: StageIO[Sample, Sample]) -> None:
        with Workers(cores(), preload=["math_verify"]) as workers:
            verify(io, [rule], workers, timeout_s=VERIFY_SECONDS)

    return _run(task, "verify", Sample, partial(_to_sample, column=column), _tagged, work)


def _to_sample(problem: Problem, *, column: str) -> Sample | Dropped:
    text = problem.extra.get(column)
    if not isinstance(text, str):
        reason = "wrong_type" if column in problem.extra else "missing_field"
        return Dropped(
            stage="verify",
            rule="response",
            reason=reason,
            row_id=problem.row_id,
            problem_id=problem.id,
            evidence={"field": "response", "column": column},
            row=to_json(problem.extra),
        )
    trace = extract({"content": text}, "prompted")
    response = Response(
        id="",
        problem_id=problem.id,
        call="",
        teacher="",
        reasoning="prompted" if trace.think else "off",
        sample=0,
        round=0,
        ending="ok",
        think=trace.think,
        answer=trace.answer,
    )
    return Sample(problem=problem, response=response)


def _tagged(sample: Sample) -> dict[str, JsonValue]:
    verdict = sample.verdicts[-1] if sample.verdicts else None
    return sample.problem.extra | {
        "outcome": sample.outcome,
        "reason": verdict.reason if verdict else "no_verifier",
        "verifier": verdict.verifier if verdict else None,
    }


class _Kept(Generic[R]):
    """Writes what a record stands for as a row of the output."""

    def __init__(self, writer: RowWriter, row: Callable[[R], Mapping[str, JsonValue]]) -> None:
        self._writer, self._row = writer, row

    def write(self, row: R) -> None:
        self._writer.write(self._row(row))


def _run(
    task: Task,
    stage: str,
    record: type[R],
    prepare: Callable[[Problem], R | Dropped],
    row: Callable[[R], Mapping[str, JsonValue]],
    work: Callable[[StageIO[Any, Any]], None],
) -> list[Account]:
    """Gather the input into parts beside the output, then do the stage's work on them."""
    output, dropped = RowWriter(task.output), RowWriter(task.dropped)
    notes = _Kept[Dropped](dropped, lambda drop: drop.model_dump())
    events = EventLog(None, task.listener)
    with explained(task.output):
        folder = TemporaryDirectory(prefix=f".{task.output.name}.", dir=task.output.parent)
    try:
        with folder as name:
            parts = PartWriter(Path(name), record)
            opened = partial(_rows, task, stage, prepare)
            gathering: StageIO[Any, R] = StageIO(
                "gather", opened, kept=parts, dropped=notes, folder=Path(name), events=events
            )
            _gather(gathering)
            stored = parts.close()
            again: Callable[[], Iterable[R]] = partial(read_parts, Path(name), stored, record)
            kept = _Kept(output, row)
            io: StageIO[R, R] = StageIO(
                stage, again, kept=kept, dropped=notes, folder=Path(name), events=events
            )
            work(io)
        books = [*gathering.balance(), *io.balance()]
        output.close()
        dropped.close()
    finally:
        output.abandon()
        dropped.abandon()
    return books


def _gather(io: StageIO[Any, Any]) -> None:
    for row in io.rows():
        if isinstance(row, Dropped):
            io.drop(row, row.rule, row.reason)
        else:
            io.keep(row)


def _rows(
    task: Task, stage: str, prepare: Callable[[Problem], R | Dropped]
) -> Iterator[R | Dropped]:
    known = registry.names("sources")
    use = next((s[1:] for s in reversed(task.source.suffixes) if s[1:] in known), None)
    if use is None:
        endings = ", ".join(f".{name}" for name in known)
        raise InputError(f"{os.fspath(task.source)} must end in one of {endings}")
    fields = {field: column for field, column in task.map.items() if field != "response"}
    place = Place(
        name=task.source.stem,
        path=task.source,
        map=fields,
        set={},
        whole=True,
        prompt_needed=stage != "verify",
    )
    for found in registry.load("sources", use)(place):
        yield found if isinstance(found, Dropped) else prepare(found)
