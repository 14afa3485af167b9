"""`potstill serve-scripted`."""

from collections.abc import Callable
from pathlib import Path

import click

from potstill.errors import InputError

Command = Callable[..., None]

SECTIONS = {
    "answers": "What it says",
    "latency": "When",
    "fault": "What goes wrong",
    "rpm": "What it bears",
}
"""The option that begins each section of the help, and the section's title."""

STYLES = (
    "reasoning_content",
    "reasoning",
    "think_tags",
    "lone_close",
    "blocks",
    "prompted",
    "none",
)
FAULT = """Share of requests that end in rate_limited, server_error, network, stalled, empty,
truncated, thinking_only, refused, malformed, bad_request or over_context."""
QUIRK = """Share of complete answers with done_missing, closed_early, done_doubled, finish_doubled,
comments, crlf, no_space, split, usage_with_finish or null_usage."""

# Without defaults: what is not given is left to the script's file, or to `Script`.
_OPTIONS = (
    click.option(
        "--answers",
        type=click.Path(path_type=Path),
        help="JSON object of prompts and their right answers; others get a number.",
    ),
    click.option("--accuracy", type=float, help="Share of --answers that are given right [1]."),
    click.option(
        "--style", type=click.Choice(STYLES), help="Where thinking goes [reasoning_content]."
    ),
    click.option("--words", type=int, help="Words of thinking [40]."),
    click.option("--answer-words", type=int, help="Words before the final answer [0]."),
    click.option(
        "--switchable", is_flag=True, default=None, help="Let requests switch the thinking off."
    ),
    click.option("--missing-traces", type=float, help="Share that lack their thinking [0]."),
    click.option("--tool-calls", type=float, help="Share of requests with tools that call [0]."),
    click.option("--cached", type=float, help="Share of prompt tokens told as cached [0]."),
    click.option("--model", help="The only model that it knows [every name]."),
    click.option("--key", help="The key that it wants [none]."),
    click.option("--latency", type=float, help="Seconds before each answer [0]."),
    click.option(
        "--latency-spread", type=float, help="Sigma of a lognormal latency, --latency its median."
    ),
    click.option("--chunk", type=int, help="Words in each chunk of a stream [4]."),
    click.option(
        "--chunk-unit", type=click.Choice(["words", "characters"]), help="What --chunk counts."
    ),
    click.option("--chunk-s", type=float, help="Seconds between two chunks [0: all at once]."),
    click.option("--keepalive-s", type=float, help="Seconds between signs of life [0: none]."),
    click.option("--batch-s", type=float, help="Seconds that a batch takes [0]."),
    click.option("--time-scale", type=float, help="Factor on all times; 0.01 is fast motion [1]."),
    click.option("--fault", type=(str, float), multiple=True, metavar="ENDING SHARE", help=FAULT),
    click.option("--overloaded", type=float, help="Share of server errors that are a 503 [0]."),
    click.option("--retry-after", type=float, help="Seconds to wait after a 429 or 503 [1]."),
    click.option("--quirk", type=(str, float), multiple=True, metavar="NAME SHARE", help=QUIRK),
    click.option("--rpm", type=int, help="Most requests a minute; a 429 beyond it."),
    click.option("--tpm", type=int, help="Most tokens of prompts and answers a minute."),
    click.option("--minute-s", type=float, help="Seconds in that minute [60]."),
    click.option("--max-in-flight", type=int, help="Most requests at a time; a 429 beyond it."),
    click.option("--slots", type=int, help="Answers worked on at a time; others wait."),
)


class _Sectioned(click.Command):
    """A command whose help has its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        title, sections = "Options", dict[str, list[tuple[str, str]]]()
        for parameter in self.get_params(ctx):
            title = SECTIONS.get(parameter.name or "", title)
            section = title if parameter in self.params else "Options"  # that is --help
            if (record := parameter.get_help_record(ctx)) is not None:
                sections.setdefault(section, []).append(record)
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(rows)


def _script_options(command: Command) -> Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command("serve-scripted", cls=_Sectioned)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--script",
    "path",
    type=click.Path(path_type=Path),
    help="YAML or JSON file that holds what follows, as in latency_spread: 0.5; options win.",
)
@_script_options
def serve_scripted_command(
    port: int,
    path: Path | None,
    answers: Path | None,
    fault: tuple[tuple[str, float], ...],
    quirk: tuple[tuple[str, float], ...],
    **values: str | float | bool | None,
) -> None:
    """Serve a teacher that costs nothing, to rehearse with.

    What it answers is a function of the request, faults included, so a rehearsal can be repeated.
    GET /stats says what was asked, and a summary is printed at the end. Shares are from 0 to 1.

    \b
    Examples:
      potstill serve-scripted --accuracy 0.7 --fault rate_limited 0.1
      potstill serve-scripted --latency 20 --slots 64 --time-scale 0.01
    """  # noqa: D301
    from potstill.cli.scripts import read_script
    from potstill.models.scripted import run_server

    given = [(key, value, f"--{key.replace('_', '-')}") for key, value in values.items()]
    given += [(f"faults.{name}", share, f"--fault {name}") for name, share in fault]
    given += [(f"quirks.{name}", share, f"--quirk {name}") for name, share in quirk]
    script = read_script(path, [each for each in given if each[1] is not None], answers)
    try:
        run_server(port, script)
    except OSError as error:
        raise InputError(f"--port {port}: {error.strerror or error}") from None
