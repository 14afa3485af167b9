"""What a run cost: by teacher and category, for each kept row, and for nothing."""

import os
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from potstill.errors import InputError
from potstill.models.money import FREE, NOTHING, Prices, Usage, cost, usage_of_attempt
from potstill.recipe import DistilSpec, read_dumped
from potstill.records import ANSWERED, Problem, Record, Sample
from potstill.report.rows import Found, complete, rows
from potstill.report.tables import MARKS, Table, find_journal
from potstill.stages.plan import requests
from potstill.storage.journal import Entry, Journal
from potstill.storage.seen import Seen

_ZERO = Decimal(0)

KEPT = "kept"
FATES = (
    (KEPT, "rows that a dataset holds or, without datasets, that no filter dropped"),
    ("truncated", "answers that were cut at max_tokens, and not kept"),
    ("failed", "answers that a verifier failed, and not kept"),
    ("dropped", "answers that distil or a filter dropped"),
    ("not selected", "answers that no dataset's condition selects"),
    ("unanswered", "calls that ended without an answer"),
    ("retried", "attempts that another one followed"),
    ("open", "answers whose way is not known yet"),
)
"""What was paid for. Of a call's attempts all but the last are `retried`; the last has the first of
the others that holds."""


class Cost(Record):
    """What some calls cost."""

    calls: int
    """Calls that the journal holds; equal problems are one call."""
    attempts: int
    """Requests sent for them."""
    estimated: int
    """Those of them whose tokens were counted here, because the endpoint did not say."""
    prompt_tokens: int
    """Tokens of the prompts, over all attempts."""
    cached_tokens: int
    """Those of them that the endpoint had in its cache."""
    completion_tokens: int
    """Tokens of thinking and answers."""
    reasoning_tokens: int
    """Those of them that are thinking, as far as the endpoint tells them apart."""
    usd: float | None
    """What they cost; None where the recipe has no prices."""
    kept: int
    """Rows that some dataset holds or, without datasets, that no filter dropped."""
    usd_per_kept: float | None
    """`usd` for each of them; None where there is none."""


class CostLine(Cost):
    """The calls to one teacher for problems of one category."""

    teacher: str
    """The model."""
    category: str
    """The category; empty where the problem has none."""


class Fate(Record):
    """What became of what was paid for."""

    fate: str
    """One of `FATES`."""
    attempts: int
    """Attempts."""
    tokens: int
    """Tokens of their prompts and answers."""
    usd: float | None
    """What they cost; None where the recipe has no prices."""


class Costs(Record):
    """What a run cost, by the prices of its recipe."""

    run: str
    """The run directory."""
    lines: tuple[CostLine, ...]
    """By teacher and category, in this order."""
    total: Cost
    """All of them together."""
    fates: tuple[Fate, ...]
    """The same attempts by what became of them; they add up to the total."""
    reused_usd: float | None
    """What of the total other runs paid, whose answers this one found in the journal."""
    without_prices: tuple[str, ...]
    """Teachers whose prices the recipe does not tell."""


class _Sum:
    """Attempts of one model, added up."""

    def __init__(self) -> None:
        self.calls = self.attempts = self.estimated = self.kept = 0
        self.usage = NOTHING

    def add(self, usage: Usage) -> None:
        self.attempts += 1
        self.estimated += usage.estimated
        self.usage += usage


class _Bill:
    """Adds up entries."""

    def __init__(self, run: str) -> None:
        self._run = run
        self.lines: dict[tuple[str, str], _Sum] = {}
        self.fates: dict[tuple[str, str], _Sum] = {}
        self.reused: dict[str, Usage] = {}

    def line(self, model: str, category: str) -> _Sum:
        return self.lines.setdefault((model, category), _Sum())

    def kept(self, model: str, category: str, kept: bool) -> None:
        self.line(model, category).kept += kept

    def take(self, entry: Entry, category: str, fate: str) -> None:
        line = self.line(entry.model, category)
        line.calls += 1
        *earlier, last = [usage_of_attempt(attempt) for attempt in entry.attempts]
        for usage, its in (*((usage, "retried") for usage in earlier), (last, fate)):
            line.add(usage)
            self.fates.setdefault((its, entry.model), _Sum()).add(usage)
        for attempt in entry.attempts:
            if attempt.run != self._run:
                before = self.reused.get(entry.model, NOTHING)
                self.reused[entry.model] = before + usage_of_attempt(attempt)


def costs(directory: Path) -> Costs:
    """Add up what the calls of a run cost, whichever run paid for them.

    The journal is read once, and every row; only sums are held in memory.

    Raises:
        InputError: There is no such run, it has no `distil`, or it is away from its journal.
        StorageError: The journal or a manifest is damaged.
    """
    found = complete(directory)
    spec = read_dumped(directory / MARKS[0]).distil if (directory / MARKS[0]).is_file() else None
    if spec is None:
        raise InputError(f"the run in {directory} asks no teachers: there is nothing to pay")
    journal_of_run = find_journal(directory)
    if journal_of_run is None:
        raise InputError(f"the run in {directory} has no journal beside it or in it")
    bill = _Bill(directory.resolve().name)
    ways = _Ways(directory, found)
    with Journal(journal_of_run) as journal, Seen() as seen:
        for problem in _problems(found):
            answers = ways.of(problem)
            for request in requests(problem, spec):
                entry, answer = journal.get(request.key), answers.get(request.key)
                if entry is not None and entry.attempts:
                    fate = ways.fate(entry, answer)
                    bill.kept(entry.model, problem.category or "", fate == KEPT)
                    if seen.add(request.key):  # equal problems are one call
                        bill.take(entry, problem.category or "", fate)
    return _costs(directory, bill, spec)


def _problems(found: Sequence[Table]) -> Iterator[Problem]:
    """Yield the problems that the teachers got."""
    *_, table = [table for table in found if table.manifest.rows == "problem"]
    for row in table.rows():
        if isinstance(row, Problem):
            yield row


class _Ways:
    """Finds what became of each answer, as long as it is asked in the order of the problems."""

    def __init__(self, directory: Path, found: Sequence[Table]) -> None:
        self._collected = any(table.stage == "distil" for table in found)
        self._ended = (directory / "manifest.json").is_file()
        samples = rows(directory).found() if self._collected else iter(())
        self._groups = groupby(samples, key=_row_id)
        self._next = next(self._groups, None)

    def of(self, problem: Problem) -> dict[str, Found]:
        """Return the answers to a problem by the key of their call."""
        if self._next is None or self._next[0] != problem.row_id:
            return {}
        answers = {
            each.row.response.call: each for each in self._next[1] if isinstance(each.row, Sample)
        }
        self._next = next(self._groups, None)
        return answers

    def fate(self, entry: Entry, answer: Found | None) -> str:
        """Return which of `FATES` the last attempt of a call has."""
        truncated = entry.ending == "truncated"
        if entry.ending not in ANSWERED:
            return "unanswered"
        if answer is None or not isinstance(answer.row, Sample):
            return "open" if not self._collected else "truncated" if truncated else "dropped"
        dropped, datasets, _ = answer.destination
        if datasets or (self._ended and datasets is None and dropped is None):
            return KEPT
        if dropped is None and datasets is None:
            return "open"
        if truncated or answer.row.outcome == "fail":
            return "truncated" if truncated else "failed"
        return "not selected" if dropped is None else "dropped"


def _row_id(found: Found) -> str:
    return found.row.problem.row_id if isinstance(found.row, Sample) else ""


def _costs(directory: Path, bill: _Bill, spec: DistilSpec) -> Costs:
    prices = {t.model: t.prices or FREE for t in spec.teachers if t.is_priced}
    every = all(teacher.is_priced for teacher in spec.teachers)
    sums = list(bill.lines.items())
    fates: dict[str, list[tuple[str, _Sum]]] = {}
    for (fate, model), its in bill.fates.items():
        fates.setdefault(fate, []).append((model, its))
    reused = sum((cost(usage, prices[m]) for m, usage in bill.reused.items() if m in prices), _ZERO)
    return Costs(
        run=os.fspath(directory),
        lines=tuple(
            CostLine(teacher=model, category=category, **_fields([(model, its)], prices))
            for (model, category), its in sorted(sums, key=lambda each: each[0])
        ),
        total=Cost(**_fields([(model, its) for (model, _), its in sums], prices)),
        fates=tuple(
            Fate(
                fate=fate,
                attempts=sum(its.attempts for _, its in fates[fate]),
                tokens=sum(its.usage.total for _, its in fates[fate]),
                usd=_usd(fates[fate], prices),
            )
            for fate, _ in FATES
            if fate in fates
        ),
        reused_usd=float(reused) if every else None,
        without_prices=tuple(t.model for t in spec.teachers if not t.is_priced),
    )


def _fields(sums: Sequence[tuple[str, _Sum]], prices: Mapping[str, Prices]) -> dict[str, Any]:
    usage = sum((its.usage for _, its in sums), NOTHING)
    usd, kept = _usd(sums, prices), sum(its.kept for _, its in sums)
    return {
        "calls": sum(its.calls for _, its in sums),
        "attempts": sum(its.attempts for _, its in sums),
        "estimated": sum(its.estimated for _, its in sums),
        "prompt_tokens": usage.prompt,
        "cached_tokens": usage.cached,
        "completion_tokens": usage.completion,
        "reasoning_tokens": usage.reasoning,
        "usd": usd,
        "kept": kept,
        "usd_per_kept": usd / kept if usd is not None and kept else None,
    }


def _usd(sums: Sequence[tuple[str, _Sum]], prices: Mapping[str, Prices]) -> float | None:
    """Return what attempts cost; exact until the end, so that parts add up to the whole."""
    if not all(model in prices for model, _ in sums):
        return None
    return float(sum((cost(its.usage, prices[model]) for model, its in sums), _ZERO))
