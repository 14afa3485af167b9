"""`potstill show`: rows of a run, as a person reads them."""

import json
from typing import TYPE_CHECKING

import click

from potstill.cli.completion import complete_runs
from potstill.cli.look import run_directory

if TYPE_CHECKING:
    from rich.console import Console

    from potstill.report.rows import Found, Rows


@click.command("show")
@click.argument("run", shell_complete=complete_runs)
@click.option("--where", metavar="CONDITION", help="Which rows, as in a recipe.")
@click.option("-n", "count", type=click.IntRange(min=1), default=5, help="How many at most [5].")
@click.option("--stage", help="The rows that this stage kept; by default those that verify tagged.")
@click.option("--dropped", is_flag=True, help="The rows that were dropped instead.")
@click.option(
    "--random",
    "seed",
    type=int,
    is_flag=False,
    flag_value=0,
    metavar="[SEED]",
    help="Draw them at random from all that match; the same ones for the same seed.",
)
@click.option("--full", is_flag=True, help="Fold nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print each row as a line of JSON.")
def show_command(
    run: str,
    where: str | None,
    count: int,
    stage: str | None,
    dropped: bool,
    seed: int | None,
    full: bool,
    as_json: bool,
) -> None:
    """Show rows of RUN, as a person reads them.

    RUN is a run directory, or its name below runs/. By default, the rows are those of the verify
    stage, which drops nothing: every response that there is, with its verdict, and what became of
    it later: the datasets that hold it, or the filter that dropped it. A run that verifies nothing
    shows the rows of its last stage before filter and export.

    A condition may name the columns of a recipe's `when` and also verifier, reason, dropped_by,
    dropped_reason and exported; with --dropped, stage, rule, reason, row_id, problem_id and
    response_id.

    \b
    Examples:
      potstill show quickstart --where "outcome = 'fail'"
      potstill show quickstart --where "outcome = 'pass' and not exported" --full
      potstill show quickstart --dropped --where "reason = 'duplicate'"
      potstill show quickstart --stage gather --random -n 3
    """  # noqa: D301
    from potstill.report.rows import rows

    chosen = rows(run_directory(run), where=where, stage=stage, dropped=dropped)
    found = _take(chosen, count, seed)
    if not found:
        text = f"none of the {chosen.total:,} rows there matches" if where else "there are no rows"
        if dropped and stage is None:
            text += _left_out(run)
        click.echo(text, err=True)
    elif as_json:
        for each in found[:count]:
            click.echo(_json(each, chosen))
    else:
        _show(found[:count], full)
        if len(found) > count:
            click.echo(f"\nthere are more: -n {10 * count} shows up to {10 * count}")


def _left_out(run: str) -> str:
    """Say where the rows are that only the datasets left out."""
    from potstill.report.rows import complete, rows

    directory = run_directory(run)
    if complete(directory)[-1].stage != "export":
        return ""
    count = rows(directory, stage="export", dropped=True).total
    return f"; what the datasets left out ({count:,}): add --stage export" if count else ""


def _take(rows: "Rows", count: int, seed: int | None) -> "list[Found]":
    """Return the rows to show, and one more where there are more of the first ones."""
    from itertools import islice

    return [*islice(rows.found(), count + 1)] if seed is None else rows.sample(count, seed)


def _show(found: "list[Found]", full: bool) -> None:
    from potstill.cli.console import console as open_console

    console = open_console(width=100)
    for number, each in enumerate(found):
        if number:
            console.rule(style="dim")
        _show_one(console, each, full)


def _show_one(console: "Console", found: "Found", full: bool) -> None:
    from potstill.cli.render import show_dropped, show_problem, show_sample
    from potstill.records import Problem, Sample

    match found.row:
        case Sample() as sample:
            show_sample(console, sample, full=full, note=str(found.destination))
        case Problem() as problem:
            show_problem(console, problem, full=full, note=str(found.destination))
        case dropped:
            show_dropped(console, dropped, full=full)


def _json(found: "Found", rows: "Rows") -> str:
    from potstill.cli.text import as_json_line
    from potstill.report.flat import TEXTS, flat

    values = flat(*found)
    for name, column in TEXTS[rows.kind].items():
        if column.kind == "json" and values[name] is not None:
            values[name] = json.loads(values[name])
    return as_json_line(values)
