"""What a probe found, and whether the run is to follow."""

import signal
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from potstill.cli.costs import dollars

if TYPE_CHECKING:
    from rich.table import Table

    from potstill.pipeline.estimate import Forecast, TeacherForecast
    from potstill.pipeline.intervals import Range
    from potstill.pipeline.probe import Probe


def show_forecast(found: "Probe") -> None:
    """Print what all calls cost, by those that were asked."""
    from potstill.cli.console import console

    console().print(_table(found.forecast))
    for line in _lines(found):
        click.echo(line)


def _table(forecast: "Forecast") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from potstill.text.printable import printable

    table = Table(title="forecast: expected, and between what with nine chances in ten")
    table.add_column("teacher")
    for column in ("calls", "asked", "tokens in", "tokens out", "USD", "hours left"):
        table.add_column(column, justify="right")
    for teacher in forecast.teachers:
        counts = (f"{teacher.calls:,}", f"{teacher.asked:,}")
        table.add_row(Text(printable(teacher.model)), *counts, *_figures(teacher))
    if len(forecast.teachers) > 1:
        table.add_section()
        calls, asked = (sum(getattr(t, n) for t in forecast.teachers) for n in ("calls", "asked"))
        table.add_row("all", f"{calls:,}", f"{asked:,}", *_figures(forecast))
    return table


def _figures(forecast: "Forecast | TeacherForecast") -> Iterator[str]:
    for tokens in (forecast.prompt_tokens, forecast.completion_tokens):
        yield _range(tokens, lambda tokens: f"{tokens:,.0f}")
    yield _range(forecast.usd, dollars) if forecast.usd else "no prices"
    yield _range(forecast.hours, lambda hours: f"{hours:,.2f}")


def _range(of: "Range", show: Callable[[float], str]) -> str:
    return f"{show(of.expected)}\n{show(of.low)} – {show(of.high)}"


def _lines(found: "Probe") -> Iterator[str]:
    from potstill.text.printable import printable

    forecast = found.forecast
    asked = sum(teacher.asked for teacher in forecast.teachers)
    usd = "" if forecast.spent_usd is None else f", USD {dollars(forecast.spent_usd)}"
    yield (
        f"probe     {asked:,} calls in {found.seconds:,.0f} s: {forecast.spent_tokens:,} "
        f"tokens{usd}; their answers are kept and count for the run"
    )
    for teacher in forecast.teachers:
        endings = ", ".join(f"{name} {count:,}" for name, count in teacher.endings.items())
        if teacher.asked:
            yield printable(
                f"          {teacher.model}: {endings}; {teacher.mean_seconds:,.1f} s each; the "
                f"hours are those of {teacher.pace}"
            )
    yield from (f"caution   {text}" for text in found.over_budget)
    if forecast.without_prices:
        names = ", ".join(forecast.without_prices)
        yield printable(
            f"prices    the recipe has none for {names}: add `prices: {{input: …, output: …}}`, in "
            "USD per million tokens, for a forecast of the money"
        )


def runs_now(found: "Probe", *, yes: bool) -> bool:
    """Return whether the run is to follow; asked on a terminal, unless it is known already."""
    left = sum(teacher.to_ask for teacher in found.plan.teachers)
    if yes or not left or not sys.stdin.isatty():
        return yes
    # Nothing is in flight while a person thinks: Ctrl-C ends it at once.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return click.confirm(f"run it now, with the remaining {left:,} calls?", err=True)
