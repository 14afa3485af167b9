"""`potstill status`, `why` and `list`: what is there, without changing it."""

import inspect
from pathlib import Path

import click

from potstill.cli.completion import complete_kinds, complete_runs

INTERRUPTED = 130
"""Exit code of a command that Ctrl-C ended, as shells use it: it says nothing of the run."""


def run_directory(name: str) -> Path:
    """Return the run directory that `name` means: a path, or a name below `runs`.

    Raises:
        InputError: There is no such directory.
    """
    from potstill.pipeline.target import find_run

    return find_run(name)


@click.command("status")
@click.argument("run", shell_complete=complete_runs)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.option("--follow", is_flag=True, help="Watch the run while it works, until it ends.")
@click.pass_context
def status_command(context: click.Context, run: str, as_json: bool, follow: bool) -> None:
    """Show the books of RUN.

    RUN is a run directory, or its name below runs/. With --follow, first the bars that the run
    itself shows; then the exit code tells how it ended: 0 complete, 1 stopped by an error or
    killed, 3 paused. Ctrl-C ends the watching, not the run.

    \b
    Examples:
      potstill status quickstart
      potstill status runs/quickstart --json
    """  # noqa: D301
    from potstill.cli.summary import show_status
    from potstill.report.status import status

    directory = run_directory(run)
    code = _follow(directory) if follow else 0
    found = status(directory)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        show_status(found)
    context.exit(code)


def _follow(directory: Path) -> int:
    """Show the run until nobody works on it any more, and return its exit code."""
    from potstill.cli.progress import listener
    from potstill.report.follow import follow
    from potstill.storage.events import Event

    last: Event = {"event": ""}
    try:
        with listener() as listen:
            for event in follow(directory):
                if listen is not None:
                    listen(event)
                last = event
    except KeyboardInterrupt:
        click.echo("no longer watching; the run itself goes on", err=True)
        return INTERRUPTED
    if last["event"] == "run_finished":
        return 0
    error = last.get("error", "the process that ran it was killed; the same command continues")
    click.echo(f"potstill: {error}", err=True)
    code = last.get("code")
    return code if isinstance(code, int) else 1


@click.command("why")
@click.argument("run", shell_complete=complete_runs)
@click.argument("wanted", metavar="ID")
def why_command(run: str, wanted: str) -> None:
    """Tell what became of one row of RUN.

    ID is the id of a row (source:file:line), a problem or a response, a unique beginning of one, or
    the unique end of a row's (file:line).

    \b
    Example:
      potstill why quickstart problems:problems.jsonl:14
    """  # noqa: D301
    from potstill.report.why import why

    for story in why(run_directory(run), wanted):
        title, *lines = str(story).splitlines()
        click.secho(title, bold=True)
        click.echo("\n".join(lines))


@click.command("list")
@click.argument("kind", required=False, shell_complete=complete_kinds)
def list_command(kind: str | None) -> None:
    """List the plug-ins of one KIND, or of all kinds.

    \b
    Examples:
      potstill list
      potstill list verifiers
    """  # noqa: D301
    from potstill import registry

    for each in [kind] if kind else registry.PLUGINS:
        found = registry.names(each)
        click.secho(each, bold=True)
        for name in found:
            summary = inspect.getdoc(registry.load(each, name)) or ""
            click.echo(f"  {name:<12} {summary.partition(chr(10))[0]}")
