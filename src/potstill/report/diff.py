"""What differs between two runs: settings, books, rows, responses and verdicts, and why."""

import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from potstill.books import Account
from potstill.records import Outcome, Record
from potstill.report.changes import changes
from potstill.report.pairs import Pairs
from potstill.report.rows import complete
from potstill.report.tables import Table


class StageDiff(Record):
    """One stage that is not alike in both runs."""

    kind: Literal["stage"] = "stage"
    """What differs."""
    stage: str
    """Its name."""
    before: tuple[Account, ...] | None
    """Its books in the first run; None where that has no such stage."""
    after: tuple[Account, ...] | None
    """Its books in the second run."""
    because: tuple[str, ...]
    """Settings that changed, with both values; files; versions of potstill."""


class RowDiff(Record):
    """A row that only one run has, or that did not come equally far."""

    kind: Literal["row"] = "row"
    """What differs."""
    row_id: str
    """The row, in the first run if that has it."""
    row_id_after: str | None
    """The row in the second run; None where that lacks it."""
    before: str
    """How far it came: `kept` to the teachers, `dropped by …`, or `not there`."""
    after: str
    """The same in the second run."""
    text_changed: bool
    """Whether another problem, or none that can be read, now stands in its place."""


class Side(Record):
    """A response as one of the runs has it."""

    response_id: str
    """Its id."""
    call: str
    """Key of its model call in the journal; empty where the response came with the row."""
    teacher: str
    """Who gave it."""
    outcome: Outcome | None
    """Its outcome."""
    reason: str | None
    """The reason of the last verdict."""
    verifier: str | None
    """Which verifier gave it."""
    version: str | None
    """The version of that verifier."""
    destination: str
    """Where it went."""


Change = Literal["missing", "new", "teacher", "text", "outcome", "reason", "destination"]


class ResponseDiff(Record):
    """A response that differs, to a problem that both runs asked about."""

    kind: Literal["response"] = "response"
    """What differs."""
    row_id: str
    """The row, in the first run."""
    before: Side | None
    """The first run's; None where it has none."""
    after: Side | None
    """The second run's."""
    changed: tuple[Change, ...]
    """In what they differ."""
    because: tuple[str, ...]
    """What explains a changed verdict or destination, as far as it can be told."""


class Diff:
    """What differs between two runs; holds a temporary file until it is closed or forgotten."""

    def __init__(self, before: Path, after: Path) -> None:
        """Compare two run directories.

        Raises:
            InputError: One of them is no run, or has no complete stage.
            StorageError: A file is damaged, or there is no room for the temporary file.
        """
        self.stages = tuple(_stages(complete(before), complete(after)))
        """The stages that are not alike, in order."""
        self._pairs = Pairs(before, after)
        self.close = weakref.finalize(self, sqlite3.Connection.close, self._pairs.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def rows(self) -> Iterator[RowDiff]:
        """Yield the rows that differ, in order; last what only the second run has.

        In each run, rows that could not be read follow those that could.
        """
        for before, after, old, new, how in self._pairs.rows():
            yield RowDiff(
                row_id=before or after,
                row_id_after=after,
                before=_fate(old),
                after=_fate(new),
                text_changed=how == "changed",
            )

    def responses(self) -> Iterator[ResponseDiff]:
        """Yield the responses that differ, in order, those that only the second run has last."""
        settled = {stage.stage for stage in self.stages if stage.because}
        for row_id, same_reference, x, y in self._pairs.responses():
            before, after = _side(x), _side(y)
            changed = tuple(_changed(before, after, x[-1] == y[-1]))
            because = tuple(_because(before, after, changed, bool(same_reference), settled))
            yield ResponseDiff(
                row_id=row_id, before=before, after=after, changed=changed, because=because
            )


def diff(before: Path, after: Path) -> Diff:
    """Compare two run directories: see `Diff`."""
    return Diff(before, after)


def _stages(before: Sequence[Table], after: Sequence[Table]) -> Iterator[StageDiff]:
    old = {table.stage: table for table in before}
    new = {table.stage: table for table in after}
    for name in sorted(old.keys() | new.keys(), key=lambda n: (old.get(n) or new[n]).folder.name):
        a, b = old.get(name), new.get(name)
        because = tuple(_reasons(a, b)) if a and b else ("only one run has it",)
        books = [table.manifest.accounts if table else None for table in (a, b)]
        if because or books[0] != books[1]:
            yield StageDiff(stage=name, before=books[0], after=books[1], because=because)


def _reasons(before: Table, after: Table) -> Iterator[str]:
    old, new = before.manifest, after.manifest
    yield from changes(old.settings, new.settings)
    if old.potstill != new.potstill:
        yield f"potstill was {old.potstill}, is {new.potstill}"
    files = [_files(manifest.inputs) for manifest in (old, new)]
    for name in sorted(files[0].keys() | files[1].keys()):
        if name not in files[1]:
            yield f"the file {name} is no longer read"
        elif name not in files[0]:
            yield f"the file {name} is new"
        elif files[0][name] != files[1][name]:
            yield f"the file {name} changed"


def _files(inputs: Sequence[str]) -> dict[str, set[str]]:
    """Return the stamps of the files among a stage's inputs, by name; the rest are hashes."""
    found: dict[str, set[str]] = {}
    for text in inputs:
        name, *stamp = text.rsplit(" ", 2)
        if stamp:
            found.setdefault(name, set()).add(text)
    return found


def _fate(fate: str | None) -> str:
    return "not there" if fate is None else fate or "kept"


def _side(values: Sequence[Any]) -> Side | None:
    names = Side.model_fields
    found = dict(zip(names, values, strict=False))
    return Side(**found) if found["response_id"] is not None else None


def _changed(before: Side | None, after: Side | None, same_text: bool) -> Iterator[Change]:
    if before is None or after is None:
        yield "new" if before is None else "missing"
        return
    if before.teacher != after.teacher:
        yield "teacher"
    if not same_text:
        yield "text"
    for name in ("outcome", "reason", "destination"):
        if getattr(before, name) != getattr(after, name):
            yield name


def _another_text(before: str, after: str) -> str:
    if before != after:
        return "another call was made"
    return "the same call was answered otherwise" if after else "the source gives another response"


def _because(
    before: Side | None,
    after: Side | None,
    changed: Sequence[Change],
    same_reference: bool,
    settled: set[str],
) -> Iterator[str]:
    if before is None or after is None:
        return
    if "text" in changed:
        yield _another_text(before.call, after.call)
    if {"outcome", "reason"} & set(changed):
        if not same_reference:
            yield "the reference changed"
        if before.verifier != after.verifier:
            yield f"{before.verifier} spoke last, now {after.verifier}"
        elif before.version != after.version:
            yield f"{after.verifier} was {before.version}, is {after.version}"
        stages = ["verify"]
    else:  # where the verdict changed, that explains where the response went
        stages = ["filter", "export"] if "destination" in changed else []
    for stage in stages:
        if stage in settled:
            yield f"the settings of {stage} changed"
