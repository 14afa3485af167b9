"""`potstill run`."""

from pathlib import Path

import click

from potstill.cli.progress import QUIET


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
    "--from",
    "again",
    metavar="STAGE",
    help="Do this stage and all after it again; model calls come from the journal.",
)
@click.option(
    "--allow-code", is_flag=True, help="Allow plug-ins named as path/to/file.py:function."
)
@click.option("--quiet", is_flag=True, help=QUIET)
def run_command(
    recipe: Path,
    out: Path | None,
    limit: int | None,
    sets: tuple[str, ...],
    again: str | None,
    allow_code: bool,
    quiet: bool,
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
    from potstill.cli.signals import pause_on_signals
    from potstill.cli.summary import show_status
    from potstill.pipeline import run
    from potstill.recipe import load_recipe

    loaded = load_recipe(recipe, sets=sets, allow_code=allow_code)
    with listener(quiet) as listen:
        done = run(
            loaded,
            out=out,
            limit=limit,
            again=again,
            allow_code=allow_code,
            listener=listen,
            pause=pause_on_signals(),
        )
    show_status(done.status())
