"""`potstill explain`: what a plug-in, a section of a recipe or a column is."""

import shutil
import textwrap
from typing import TYPE_CHECKING

import click

from potstill.cli.completion import complete_topics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from potstill.report.explain import Entry, Page

WIDEST = 100
"""Characters of a line: longer ones are hard to read."""


@click.command("explain")
@click.argument("topic", required=False, shell_complete=complete_topics)
@click.option("--json", "as_json", is_flag=True, help="Print the page as one JSON object.")
def explain_command(topic: str | None, as_json: bool) -> None:
    """Explain a plug-in, a section of a recipe, or its columns.

    Options and keys come with their types, defaults and meaning, and with an example. Without a
    TOPIC, this shows the sections of a recipe, and every topic there is.

    \b
    Examples:
      potstill explain dedup/minhash   or minhash, as nothing else is called so
      potstill explain teachers        what may stand below distil.teachers
      potstill explain columns         what `where` and `when` may name
    """  # noqa: D301
    from potstill.report.explain import explain, topics

    page = explain(topic or "recipe")
    if as_json:
        click.echo(page.model_dump_json(indent=2))
        return
    _show(page)
    if topic is None:
        click.secho("\ntopics", bold=True)
        _paragraph(", ".join(topics()))


def _show(page: "Page") -> None:
    click.secho(page.topic, bold=True)
    _paragraph(page.summary)
    for paragraph in filter(None, page.description.split("\n\n")):
        click.echo()
        _paragraph(paragraph)
    _show_entries(page)
    if page.plugins:
        click.secho("\nplug-ins", bold=True)
        for topic, summary in page.plugins:
            click.echo(f"  {topic}")
            _paragraph(summary, indent=6)
    if page.example:
        click.secho("\nexample", bold=True)
        click.echo(textwrap.indent(page.example, "  "))
    if page.section:
        click.echo(f"\nFor the keys beside its options: potstill explain {page.section}")


def _show_entries(page: "Page") -> None:
    if not page.entries:
        if page.section:
            click.echo("\nIt has no options.")
        return
    heading = "options" if page.section else "columns" if page.topic == "columns" else "keys"
    click.secho(f"\n{heading}", bold=True)
    for entry in page.entries:
        name = click.style(entry.name, fg="cyan")
        click.echo(f"  {name}: {', '.join(_facts(entry))}")
        _paragraph(entry.doc, indent=6)


def _facts(entry: "Entry") -> "Iterator[str]":
    yield entry.type
    if entry.required:
        yield "required"
    if entry.default is not None:
        yield f"default {_written(entry.default)}"
    if entry.topic:
        yield f"see {entry.topic}"


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _paragraph(text: str, indent: int = 2) -> None:
    width = min(shutil.get_terminal_size().columns, WIDEST)
    margin = " " * indent
    click.echo(
        textwrap.fill(
            text,
            width,
            initial_indent=margin,
            subsequent_indent=margin,
            break_on_hyphens=False,
            break_long_words=False,
        )
    )
