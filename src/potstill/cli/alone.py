"""`potstill dedup`, `potstill verify`: one stage alone on a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import JsonValue

from potstill.errors import InputError

if TYPE_CHECKING:
    from potstill.books import Account


def _command(name: str, kind: str, summary: str) -> click.Command:
    """Return the command that runs the stage `name` with a plug-in of `kind`."""

    @click.command(name, help=summary)
    @click.argument("input", type=click.Path(path_type=Path))
    @click.argument("output", type=click.Path(path_type=Path))
    @click.option("--use", required=True, help=f"The plug-in; see `potstill list {kind}`.")
    @click.option(
        "--map",
        "mapped",
        multiple=True,
        metavar="FIELD=COLUMN,...",
        help="Fields (problem, reference_answer, response, ...) and the input's columns.",
    )
    @click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Plug-in's options.")
    @click.option("--where", metavar="CONDITION", help="Look only at rows for which this holds.")
    @click.option("--allow-code", is_flag=True, help="Allow a plug-in named as file.py:function.")
    def command(
        input: Path,
        output: Path,
        use: str,
        mapped: tuple[str, ...],
        sets: tuple[str, ...],
        where: str | None,
        allow_code: bool,
    ) -> None:
        from potstill.cli.progress import listener
        from potstill.cli.summary import show_books
        from potstill.pipeline import alone
        from potstill.recipe import Condition

        run: Callable[[alone.Task], list[Account]] = getattr(alone, f"{name}_file")
        pairs = [_pair("--map", each) for text in mapped for each in text.split(",")]
        options = [_pair("--set", text) for text in sets]
        with listener() as listen:
            task = alone.Task(
                source=input,
                output=output,
                use=use,
                map=dict(pairs),
                options={key: _value(key, text) for key, text in options},
                where=Condition(where) if where else None,
                allow_code=allow_code,
                listener=listen,
            )
            books = run(task)
        show_books(name, books, {"rows": output, "dropped": task.dropped})

    return command


def _pair(option: str, text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise InputError(f"{option} {text!r} must be of the form KEY=VALUE")
    return key.strip(), value.strip()


def _value(key: str, text: str) -> JsonValue:
    from potstill.recipe.yaml import Broken, Leaf, parse

    try:
        node = parse(text)
    except Broken as error:
        raise InputError(f"--set {key}: {error}") from None
    if not isinstance(node, Leaf):
        raise InputError(f"--set {key}={text} must be a number, a text, true or false")
    return node.value


dedup_command = _command(
    "dedup",
    "dedup",
    """Drop the rows of INPUT whose problem repeats an earlier row's.

    OUTPUT gets the other rows as they are; OUTPUT's name with `.dropped` gets those that were
    dropped, each with the row that it repeats. Files are .jsonl, .json or .parquet.

    \b
    Example:
      potstill dedup in.jsonl out.jsonl --use minhash --set threshold=0.8 --map problem=question
    """,
)

verify_command = _command(
    "verify",
    "verifiers",
    """Add outcome (pass, fail, undecided), reason and verifier to each row of INPUT.

    The response is the text in the column `response`, the reference in `reference_answer`, unless
    --map says otherwise. Rows that can't be read go to OUTPUT's name with `.dropped`.

    \b
    Example:
      potstill verify in.jsonl out.jsonl --use math --map reference_answer=gold,response=answer
    """,
)
