"""Writes the pages that come from the code: the help of every command, and the recipes' schema.

`python docs/generate.py` writes `docs/cli.md` and `docs/recipe.schema.json`; a test compares.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from potstill.cli import cli
from potstill.recipe.schema import recipe_schema

FOLDER = Path(__file__).parent
WIDTH = 80
HEAD = """\
# Commands

What `potstill COMMAND --help` shows. This page is written by `python docs/generate.py`.
"""


def pages() -> dict[str, str]:
    """Return the name of each generated file in `docs/`, and its text."""
    schema = json.dumps(recipe_schema(), indent=2, ensure_ascii=False)
    return {"cli.md": "".join(_help()), "recipe.schema.json": f"{schema}\n"}


def _help() -> Iterator[str]:
    yield HEAD
    settings = {**cli.context_settings, "terminal_width": WIDTH}
    root = click.Context(cli, info_name="potstill", **settings)
    yield f"\n```\n{cli.get_help(root)}\n```\n"
    yield from _help_below(cli, root, "##")


def _help_below(group: click.Group, parent: click.Context, level: str) -> Iterator[str]:
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None, name
        context = click.Context(command, parent=parent, info_name=name)
        yield f"\n{level} {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"
        if isinstance(command, click.Group):
            yield from _help_below(command, context, f"{level}#")


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
