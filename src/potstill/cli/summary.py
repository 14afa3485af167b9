"""What a person wants to know of a run: the funnel, the outcomes, what it cost, where it lies."""

import json
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from potstill.books import Account
from potstill.cli.console import console as open_console
from potstill.cli.costs import dollars
from potstill.decontaminate.benchmarks import NAMES
from potstill.pipeline.alone import Files
from potstill.report.benchmarks import compared as items_of
from potstill.report.confusion import Confusion
from potstill.report.references import unusable
from potstill.report.status import StageStatus, Status
from potstill.text.printable import printable

OUTCOMES = {"pass": 0, "fail": 0, "undecided": 0}
MOST_REASONS = 3
"""Reasons shown of each outcome; the others are added up."""


def _table(title: str) -> Table:
    table = Table(title=title)
    table.add_column("stage")
    table.add_column("in", justify="right")
    table.add_column("kept", justify="right")
    table.add_column("dropped, by reason")
    return table


def show_status(status: Status) -> None:
    """Print the run's books on standard output."""
    _show(status, open_console(), _counted(status) + _datasets(status) + _next(status))


def show_files(
    status: Status, files: Files, compared: Confusion | None = None, *, as_json: bool = False
) -> None:
    """Print the books of a stage that ran alone, and where its files are.

    Where its rows went to standard output, this goes to standard error.

    Args:
        status: The books.
        files: The files.
        compared: How its verdicts agree with labels, where there are such.
        as_json: Whether to print books and comparison as one JSON object instead.
    """
    if as_json:
        confusion = compared.model_dump(mode="json") if compared else None
        shown = status.model_dump(mode="json") | {"confusion": confusion}
        print(json.dumps(shown, indent=2))
        return
    written = {"rows": files.output, "dropped": files.dropped} if files.output else {}
    lines = [f"{what:<9} {path}" for what, path in written.items()]
    agreed = map(printable, compared.lines()) if compared else ()
    lines = [*_counted(status), *agreed, *lines]
    if files.output or files.directory:  # else the books are gone with their folder
        lines += [f"books     {status.directory}", *_next(status)]
    _show(status, open_console(stderr=files.output is None), lines)


def _show(status: Status, console: Console, lines: Sequence[str]) -> None:
    table = _table(f"{status.name}: {status.state}")
    for stage in status.stages:
        for row in _rows(stage):
            table.add_row(*row)
    console.print(table)
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


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


def _counted(status: Status) -> list[str]:
    lines: list[str] = []
    stages = {stage.stage: stage for stage in status.stages if stage.complete}
    if "verify" in stages:
        lines += _verdicts(stages["verify"].accounts[0])
        lines += [f"reference {printable(each)}" for each in unusable(stages["verify"].totals)]
    if "decontaminate" in stages:
        lines.append(f"compared  {_compared(stages['decontaminate'].totals)}")
    if "distil" in stages:
        totals = stages["distil"].totals
        lines.append(f"endings   {_counts(stages['distil'].accounts[1].tally)}")
        lines.append(
            f"tokens    {totals['prompt_tokens']:,} in, {totals['completion_tokens']:,} out"
        )
    if status.asked.requests:
        lines.append(f"asked     {_asked(status)}")
    if status.at_work is not None:
        lines.append(f"at work   {status.at_work.text}")
    return lines


def _compared(totals: dict[str, int]) -> str:
    """Return with which benchmarks problems were compared, and with how many known ones not."""
    items = items_of(totals)
    names = ", ".join(map(printable, items))
    done = f"with {names} ({sum(items.values()):,} items)" if items else "with no benchmark"
    left = len(NAMES.keys() - items.keys())
    return f"{done}; {left} known ones left out: potstill benchmarks" if left else done


def _verdicts(account: Account) -> list[str]:
    lines = [f"verdicts  {_counts(OUTCOMES | account.tally)}"]
    return lines + [
        f"{each:<9} {_ranked(account.reasons[each])}" for each in sorted(account.reasons)
    ]


def _ranked(reasons: Mapping[str, int]) -> str:
    """Return the commonest reasons; a verifier's name for them may be anything."""
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    shown = {printable(name): count for name, count in ranked[:MOST_REASONS]}
    rest = sum(count for _, count in ranked[MOST_REASONS:])
    return _counts(shown | ({"others": rest} if rest else {}))


def _asked(status: Status) -> str:
    asked = status.asked
    seconds = max(asked.seconds, 0.1)
    rate = asked.completion_tokens / seconds
    usd = f", USD {dollars(asked.usd)}" if asked.usd else ""
    now = "; none this time" if not asked.last_requests and status.state != "running" else ""
    return (
        f"{asked.requests:,} requests in {seconds:,.{0 if seconds >= 10 else 1}f} s, "
        f"{rate:,.0f} tokens/s{usd}{now}"
    )


def _datasets(status: Status) -> list[str]:
    export = next((stage for stage in status.stages if stage.stage == "export"), None)
    rows = {account.name: account.kept for account in export.accounts} if export else {}
    return [
        f"dataset   {name}, {rows[name]:,} rows: {folder}"
        for name, folder in status.datasets.items()
    ]


def _next(status: Status) -> list[str]:
    if status.state != "complete" or not status.dropped:
        return []
    return [f"next      potstill why {status.directory} {status.dropped}"]
