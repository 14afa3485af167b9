"""The command line. Commands load what they need when they are called, so that help is quick."""

import sys
from contextlib import suppress
from importlib import import_module

import click

from potstill.cli.streams import READER_LEFT, ReaderLeftError, steady_streams
from potstill.errors import PotstillError
from potstill.text.printable import printable
from potstill.version import VERSION

COMMANDS = {
    "run": "potstill.cli.run:run_command",
    "plan": "potstill.cli.plan:plan_command",
    "status": "potstill.cli.look:status_command",
    "costs": "potstill.cli.costs:costs_command",
    "show": "potstill.cli.show:show_command",
    "why": "potstill.cli.look:why_command",
    "diff": "potstill.cli.diff:diff_command",
    "list": "potstill.cli.look:list_command",
    "journal": "potstill.cli.journal:journal_command",
    "explain": "potstill.cli.explain:explain_command",
    "benchmarks": "potstill.cli.benchmarks:benchmarks_command",
    "init": "potstill.cli.init:init_command",
    "schema": "potstill.cli.schema:schema_command",
    "completion": "potstill.cli.completion:completion_command",
    "doctor": "potstill.cli.doctor:doctor_command",
    "dedup": "potstill.cli.alone:dedup_command",
    "decontaminate": "potstill.cli.alone:decontaminate_command",
    "label": "potstill.cli.alone:label_command",
    "distil": "potstill.cli.alone:distil_command",
    "verify": "potstill.cli.alone:verify_command",
    "filter": "potstill.cli.alone:filter_command",
    "convert": "potstill.cli.alone:convert_command",
    "serve-scripted": "potstill.cli.serve:serve_scripted_command",
}


class _Commands(click.Group):
    """Commands that are imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        return getattr(import_module(module), attribute)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="potstill")
def cli() -> None:
    """Turn open problems into a verified reasoning dataset, and prove what was done.

    Exit codes: 0 done, 1 a run failed, 2 the input is wrong, 3 paused and resumable.
    """


def main() -> None:
    """Run the command line and exit; errors of the user's are one sentence, never a traceback."""
    steady_streams()
    code = _run()
    with suppress(PotstillError, ReaderLeftError):  # told already, or nobody is left to tell
        sys.stdout.flush()
    sys.exit(code)


def _run() -> int:
    """Run the command line and return its exit code."""
    try:
        code: int = cli.main(prog_name="potstill", standalone_mode=False) or 0
        sys.stdout.flush()
        return code
    except click.ClickException as error:
        error.show()
        return 2
    except PotstillError as error:
        lines = map(printable, str(error).split("\n"))  # it may name what a dataset holds
        click.echo("potstill: " + "\n".join(lines), err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("potstill: stopped; the same command continues", err=True)
        return 3
    except ReaderLeftError:
        return READER_LEFT
