"""`potstill run`."""

import signal
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from potstill.stages.io import Pause


@click.command("run")
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Run directory [runs/NAME].")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many rows of each source.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change the recipe, as in distil.samples=2 or sources.0.path=x.jsonl.",
)
@click.option(
    "--allow-code", is_flag=True, help="Allow plug-ins named as path/to/file.py:function."
)
def run_command(
    recipe: Path, out: Path | None, limit: int | None, sets: tuple[str, ...], allow_code: bool
) -> None:
    r"""Run RECIPE from its sources to its exported datasets, or continue it.

    Finished stages are not run again unless their settings or input changed, and no journaled
    model call is asked again. Ctrl-C pauses after the calls in flight; a second one abandons them.

    \b
    Examples:
      potstill run recipes/quickstart.yaml
      potstill run recipes/gsm8k.yaml --set sources.0.path=test.jsonl --limit 150
    """
    from potstill.cli.progress import listener
    from potstill.cli.summary import show_status
    from potstill.pipeline import run
    from potstill.recipe import load_recipe
    from potstill.stages.io import Pause

    loaded = load_recipe(recipe, sets=sets, allow_code=allow_code)
    pause = Pause()
    _pause_on_signals(pause)
    with listener() as listen:
        done = run(
            loaded, out=out, limit=limit, allow_code=allow_code, listener=listen, pause=pause
        )
    show_status(done.status())


def _pause_on_signals(pause: "Pause") -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        if pause.requested:
            raise KeyboardInterrupt
        pause.requested = True
        click.echo("\npausing: waiting for the calls in flight (again to abandon them)", err=True)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
