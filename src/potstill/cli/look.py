"""`potstill status`, `why` and `list`: what is there, without changing it."""

import inspect
from pathlib import Path

import click

from potstill.errors import InputError


def run_directory(name: str) -> Path:
    """Return the run directory that `name` means: a path, or a name below `runs`.

    Raises:
        InputError: There is no such directory.
    """
    from potstill.pipeline import ROOT

    for path in (Path(name), ROOT / name):
        if path.is_dir():
            return path
    raise InputError(f"there is no run directory {name} or {ROOT / name}")


@click.command("status")
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def status_command(run: str, as_json: bool) -> None:
    """Show the books of RUN: a run directory, or its name below runs/."""
    from potstill.cli.summary import show_status
    from potstill.report.status import status

    found = status(run_directory(run))
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        show_status(found)


@click.command("why")
@click.argument("run")
@click.argument("wanted", metavar="ID")
def why_command(run: str, wanted: str) -> None:
    """Tell what became of one row of RUN.

    ID is the id of a row (source:file:line), a problem or a response, or a unique prefix of one.
    """
    from potstill.report.why import why

    for story in why(run_directory(run), wanted):
        click.secho(story.row_id, bold=True)
        for step in story.steps:
            click.echo(f"{step.stage:>14}  {step.text}")
            for name, text in step.details.items():
                if text:
                    _show_detail(name, text)


def _show_detail(name: str, text: str) -> None:
    # What a model or a dataset wrote must not drive the terminal.
    lines = [_printable(line) for line in text.splitlines()]
    click.echo(f"{'':>16}{name}: {lines[0]}")
    for line in lines[1:]:
        click.echo(f"{'':>18}{line}")


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() or c == "\t" else f"\\x{ord(c):02x}" for c in line)


@click.command("list")
@click.argument("kind", required=False)
def list_command(kind: str | None) -> None:
    """List the plug-ins of one KIND (sources, dedup, verifiers, ...), or of all kinds."""
    from potstill import registry

    for each in [kind] if kind else registry.PLUGINS:
        found = registry.names(each)
        click.secho(each, bold=True)
        for name in found:
            summary = inspect.getdoc(registry.load(each, name)) or ""
            click.echo(f"  {name:<12} {summary.partition(chr(10))[0]}")
