"""`potstill run`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from potstill.cli.options import recipe_options
from potstill.cli.progress import QUIET

if TYPE_CHECKING:
    from potstill.recipe import Recipe

PREVIEW = """First take N problems through the whole line, show what comes out, and ask whether to
go on. They are spread over sources and categories, the same ones each time; their answers count."""


@click.command("run")
@recipe_options
@click.option("--preview", type=click.IntRange(1, 100), metavar="N", help=PREVIEW)
@click.option("--yes", is_flag=True, help="Go on after the preview without asking.")
@click.option(
    "--from",
    "again",
    metavar="STAGE",
    help="Do this stage and all after it again; model calls come from the journal.",
)
@click.option("--quiet", is_flag=True, help=QUIET)
def run_command(
    recipe: Path,
    out: Path | None,
    limit: int | None,
    sets: tuple[str, ...],
    allow_code: bool,
    preview: int | None,
    yes: bool,
    again: str | None,
    quiet: bool,
) -> None:
    """Run RECIPE from sources to datasets, or continue it.

    Finished stages are not run again unless their settings or input changed, and no journaled
    model call is asked again. Ctrl-C pauses after the calls in flight; a second one abandons them.

    The first prompt of each teacher, reasoning mode and template is shown before it is sent.

    \b
    Examples:
      potstill run recipes/quickstart.yaml
      potstill run recipes/quickstart.yaml --preview 5
      potstill run recipes/gsm8k.yaml --set sources.0.path=test.jsonl --limit 150
    """  # noqa: D301
    from potstill.cli.progress import listener
    from potstill.cli.signals import pause_on_signals
    from potstill.recipe import load_recipe

    loaded = load_recipe(recipe, sets=sets, allow_code=allow_code)
    if preview is not None:
        from potstill.cli.preview import goes_on, show_preview
        from potstill.pipeline import preview as look

        with listener(quiet) as listen:
            found = look(
                loaded,
                preview,
                out=out,
                limit=limit,
                allow_code=allow_code,
                listener=listen,
                pause=pause_on_signals(),
            )
        show_preview(found)
        if not goes_on(found, yes=yes):
            return
    run_and_show(loaded, out=out, limit=limit, again=again, allow_code=allow_code, quiet=quiet)


def run_and_show(
    recipe: "Recipe",
    *,
    out: Path | None,
    limit: int | None,
    again: str | None = None,
    allow_code: bool,
    quiet: bool = False,
) -> None:
    """Run a recipe with bars and signals, and print its books in the end."""
    from potstill.cli.progress import listener
    from potstill.cli.signals import pause_on_signals
    from potstill.cli.summary import show_status
    from potstill.pipeline import run

    with listener(quiet) as listen:
        done = run(
            recipe,
            out=out,
            limit=limit,
            again=again,
            allow_code=allow_code,
            listener=listen,
            pause=pause_on_signals(),
        )
    show_status(done.status())
