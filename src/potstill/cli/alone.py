"""`potstill dedup`, `verify`, `convert`, …: one stage alone on a file, all by one command."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from potstill.cli.completion import complete_plugins
from potstill.errors import InputError

if TYPE_CHECKING:
    from potstill.recipe.document import Document

FILE = click.Path(path_type=Path, allow_dash=True)


Command = Callable[..., None]
Option = Callable[[Command], Command]


class Alone(NamedTuple):
    """What one of the commands has of its own."""

    kind: str
    """The kind of plug-in that it runs."""
    summary: str
    """Its help."""
    options: tuple[Option, ...] = ()
    """Its own options; each names a key of the stage's section."""


def _use(kind: str, name: str = "--use", default: str | None = None) -> Option:
    shown = f"The plug-in; see `potstill list {kind}`."
    complete = complete_plugins(kind)
    if default is None:  # a default of None would count as given
        return click.option(name, "use", required=True, help=shown, shell_complete=complete)
    return click.option(
        name, "use", default=default, show_default=True, help=shown, shell_complete=complete
    )


_WHERE = click.option("--where", metavar="CONDITION", help="Look only at rows where this holds.")

_SHARED = (
    click.argument("input", type=click.Path(allow_dash=True)),
    click.argument("output", type=FILE),
    click.option(
        "--from",
        "schema",
        metavar="SCHEMA",
        help="Shape of the input's rows; see `potstill list schemas`.",
        shell_complete=complete_plugins("schemas"),
    ),
    click.option(
        "--map",
        "mapped",
        multiple=True,
        metavar="FIELD=COLUMN,...",
        help="Fields (problem, reference_answer, response, ...) and the input's columns.",
    ),
    click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Further options."),
    click.option(
        "--run", "directory", type=FILE, help="Keep the books here, not in OUTPUT with `.run`."
    ),
    click.option("--overwrite", is_flag=True, help="Replace a file that no run of this made."),
    click.option("--allow-code", is_flag=True, help="Allow a plug-in named as file.py:function."),
    click.option("--quiet", is_flag=True, help="Show no progress."),
)


def _command(stage: str, alone: Alone) -> click.Command:
    """Return the command that runs `stage` alone."""

    def command(
        input: str,
        output: Path,
        schema: str | None,
        mapped: tuple[str, ...],
        sets: tuple[str, ...],
        directory: Path | None,
        overwrite: bool,
        allow_code: bool,
        quiet: bool,
        against: tuple[str, ...] = (),
        against_map: tuple[str, ...] = (),
        as_json: bool = False,
        **own: str | int | None,
    ) -> None:
        from potstill.cli.progress import listener
        from potstill.cli.signals import pause_on_signals
        from potstill.cli.summary import show_files
        from potstill.pipeline import alone as pipeline

        if as_json and str(output) == "-":
            raise click.UsageError("--json prints the books where the rows go: name a file")
        source = None if input == "-" else input
        fields = pairs(mapped)
        labels = dict(fields).get("expected") if stage == "verify" else None
        files = pipeline.Files(source, None if str(output) == "-" else output, directory, labels)
        document = pipeline.begin(stage)
        _fill(document, stage, own, sets)
        for field, column in fields:
            if labels is None or field != "expected":
                document.put(f"sources.0.map.{field}", column, "--map")
        _name_benchmarks(document, against, against_map, mapped)
        if schema is not None:
            document.put("sources.0.schema", schema, "--from")
        with pipeline.opened(stage, files, overwrite=overwrite) as folder:
            with listener(quiet=quiet) as listen:
                run = pipeline.work(
                    stage,
                    files,
                    folder,
                    document,
                    overwrite=overwrite,
                    allow_code=allow_code,
                    listener=listen,
                    pause=pause_on_signals(),
                )
            compared = run.confusion(labels) if labels else None
            show_files(run.status(), files, compared, as_json=as_json)

    function: Command = command
    for option in reversed((*_SHARED[:2], *alone.options, *_SHARED[2:])):
        function = option(function)
    return click.command(stage, help=alone.summary)(function)


def _fill(
    document: "Document", stage: str, own: Mapping[str, str | int | None], sets: Sequence[str]
) -> None:
    from potstill.pipeline.alone import section_key

    for key, value in own.items():
        if value is not None:
            document.put(section_key(stage, key), value, f"--{key.replace('_', '-')}")
    for text in sets:
        key = text.partition("=")[0]
        document.set(text, under=section_key(stage, key).removesuffix(key))


def _name_benchmarks(
    document: "Document", against: Sequence[str], own: Sequence[str], mapped: Sequence[str]
) -> None:
    """Name the benchmarks and their columns; a problem's text is where the input has it, too."""
    shared = [pair for pair in pairs(mapped) if pair[0] in ("problem", "messages")]
    for i, path in enumerate(against):
        if _is_name(path):
            document.put(f"decontaminate.0.against.{i}", path, "--against")
            continue
        document.put(f"decontaminate.0.against.{i}.path", path, "--against")
        for field, column in pairs(own) if own else shared:
            shown = "--against-map" if own else "--map"
            document.put(f"decontaminate.0.against.{i}.map.{field}", column, shown)


def _is_name(text: str) -> bool:
    """Return whether this is a benchmark's name: no file is called so, and it has no ending."""
    return re.fullmatch(r"[\w-]+", text) is not None and not Path(text).exists()


def pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return each FIELD=COLUMN; one text may hold several, with commas between.

    Raises:
        InputError: One is not of that form.
    """
    return [_pair(each) for text in texts for each in text.split(",")]


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise InputError(f"{text!r} must be of the form FIELD=COLUMN")
    return key.strip(), value.strip()


_FILES = """
    OUTPUT's name with `.dropped` gets what was dropped, with the reason. INPUT is .jsonl, .json
    or .csv (as .zst or .gz too) or .parquet, a folder of one kind, a pattern, s3://…, hf://… or
    `-` for JSON Lines on standard input; OUTPUT is .jsonl, .jsonl.zst, .json, .parquet or `-`. The
    books are kept in OUTPUT's name with `.run`, which
    `status`, `show` and `why` read; the same command continues what was stopped.
"""

_REST = f"""
    OUTPUT gets the input's columns, and the stage's.
    {_FILES}"""

_STAGES = {
    "dedup": Alone(
        "dedup",
        f"""Drop the rows of INPUT that repeat an earlier problem.
    {_REST}
    \b
    Example:
      potstill dedup in.jsonl out.jsonl --use minhash --set threshold=0.8 --map problem=question
    """,
        (_use("dedup"), _WHERE),
    ),
    "decontaminate": Alone(
        "decontaminate",
        f"""Drop the rows of INPUT that hold an item of a benchmark.
    {_REST}
    \b
    Example:
      potstill decontaminate in.jsonl out.jsonl --against aime24 --map problem=question
      potstill decontaminate in.jsonl out.jsonl --against test.jsonl --map problem=question
    """,
        (
            click.option(
                "--against",
                multiple=True,
                metavar="NAME|FILE",
                help="A benchmark: its name in `potstill benchmarks`, a file or a folder; may be "
                "given several times.  [default: all that are at hand]",
            ),
            click.option(
                "--against-map",
                multiple=True,
                metavar="FIELD=COLUMN,...",
                help="Fields and the benchmarks' columns; by default as --map has the problem's.",
            ),
            _use("decontaminate", default="ngram"),
            _WHERE,
        ),
    ),
    "label": Alone(
        "labels",
        f"""Tell the category or the language of each row of INPUT.
    {_REST}
    \b
    Example:
      potstill label in.jsonl out.jsonl --use category --map problem=question
    """,
        (_use("labels"), _WHERE),
    ),
    "distil": Alone(
        "distil",
        f"""Ask a teacher about each row of INPUT.

    OUTPUT has a row for each response. No call that was journaled is asked again; the journal lies
    in the run directory, or in runs/journal where that lies in runs/.
    {_REST}
    \b
    Example:
      potstill distil in.jsonl out.jsonl --model NAME --base-url http://127.0.0.1:8000/v1 \\
        --set samples=4 --set sampling.max_tokens=4096 --map problem=question
    """,
        (
            click.option("--model", help="The model's name at the endpoint."),
            click.option("--base-url", help="An OpenAI-compatible endpoint."),
            click.option("--local", help="Or a model to run here: smollm2-135m, a GGUF file, ..."),
            click.option("--key-env", metavar="NAME", help="Variable that holds the API key."),
            click.option("--samples", type=int, help="Responses to each row [1]."),
            click.option("--prompt", help="Template around the problem, which is {problem}."),
            click.option("--system", help="System prompt."),
            click.option("--reasoning", metavar="on|off|both|prompted", help="Whether it thinks."),
        ),
    ),
    "verify": Alone(
        "verifiers",
        f"""Tag each row of INPUT with pass, fail or undecided.

    The columns outcome, reason and verifier say so. The response is the text in the column
    `response`, the reference in `reference_answer`, unless --map says otherwise or --from names the
    rows' shape. Where --map names a column of labels (expected=COLUMN: true or false, 1 or 0,
    correct or incorrect, pass or fail), the confusion table follows.
    {_REST}
    \b
    Example:
      potstill verify in.jsonl out.jsonl --use math --map reference_answer=gold,response=answer
      potstill verify in.jsonl out.jsonl --use math --map expected=label --json
    """,
        (
            _use("verifiers"),
            _WHERE,
            click.option(
                "--json",
                "as_json",
                is_flag=True,
                help="Print the books and the confusion table as one JSON object.",
            ),
        ),
    ),
    "filter": Alone(
        "filters",
        f"""Drop the rows of INPUT whose response a filter rejects.

    The response is the text in the column `response`, unless --map says otherwise or --from names
    the rows' shape.
    {_REST}
    \b
    Example:
      potstill filter in.jsonl out.jsonl --use repetition --map response=answer
    """,
        (_use("filters"), _WHERE),
    ),
    "convert": Alone(
        "formats",
        f"""Write the rows of INPUT in another shape.

    They have the shape --from, and get the shape --to; `potstill list schemas` and `potstill list
    formats` name the shapes. OUTPUT gets only the columns of its format.
    {_FILES}
    \b
    Example:
      potstill convert in.jsonl out.jsonl --from alpaca --to messages
    """,
        (
            _use("formats", "--to"),
            click.option("--where", "when", metavar="CONDITION", help="Write only such rows."),
        ),
    ),
}

dedup_command, decontaminate_command, label_command, distil_command = (
    _command(name, _STAGES[name]) for name in ("dedup", "decontaminate", "label", "distil")
)
verify_command, filter_command, convert_command = (
    _command(name, _STAGES[name]) for name in ("verify", "filter", "convert")
)
