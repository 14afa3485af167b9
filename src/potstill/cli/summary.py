"""What a person wants to know of a run: the funnel, the outcomes, what it cost, where it lies."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from potstill.books import Account
from potstill.report.status import StageStatus, Status

OUTCOMES = {"pass": 0, "fail": 0, "undecided": 0}


def _console() -> Console:
    return Console(width=None if Console().is_terminal else 110, highlight=False)


def _table(title: str) -> Table:
    table = Table(title=title)
    table.add_column("stage")
    table.add_column("in", justify="right")
    table.add_column("kept", justify="right")
    table.add_column("dropped, by reason")
    return table


def show_status(status: Status) -> None:
    """Print the run's books on standard output."""
    console = _console()
    table = _table(f"{status.name}: {status.state}")
    for stage in status.stages:
        for row in _rows(stage):
            table.add_row(*row)
    console.print(table)
    for line in _lines(status):
        console.print(line, markup=False, soft_wrap=True)


def show_books(name: str, books: Sequence[Account], files: Mapping[str, Path]) -> None:
    """Print the books of a stage that ran alone, and where its files are."""
    console = _console()
    gather, stage = books
    table = _table(name)
    table.add_row(*_row("read", gather))
    table.add_row(*_row(name, stage))
    console.print(table)
    if stage.tally:
        console.print(f"verdicts  {_counts(OUTCOMES | stage.tally)}")
    for what, path in files.items():
        console.print(f"{what:<9} {path}", markup=False, soft_wrap=True)


def _rows(stage: StageStatus) -> list[tuple[str, str, str, str]]:
    if not stage.complete:
        return [(stage.stage, "", "", "not complete")]
    shown = stage.accounts[1:] if stage.stage == "export" else stage.accounts
    return [_row(stage.stage, account) for account in shown]


def _row(stage: str, account: Account) -> tuple[str, str, str, str]:
    name = stage if account.name == "rows" else f"{stage}: {account.name}"
    return name, f"{account.entered:,}", f"{account.kept:,}", _counts(account.dropped)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _lines(status: Status) -> list[str]:
    lines: list[str] = []
    stages = {stage.stage: stage for stage in status.stages if stage.complete}
    if "verify" in stages:
        tally = OUTCOMES | stages["verify"].accounts[0].tally
        lines.append(f"verdicts  {_counts(tally)}")
    if "distil" in stages:
        totals = stages["distil"].totals
        lines.append(f"endings   {_counts(stages['distil'].accounts[1].tally)}")
        lines.append(
            f"tokens    {totals['prompt_tokens']:,} in, {totals['completion_tokens']:,} out"
        )
    asked = status.asked
    if asked.requests:
        rate = asked.completion_tokens / asked.seconds
        lines.append(
            f"asked     {asked.requests:,} requests in {asked.seconds:,.0f} s, {rate:,.0f} tokens/s"
        )
    for name, folder in status.datasets.items():
        exported = next(a for a in stages["export"].accounts if a.name == name)
        lines.append(f"dataset   {name}, {exported.kept:,} rows: {folder}")
    if status.state == "complete" and status.dropped:
        lines.append(f"next      potstill why {status.directory} {status.dropped}")
    return lines
