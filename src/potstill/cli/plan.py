"""`potstill plan`: what a recipe would do, before anything is paid."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from potstill.cli.options import recipe_options

if TYPE_CHECKING:
    from rich.table import Table

    from potstill.pipeline.calls import TeacherPlan
    from potstill.pipeline.forecast import Plan

JOURNALED = (
    "answers in the journal are those of a teacher with the same `model`, whatever its address was"
)


@click.command("plan")
@recipe_options
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def plan_command(
    recipe: Path,
    out: Path | None,
    limit: int | None,
    sets: tuple[str, ...],
    allow_code: bool,
    as_json: bool,
) -> None:
    """Tell what `run` with the same arguments would do; no model is asked.

    The stages before the first answer (gather, dedup, decontaminate, label) are done for real, in
    a temporary directory that is removed in the end, unless the run has them already. The calls
    are counted against the journal. The run itself stays as it is.

    \b
    Example:
      potstill plan recipes/quickstart.yaml --set distil.samples=4
    """  # noqa: D301
    from potstill.cli.progress import listener
    from potstill.pipeline import plan
    from potstill.recipe import load_recipe

    loaded = load_recipe(recipe, sets=sets, allow_code=allow_code)
    with listener() as listen:
        found = plan(loaded, out=out, limit=limit, allow_code=allow_code, listener=listen)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    _show(found)
    given = [str(recipe), *(part for each in sets for part in ("--set", each))]
    given += ["--limit", str(limit)] if limit else []
    given += ["--out", str(out)] if out else []
    given += ["--allow-code"] if allow_code else []
    preview = " --preview 5" if found.teachers else ""
    click.echo(f"next      potstill run {shlex.join(given)}{preview}")


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
    columns = ("teacher", "calls", "in the journal", "to ask", *tokens)
    table = _table("calls", *columns, text=("teacher",))
    for teacher in plan.teachers:
        _add(table, teacher.model, *_figures(teacher))
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
        yield printable(f"verify    {verifier.use}{where}: at most {verifier.at_most:,} responses")
    for export in plan.exports:
        when = f" when {export.when}" if export.when else ""
        use = f" ({export.use})" if export.use != export.name else ""
        yield printable(f"export    {export.name}{use}{when}")
    for caution in plan.cautions:
        yield printable(f"caution   {caution}")
    yield printable(f"run       {plan.directory}")
    yield printable(f"journal   {plan.journal}")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
