"""The arguments that say which recipe is meant, alike for `run` and `plan`."""

from collections.abc import Callable
from pathlib import Path

import click

Command = Callable[..., None]

_RECIPE = (
    click.argument("recipe", type=click.Path(path_type=Path)),
    click.option("--out", type=click.Path(path_type=Path), help="Run directory [runs/NAME]."),
    click.option(
        "--limit", type=click.IntRange(min=1), help="At most this many rows of each source."
    ),
    click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="KEY=VALUE",
        help="Change the recipe, as in distil.samples=2 or sources.0.path=x.jsonl.",
    ),
    click.option(
        "--allow-code", is_flag=True, help="Allow plug-ins named as path/to/file.py:function."
    ),
)


def recipe_options(command: Command) -> Command:
    """Give a command `recipe`, `out`, `limit`, `sets` and `allow_code`."""
    for option in reversed(_RECIPE):
        command = option(command)
    return command
