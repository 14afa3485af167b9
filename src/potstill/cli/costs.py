"""`potstill costs`: what a run cost, and for what."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from potstill.cli.completion import complete_runs
from potstill.cli.look import run_directory

if TYPE_CHECKING:
    from rich.table import Table

    from potstill.report.costs import Cost, Costs


@click.command("costs")
@click.argument("run", shell_complete=complete_runs)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def costs_command(run: str, as_json: bool) -> None:
    """Tell what RUN cost: by teacher and category, for each kept row, and for nothing.

    RUN is a run directory, or its name below runs/; it may be at work. Every attempt counts that
    the journal holds, those that other runs paid for included; prices are those of the run's
    recipe.

    \b
    Example:
      potstill costs quickstart
    """  # noqa: D301
    from potstill.cli.console import console
    from potstill.report.costs import costs

    found = costs(run_directory(run))
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    console().print(_lines(found))
    console().print(_fates(found))
    for line in _notes(found):
        click.echo(line)


def dollars(usd: float | None) -> str:
    """Return an amount with as many digits as tell something; empty where it is not known."""
    if usd is None:
        return ""
    return f"{usd:,.2f}" if usd >= 1 or not usd else f"{usd:.2g}" if usd < 0.01 else f"{usd:.4f}"


def _table(title: str, text: Iterable[str], figures: Iterable[str]) -> "Table":
    from rich.table import Table

    table = Table(title=title)
    for column in text:
        table.add_column(column)
    for column in figures:
        table.add_column(column, justify="right", overflow="fold")
    return table


def _lines(costs: "Costs") -> "Table":
    from rich.text import Text

    from potstill.text.printable import printable

    figures = ("calls", "attempts", "tokens in", "cached", "tokens out", "thinking")
    table = _table("costs", ("teacher", "category"), (*figures, "USD", "kept", "USD per kept row"))
    for line in costs.lines:
        names = (Text(printable(name)) for name in (line.teacher, line.category))
        table.add_row(*names, *_figures(line))
    table.add_section()
    table.add_row("total", "", *_figures(costs.total))
    return table


def _figures(cost: "Cost") -> Iterable[str]:
    about = "~" if cost.estimated else ""
    yield from (f"{cost.calls:,}", f"{cost.attempts:,}")
    yield from (f"{about}{cost.prompt_tokens:,}", f"{cost.cached_tokens:,}")
    yield from (f"{about}{cost.completion_tokens:,}", f"{cost.reasoning_tokens:,}")
    yield from (dollars(cost.usd), f"{cost.kept:,}", dollars(cost.usd_per_kept))


def _fates(costs: "Costs") -> "Table":
    from potstill.report.costs import FATES

    means = dict(FATES)
    table = _table("what it was paid for", ("", "what that is"), ("attempts", "tokens", "USD"))
    for fate in costs.fates:
        amounts = (f"{fate.attempts:,}", f"{fate.tokens:,}", dollars(fate.usd))
        table.add_row(fate.fate, means[fate.fate], *amounts)
    return table


def _notes(costs: "Costs") -> Iterable[str]:
    from potstill.text.printable import printable

    total = costs.total
    if total.estimated:
        yield (
            f"estimated {total.estimated:,} attempts without the endpoint's count of tokens (~): "
            "they were counted here"
        )
    if costs.reused_usd:
        yield f"reused    USD {dollars(costs.reused_usd)} of it was paid for by other runs"
    if costs.without_prices:
        names = ", ".join(costs.without_prices)
        yield printable(f"prices    the recipe has none for {names}: add `prices` to the teacher")
