"""`potstill plan`: what a recipe would do, before anything is paid."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from potstill.cli.costs import dollars
from potstill.cli.options import recipe_options
from potstill.cli.probe import runs_now, show_forecast
from potstill.cli.run import run_and_show

if TYPE_CHECKING:
    from rich.table import Table

    from potstill.models.budget import BudgetSpec
    from potstill.pipeline.calls import TeacherPlan
    from potstill.pipeline.forecast import Plan, VerifierPlan
    from potstill.pipeline.probe import Probe
    from potstill.recipe import Recipe

JOURNALED = (
    "answers in the journal are those of a teacher with the same `model`, whatever its address was"
)


PROBE = """Ask N calls, spread over teachers, reasoning modes, sources and categories, and forecast
what all of them cost. Their answers are kept and count for the run."""


@click.command("plan")
@recipe_options
@click.option("--probe", type=click.IntRange(2, 10_000), metavar="N", help=PROBE)
@click.option("--yes", is_flag=True, help="Run it after the probe without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def plan_command(
    recipe: Path,
    out: Path | None,
    limit: int | None,
    sets: tuple[str, ...],
    allow_code: bool,
    probe: int | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Tell what `run` with the same arguments would do; without --probe no model is asked.

    The stages before the first answer (gather, dedup, decontaminate, label) are done for real, in
    a temporary directory that is removed in the end, unless the run has them already. The calls
    are counted against the journal. The run itself stays as it is.

    With --probe, a few calls are asked for real, and the tokens, the money and the hours of all of
    them are forecast, each with an interval that holds nine times in ten. On a terminal it then
    asks whether to run the recipe.

    \b
    Examples:
      potstill plan recipes/quickstart.yaml --set distil.samples=4
      potstill plan recipes/quickstart.yaml --probe 20
    """  # noqa: D301
    from potstill.recipe import load_recipe

    if as_json and yes:
        raise click.UsageError("--json prints the plan alone: leave --yes out")
    loaded = load_recipe(recipe, sets=sets, allow_code=allow_code)
    if probe is None:
        found, asked = _plan(loaded, out, limit, allow_code=allow_code), None
    else:
        asked = _probe(loaded, probe, out, limit, allow_code=allow_code)
        found = asked.plan
    if as_json:
        click.echo((asked or found).model_dump_json(indent=2))
        return
    _show(found)
    if asked is not None:
        show_forecast(asked)
        if runs_now(asked, yes=yes):
            run_and_show(loaded, out=out, limit=limit, allow_code=allow_code)
            return
    given = [str(recipe), *(part for each in sets for part in ("--set", each))]
    given += ["--limit", str(limit)] if limit else []
    given += ["--out", str(out)] if out else []
    given += ["--allow-code"] if allow_code else []
    preview = " --preview 5" if found.teachers and asked is None else ""
    click.echo(f"next      potstill run {shlex.join(given)}{preview}")


def _plan(recipe: "Recipe", out: Path | None, limit: int | None, *, allow_code: bool) -> "Plan":
    from potstill.cli.progress import listener
    from potstill.pipeline import plan

    with listener() as listen:
        return plan(recipe, out=out, limit=limit, allow_code=allow_code, listener=listen)


def _probe(
    recipe: "Recipe", calls: int, out: Path | None, limit: int | None, *, allow_code: bool
) -> "Probe":
    from potstill.cli.progress import listener
    from potstill.cli.signals import pause_on_signals
    from potstill.pipeline import probe

    with listener() as listen:
        return probe(
            recipe,
            calls,
            out=out,
            limit=limit,
            allow_code=allow_code,
            listener=listen,
            pause=pause_on_signals(),
        )


def _show(plan: "Plan") -> None:
    from potstill.cli.console import console as open_console

    console = open_console()
    console.print(_sources(plan))
    console.print(_stages(plan))
    if plan.teachers:
        console.print(_teachers(plan))
    for line in _lines(plan):
        console.print(line, markup=False, soft_wrap=True)


def _table(title: str, *columns: str, text: tuple[str, ...]) -> "Table":
    from rich.table import Table

    table = Table(title=title)
    for column in columns:
        table.add_column(column, justify="left" if column in text else "right", overflow="fold")
    return table


def _add(table: "Table", *cells: str) -> None:
    from rich.text import Text

    from potstill.text.printable import printable

    table.add_row(*(Text(printable(cell)) for cell in cells))


def _sources(plan: "Plan") -> "Table":
    dropped = "dropped before the first answer"
    kept = "reach the teachers" if plan.teachers else "kept"
    table = _table("rows", "source", "read", kept, dropped, text=("source", dropped))
    for source in plan.sources:
        _add(table, source.source, f"{source.read:,}", f"{source.kept:,}", _counts(source.dropped))
    return table


def _stages(plan: "Plan") -> "Table":
    table = _table(
        "stages", "stage", "in", "kept", "what run would do", text=("stage", "what run would do")
    )
    for stage in plan.stages:
        rows = (
            (f"{stage.account.entered:,}", f"{stage.account.kept:,}") if stage.account else ("", "")
        )
        would = "complete, would not run again" if stage.due is None else f"would run: {stage.due}"
        _add(table, stage.stage, *rows, would)
    return table


def _teachers(plan: "Plan") -> "Table":
    tokens = ("tokens out, at most", "tokens in, estimated")
    priced = any(teacher.most_usd is not None for teacher in plan.teachers)
    usd = ("USD, at most",) if priced else ()
    columns = ("teacher", "calls", "in the journal", "to ask", *tokens, *usd)
    table = _table("calls", *columns, text=("teacher",))
    for teacher in plan.teachers:
        _add(table, teacher.model, *_figures(teacher), *([dollars(teacher.most_usd)] * priced))
    return table


def _figures(teacher: "TeacherPlan") -> Iterator[str]:
    counts = (teacher.calls, teacher.journaled, teacher.to_ask, teacher.most_completion_tokens)
    yield from (f"{count:,}" for count in counts)
    yield f"about {teacher.estimated_prompt_tokens:,}"


def _lines(plan: "Plan") -> Iterator[str]:
    from potstill.text.printable import printable

    for teacher in plan.teachers:
        yield printable(f"teacher   {teacher.model} at {teacher.at}")
    if any(teacher.journaled for teacher in plan.teachers):
        yield f"          {JOURNALED}"
    for verifier in plan.verifiers:
        where = f" where {verifier.where}" if verifier.where else ""
        text = f"verify    {verifier.use}{where}: at most {verifier.at_most:,} responses"
        yield printable(f"{text}{_most_asked(verifier)}")
    for export in plan.exports:
        when = f" when {export.when}" if export.when else ""
        use = f" ({export.use})" if export.use != export.name else ""
        yield printable(f"export    {export.name}{use}{when}")
    if plan.budget is not None:
        yield f"budget    at most {_caps(plan.budget)}"
    for caution in plan.cautions:
        yield printable(f"caution   {caution}")
    yield printable(f"run       {plan.directory}")
    yield printable(f"journal   {plan.journal}")


def _most_asked(verifier: "VerifierPlan") -> str:
    if not verifier.models:
        return ""
    return (
        f", {verifier.most_calls:,} calls to {', '.join(verifier.models)} and "
        f"{verifier.most_completion_tokens:,} tokens out"
    )


def _caps(budget: "BudgetSpec") -> str:
    caps = (
        None if budget.usd is None else f"USD {dollars(budget.usd)}",
        None if budget.tokens is None else f"{budget.tokens:,} tokens",
        None if budget.hours is None else f"{budget.hours:,.2f} hours",
    )
    return ", ".join(filter(None, caps)) or "anything: it has no cap"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
