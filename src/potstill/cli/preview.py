"""A few rows through the whole line, shown before a run asks for the rest."""

import signal
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from potstill.pipeline.preview import Preview


def show_preview(preview: "Preview") -> None:
    """Print the responses as a person reads them, and what is left to ask."""
    from potstill.cli.console import console as open_console
    from potstill.cli.render import show_dropped, show_sample

    console = open_console(width=100)
    for row in preview.rows:
        show_sample(console, row.sample, prompt=row.prompt, note=row.destination)
        console.rule(style="dim")
    for dropped in preview.unanswered:
        show_dropped(console, dropped)
        console.rule(style="dim")
    outcomes = Counter(row.sample.outcome for row in preview.rows if row.sample.outcome)
    counts = "".join(f", {name} {outcomes[name]}" for name in sorted(outcomes))
    click.echo(f"preview   {len(preview.rows)} responses{counts}")
    for teacher in preview.teachers:
        click.echo(
            f"left      {teacher.to_ask:,} calls to {teacher.model}, "
            f"at most {teacher.most_completion_tokens:,} tokens out"
        )


def goes_on(preview: "Preview", *, yes: bool) -> bool:
    """Return whether the run is to go on; asked on a terminal, unless it is known already."""
    if yes or not preview.left:
        return True
    if not sys.stdin.isatty():
        click.echo("stopped after the preview: --yes goes on without asking", err=True)
        return _kept(preview)
    # Nothing is in flight while a person thinks: Ctrl-C ends it at once.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    going = click.confirm(f"go on with the remaining {preview.left:,} calls?", err=True)
    return going or _kept(preview)


def _kept(preview: "Preview") -> bool:
    """Say what is not lost, and return that the run does not go on."""
    count = len(preview.rows)
    click.echo(
        f"{count} answer{'s are' if count != 1 else ' is'} kept in the journal; the same command "
        "without --preview goes on",
        err=True,
    )
    return False
