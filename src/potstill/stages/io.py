"""What a stage reads and writes. It keeps the books, so that no stage can forget to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, runtime_checkable

from pydantic import JsonValue

from potstill.books import Account, Ledger
from potstill.errors import Paused
from potstill.records import Dropped, Problem, Record, Sample, to_json
from potstill.storage.events import EventLog
from potstill.storage.parts import Part

if TYPE_CHECKING:
    import pyarrow as pa

In = TypeVar("In", bound=Record)
Out = TypeVar("Out", bound=Record)
W = TypeVar("W", bound=Record, contravariant=True)

PROGRESS_SECONDS = 0.5
"""Least time between two events of progress."""
MOST_PROGRESS_SECONDS = 10.0
"""The same for a stage that has run for hours: its log is not to grow by gigabytes."""


class Writer(Protocol[W]):
    """Where rows go: the parts of a run, or one file."""

    def write(self, row: W) -> None:
        """Take one row."""
        ...


@runtime_checkable
class TableWriter(Protocol):
    """Where rows may also go as tables: the parts of a run."""

    def write_table(self, table: pa.Table) -> None:
        """Take rows that are a table of the record's columns already."""
        ...


class Pause:
    """Somebody asked the run to stop cleanly; every stage looks here between two rows."""

    requested = False
    by = ""
    """Who asked, such as `SIGTERM`; empty where that says nothing."""
    abandon: Callable[[], object] | None = None
    """Gives up what is still waited for; None where nothing is."""

    def check(self) -> None:
        """Stop here if asked to.

        Raises:
            Paused: Somebody asked.
        """
        if self.requested:
            by = f" by {self.by}" if self.by else ""
            raise Paused(f"paused{by}; the same command continues")


class StageIO(Generic[In, Out]):
    """The rows that enter one stage, and the ways in which they leave it."""

    def __init__(
        self,
        stage: str,
        rows: Callable[..., Iterable[In]],
        *,
        kept: Writer[Out],
        dropped: Writer[Dropped],
        folder: Path,
        events: EventLog,
        pause: Pause | None = None,
        total: int | None = None,
        identity: str = "",
    ) -> None:
        """Open the stage's books.

        Args:
            stage: The stage's name.
            rows: Opens the rows that enter, from a place on where it is called with one; called
                once for each time they are read.
            kept: Takes the rows that go on.
            dropped: Takes the rows that don't.
            folder: The stage's own folder, for what is neither kept nor dropped rows.
            events: Told of the progress.
            pause: Looked at between two rows.
            total: How many rows will enter, where that is known.
            identity: Hash of the stage's settings and of the rows that enter.
        """
        self.identity = identity
        self.stage, self.folder, self.events, self.pause = stage, folder, events, pause or Pause()
        self.ledger = Ledger("rows")
        self.accounts: list[Ledger] = [self.ledger]
        self.totals: dict[str, int] = {}
        self.exported: list[Part] = []
        self._rows, self._kept, self._dropped, self.total = rows, kept, dropped, total
        self._told = 0.0
        self._began = time.monotonic()

    def scan(self, start: int = 0) -> Iterator[In]:
        """Read the rows from `start` on without booking them, before or beside the stage's work.

        Raises:
            Paused: Somebody asked the run to stop.
        """
        for row in self._rows(start) if start else self._rows():
            self.pause.check()
            yield row

    def rows(self) -> Iterator[In]:
        """Read the rows; each must then be kept or dropped.

        Raises:
            Paused: Somebody asked the run to stop.
        """
        for row in self.scan():
            self.ledger.entered += 1
            self.progress()
            yield row

    def keep(self, row: Out, *, tally: str | None = None, reason: str | None = None) -> None:
        """Pass a row on, counted under `tally` where the kept ones are told apart, and why."""
        self.ledger.kept += 1
        if tally is not None:
            self.ledger.tally[tally] += 1
            if reason is not None:
                self.ledger.reasons.setdefault(tally, Counter())[reason] += 1
        self._kept.write(row)

    def keep_table(self, rows: pa.Table) -> None:
        """Pass on rows as they lie in a table, which spares making records of them."""
        assert isinstance(self._kept, TableWriter)
        self.ledger.kept += rows.num_rows
        self._kept.write_table(rows)

    def fan_out(self, rows: Iterable[Out]) -> None:
        """Pass on what one entered row became: the books count it once."""
        self.ledger.kept += 1
        for row in rows:
            self._kept.write(row)

    def drop(
        self, row: Problem | Sample | Dropped, rule: str, reason: str, **evidence: JsonValue
    ) -> None:
        """Take a row out of the line, whole, with the rule, the reason and what shows it."""
        self.note(row, rule, reason, **evidence)
        self.ledger.dropped[reason] += 1

    def note(
        self, row: Problem | Sample | Dropped, rule: str, reason: str, **evidence: JsonValue
    ) -> None:
        """Write a row among the dropped ones without booking it under the stage's rows."""
        self._dropped.write(_as_dropped(row, self.stage, rule, reason, evidence))

    def progress(self, *, now: bool = False, **fields: JsonValue) -> None:
        """Tell how far the stage is, at most twice a second unless `now`.

        `fields` add to, or stand for, `done` (rows that have left the stage), `total` and
        `dropped`. A stage that reads its rows for something else first says so by `phase`, one
        that counts something else by `unit`.
        """
        if not (now or self.is_due):
            return
        self._told = time.monotonic()
        known: dict[str, JsonValue] = {
            "done": self.ledger.kept + self.ledger.dropped.total(),
            "total": self.total,
            "dropped": self.ledger.dropped.total(),
        }
        self.events.emit("progress", stage=self.stage, **(known | fields))

    @property
    def is_due(self) -> bool:
        """Whether progress would be told now: less often the longer the stage has run."""
        now = time.monotonic()
        pace = min(MOST_PROGRESS_SECONDS, (now - self._began) / 1000)
        return now - self._told >= max(PROGRESS_SECONDS, pace)

    def add(self, accounts: Sequence[Account], totals: Mapping[str, int]) -> None:
        """Take over the balanced books of some of the rows, which another process has kept."""
        for account in accounts:
            known = [ledger for ledger in self.accounts if ledger.name == account.name]
            (known[0] if known else self.account(account.name)).add(account)
        for name, count in totals.items():
            self.totals[name] = self.totals.get(name, 0) + count

    def account(self, name: str) -> Ledger:
        """Open another account beside the rows', such as `calls`."""
        self.accounts.append(Ledger(name))
        return self.accounts[-1]

    def balance(self) -> tuple[Account, ...]:
        """Close the books.

        Raises:
            BooksError: They don't balance.
        """
        return tuple(ledger.balance() for ledger in self.accounts)


def _as_dropped(
    row: Problem | Sample | Dropped,
    stage: str,
    rule: str,
    reason: str,
    evidence: dict[str, JsonValue],
) -> Dropped:
    if isinstance(row, Dropped):
        return row.model_copy(update={"stage": stage})
    sample = row if isinstance(row, Sample) else None
    problem = row.problem if isinstance(row, Sample) else row
    return Dropped(
        stage=stage,
        rule=rule,
        reason=reason,
        row_id=problem.row_id,
        problem_id=problem.id,
        response_id=sample.response.id if sample else None,
        evidence=evidence,
        row=to_json(row.model_dump()),
    )
