"""`potstill journal`: what a journal holds, whether it is sound, and what can be done about it."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table

    from potstill.storage.audit import Contents, Tell

JOURNAL = click.argument("path", type=click.Path(path_type=Path), default=Path("runs"))


@click.group("journal")
def journal_command() -> None:
    """Look into a journal of model calls, check it, and write it anew.

    PATH is its file, a folder of runs, or a run; by default runs/, whose runs share a journal.

    \b
    Examples:
      potstill journal stat
      potstill journal verify runs/quickstart
    """  # noqa: D301


def _find(path: Path) -> Path:
    from potstill.storage.journal_file import find_journal

    return find_journal(path)


@contextmanager
def _progress(label: str) -> "Generator[Tell]":
    """Return what shows progress, where somebody looks."""
    with click.progressbar(
        length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def tell(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield tell


@journal_command.command("stat")
@JOURNAL
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def stat_command(path: Path, as_json: bool) -> None:
    """Tell what the journal at PATH holds: calls by model and ending, tokens, sizes.

    \b
    Example:
      potstill journal stat runs --json
    """  # noqa: D301
    from potstill.storage.audit import contents

    with _progress("reading") as tell:
        found = contents(_find(path), tell)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        _show(found)


def _show(found: "Contents") -> None:
    from potstill.cli.console import console
    from potstill.text.printable import printable

    for line in _lines(found):
        click.echo(printable(line))
    if found.groups:
        console().print(_table(found))


def _lines(found: "Contents") -> Generator[str]:
    yield f"journal   {found.path}"
    yield f"calls     {found.calls:,}, of which {found.answered:,} have an answer"
    if found.damaged:
        yield f"damaged   {found.damaged:,}; potstill journal verify names them"
    if found.oldest:
        yield f"asked     from {found.oldest} to {found.newest}"
    log = f", and {_megabytes(found.log_bytes)} in the log beside it" if found.log_bytes else ""
    yield f"size      {_megabytes(found.file_bytes)}, {_megabytes(found.free_bytes)} free{log}"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def _table(found: "Contents") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from potstill.text.printable import printable

    table = Table()
    for name in ("model", "ending"):
        table.add_column(name, overflow="fold")
    for name in ("calls", "requests", "tokens in", "cached", "tokens out", "thinking"):
        table.add_column(name, justify="right")
    for group in found.groups:
        counts = (group.calls, group.attempts, group.prompt_tokens, group.cached_tokens)
        counts = (*counts, group.completion_tokens, group.reasoning_tokens)
        names = (Text(printable(group.model)), group.ending)
        table.add_row(*names, *(f"{count:,}" for count in counts))
    return table


@journal_command.command("verify")
@JOURNAL
def verify_command(path: Path) -> None:
    """Read all of the journal at PATH, and name each row that is damaged.

    Exits with 1 if anything is.

    \b
    Example:
      potstill journal verify runs
    """  # noqa: D301
    from potstill.errors import StorageError
    from potstill.storage.audit import checked, complaints
    from potstill.storage.journal_file import lost
    from potstill.text.printable import printable

    journal = _find(path)
    sound = damaged = 0
    with _progress("reading") as tell:
        for each in checked(journal, tell):
            if each.fault:
                damaged += 1
                click.echo(printable(f"row {each.number} ({each.key or 'no key'}): {each.fault}"))
            else:
                sound += 1
    found = 0
    for line in complaints(journal):
        found += 1
        click.echo(printable(f"file: {line}"))
    click.echo(f"sound: {sound:,} of {sound + damaged:,} calls")
    if damaged or found:
        raise StorageError(f"the journal {journal} is damaged; {lost(journal)}")


@journal_command.command("compact")
@JOURNAL
@click.option(
    "--forget",
    multiple=True,
    metavar="ENDING",
    help="Leave out calls that ended so, without an answer; may be given several times.",
)
@click.option("--drop-damaged", is_flag=True, help="Leave out damaged rows.")
def compact_command(path: Path, forget: tuple[str, ...], drop_damaged: bool) -> None:
    """Write the journal at PATH anew, without free space, in its place.

    No other process may have it open. What is left out is asked again by the next run that needs
    it. Killed at any instant, this leaves the old journal or the new one.

    \b
    Examples:
      potstill journal compact
      potstill journal compact --forget malformed --forget over_context
    """  # noqa: D301
    from potstill.storage.compact import compact

    journal = _find(path)
    with _progress("writing") as tell:
        found = compact(journal, forget=forget, drop_damaged=drop_damaged, tell=tell)
    before, after = _megabytes(found.bytes_before), _megabytes(found.bytes_after)
    click.echo(f"calls kept: {found.kept:,}; {before} before, {after} now")
    for ending, count in found.forgotten.items():
        click.echo(f"to be asked again, having ended in {ending}: {count:,}")
    if found.damaged:
        click.echo(f"to be asked again, being damaged: {found.damaged:,}")


@journal_command.command("export")
@JOURNAL
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to write: .jsonl, .jsonl.zst, .json or .parquet.",
)
@click.option("--model", "models", multiple=True, help="Only this model's calls; may be repeated.")
@click.option(
    "--ending", "endings", multiple=True, help="Only calls that ended so; may be repeated."
)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def export_command(
    path: Path, out: Path, models: tuple[str, ...], endings: tuple[str, ...], overwrite: bool
) -> None:
    """Write every call of the journal at PATH as a row of a file.

    A row has key, model, ending, request, reply and attempts. In a .parquet file, request and reply
    are JSON texts.

    \b
    Example:
      potstill journal export runs --out calls.jsonl.zst --ending ok
    """  # noqa: D301
    from potstill.errors import InputError
    from potstill.storage.transfer import export

    if out.exists() and not overwrite:
        raise InputError(f"{out} is there already: name another file, or add --overwrite")
    with _progress("writing") as tell:
        found = export(_find(path), out, models=models, endings=endings, tell=tell)
    click.echo(f"calls written to {out}: {found.calls:,}")
    _say_damaged(found.damaged)


@journal_command.command("import")
@click.argument("other", type=click.Path(path_type=Path))
@click.option(
    "--into", type=click.Path(path_type=Path), default=Path("runs"), help="The journal [runs]."
)
def import_command(other: Path, into: Path) -> None:
    """Add the calls of the journal at OTHER to another one; OTHER stays as it is.

    A call that both have stays as it is, unless only OTHER has an answer to it. Runs may use both
    journals meanwhile.

    \b
    Example:
      potstill journal import ~/colleague/runs --into runs
    """  # noqa: D301
    from potstill.storage.journal_file import FOLDER, NAME
    from potstill.storage.transfer import merge

    there = into if into.is_file() else into / FOLDER / NAME
    with _progress("reading") as tell:
        found = merge(_find(other), there, tell)
    click.echo(f"calls added to {there}: {found.added:,}; there already: {found.known:,}")
    _say_damaged(found.damaged)


def _say_damaged(count: int) -> None:
    if count:
        text = "damaged rows, which were left out; potstill journal verify names them"
        click.echo(f"potstill: {count:,} {text}", err=True)
