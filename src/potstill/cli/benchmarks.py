"""`potstill benchmarks`: what problems can be compared with by name, and bringing it here."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from potstill.errors import InputError

if TYPE_CHECKING:
    from potstill.decontaminate.at_hand import AtHand
    from potstill.pipeline.fetching import Listed


@click.group("benchmarks", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def benchmarks_command(context: click.Context, as_json: bool) -> None:
    """List the benchmarks that problems are compared with by name.

    A recipe without `decontaminate` keeps out every benchmark that is at hand: in the folder that
    POTSTILL_BENCHMARKS names, else in ~/.cache/potstill/benchmarks.

    \b
    Example:
      potstill benchmarks
      potstill benchmarks fetch aime24 math-500
      potstill benchmarks add my-exam exam.jsonl --map problem=question
    """  # noqa: D301
    if context.invoked_subcommand is not None:
        return
    from potstill.pipeline.fetching import benchmarks

    listed = benchmarks()
    if as_json:
        import json

        click.echo(json.dumps([each.model_dump() for each in listed], indent=2))
    else:
        _show(listed)


@benchmarks_command.command("fetch")
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that are not at hand yet.")
def fetch_command(names: tuple[str, ...], everything: bool) -> None:
    """Fetch benchmarks from the Hugging Face hub, by name.

    HF_ENDPOINT names another hub, HF_TOKEN says who asks: gated ones want their terms accepted
    first. With --all, what the hub refuses is told, and the others are fetched, unless there is no
    connection to it.

    \b
    Example:
      potstill benchmarks fetch aime24 math-500
      potstill benchmarks fetch --all
    """  # noqa: D301
    from potstill.pipeline.fetching import fetch_benchmarks

    if everything == bool(names):
        raise click.UsageError("name benchmarks, or give --all")
    if not everything:
        for each in fetch_benchmarks(names):
            _tell(each)
        return
    if refused := _fetch_all():
        raise InputError("\n".join(refused))


@benchmarks_command.command("add")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="FIELD=COLUMN,...",
    help="Fields (problem, reference_answer) and the file's columns.",
)
@click.option("--from", "schema", metavar="SCHEMA", help="Shape of the file's rows, such as `mcq`.")
def add_command(name: str, file: Path, mapped: tuple[str, ...], schema: str | None) -> None:
    """Bring a file of yours to hand as the benchmark NAME.

    \b
    Example:
      potstill benchmarks add my-exam exam.jsonl --map problem=question
    """  # noqa: D301
    from potstill.cli.alone import pairs
    from potstill.pipeline.fetching import add_benchmark

    _tell(add_benchmark(name, file, map=dict(pairs(mapped)), schema=schema))


def _fetch_all() -> list[str]:
    from potstill.decontaminate.at_hand import missing
    from potstill.pipeline.fetching import fetch_benchmarks
    from potstill.sources.hub import Unreachable

    refused: list[str] = []
    for name in missing():
        try:
            for each in fetch_benchmarks([name]):
                _tell(each)
        except InputError as error:
            refused.append(f"{name}: {error}")
            if isinstance(error, Unreachable):
                break
    return refused


def _tell(found: "AtHand") -> None:
    unread = f", {found.unreadable:,} rows could not be read" if found.unreadable else ""
    commit = f" at {found.commit[:12]}" if found.commit else ""
    click.echo(f"{found.name:<14} {found.items:,} items{commit}{unread}")


def _show(listed: "Sequence[Listed]") -> None:
    from rich.table import Table

    from potstill.cli.console import console
    from potstill.decontaminate.at_hand import folder

    table = Table(title=f"benchmarks in {folder()}")
    for name in ("name", "items", "language", "on the hub", "revision", "licence", "at hand"):
        table.add_column(name, justify="right" if name == "items" else "left")
    for each in listed:
        table.add_row(
            each.name,
            f"{each.items:,}",
            each.language or "",
            each.hub or "a file of yours",
            (each.revision or "")[:8],
            each.license or "",
            "yes" if each.at_hand else "gated" if each.gated else "no",
        )
    console().print(table)
    if lacking := [each.name for each in listed if not each.at_hand]:
        what = lacking[0] if len(lacking) == 1 else "--all"
        click.echo(f"potstill benchmarks fetch {what} gets what is not at hand")
