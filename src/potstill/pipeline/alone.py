"""A stage alone on a file: a run of a recipe with this stage only, and its rows in one file."""

import json
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pydantic import JsonValue

from potstill.errors import InputError
from potstill.pipeline.runs import ROOT, Run
from potstill.pipeline.session import Session
from potstill.pipeline.wiring import Job, steps
from potstill.recipe import TeacherSpec, dump
from potstill.recipe.document import Document
from potstill.recipe.load import read_document
from potstill.records import Dropped, Problem, Sample
from potstill.registry import nearest
from potstill.report.tables import MARKS, Table, tables
from potstill.stages.io import Pause
from potstill.stages.line import journal_path
from potstill.storage.events import Listener
from potstill.storage.files import explained
from potstill.storage.rows import RowWriter, endless, spool

SECTIONS = {
    "dedup": "dedup",
    "decontaminate": "decontaminate",
    "label": "label",
    "distil": "distil",
    "verify": "verify",
    "filter": "filter",
    "convert": "export",
}
"""Stages that can be run alone, and the section of a recipe that each one fills."""

PROMPTLESS = frozenset({"verify", "filter"})
"""Stages that can do without a problem's text."""

_Row = dict[str, JsonValue]


class Files(NamedTuple):
    """Where the rows of a stage alone come from and go to."""

    source: Path | None
    """A file or folder; None for JSON Lines on standard input."""
    output: Path | None
    """A file, by whose ending it is written; None for JSON Lines on standard output."""
    directory: Path | None = None
    """The run directory; by default the output's name with `.run`."""

    @property
    def dropped(self) -> Path | None:
        """Where the dropped rows go, where the output is a file."""
        if self.output is None:
            return None
        name, ending = endless(self.output)
        return self.output.with_name(f"{name}.dropped{ending}")


def section_key(stage: str, key: str) -> str:
    """Return where an option of a stage alone stands in its recipe.

    Raises:
        InputError: No stage of that name can be run alone.
    """
    if stage not in SECTIONS:
        legal = ", ".join(SECTIONS)
        raise InputError(f"no stage {stage!r} can be run alone{nearest(stage, SECTIONS)}: {legal}")
    if stage != "distil":
        return f"{SECTIONS[stage]}.0.{key}"
    if key.partition(".")[0] in TeacherSpec.model_fields:
        return f"distil.teachers.0.{key}"
    return f"distil.{key}"


def begin(stage: str) -> Document:
    """Return the recipe of a stage alone, as far as every such recipe is alike."""
    document = Document("{}", stage)
    document.put("name", stage, "the stage")
    if stage in ("verify", "filter", "convert"):
        document.put("sources.0.map.response", "response", "--map")
    return document


def apply(
    stage: str,
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    map: dict[str, str] | None = None,
    schema: str | None = None,
    run: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    allow_code: bool = False,
    listener: Listener | None = None,
    pause: Pause | None = None,
    **options: JsonValue,
) -> Run:
    """Run one stage on a file.

    The output holds the input's columns and the stage's; what was dropped goes to a file beside
    it. The books, the parts and, for `distil`, the journal are kept in a run directory, so that the
    same call continues where it was stopped, and `Run` can be asked about every row.

    Args:
        stage: A key of `SECTIONS`.
        source: A file (`.jsonl`, `.jsonl.zst`, `.json`, `.parquet`) or a folder of one kind.
        output: The file to write, with one of the same endings.
        map: Field of a problem (`problem`, `reference_answer`, `response`, ...) to its column.
        schema: Name of the input's row schema, such as `am-1.4m`.
        run: The run directory; by default the output's name with `.run`.
        overwrite: Whether the output may replace a file that no run of potstill made.
        allow_code: Whether plug-ins may be named by file.
        listener: Told of every event as it happens.
        pause: Set its `requested` to stop cleanly.
        **options: Keys of the stage's section in a recipe: `use`, `where`, the plug-in's options;
            for `distil` also those of its one teacher.

    Returns:
        The run, complete.

    Raises:
        InputError: The input, the output or an option is not usable.
        RunError: The stage could not be finished.
        Paused: It stopped cleanly; the same call continues it.
    """
    document = begin(stage)
    for key, value in options.items():
        document.put(section_key(stage, key), value, f"{key}=")
    for field, column in (map or {}).items():
        document.put(f"sources.0.map.{field}", column, "map=")
    if schema is not None:
        document.put("sources.0.schema", schema, "schema=")
    files = Files(Path(source), Path(output), Path(run) if run is not None else None)
    with opened(stage, files, overwrite=overwrite) as directory:
        return work(
            stage, files, directory, document, allow_code=allow_code, listener=listener, pause=pause
        )


@contextmanager
def opened(stage: str, files: Files, *, overwrite: bool) -> Generator[Path]:
    """Yield the run directory, a temporary one where none can be named after the output.

    Raises:
        InputError: The output can't be written, or would replace what potstill did not make.
    """
    if files.output is None and files.directory is None:
        if stage == "distil":
            raise InputError("answers cost money: name a folder for their journal by --run DIR")
        with TemporaryDirectory(prefix="potstill-") as name:
            yield Path(name)
        return
    directory = files.directory
    if files.output is not None:
        directory = directory or files.output.with_name(f"{files.output.name}.run")
        with explained(files.output):
            _check_output(files.output, files, directory, overwrite=overwrite)
    assert directory is not None
    yield directory


def _check_output(output: Path, files: Files, directory: Path, *, overwrite: bool) -> None:
    RowWriter(output)
    if files.source is not None and output.exists() and output.samefile(files.source):
        raise InputError(f"{output} is the input: name another file for the output")
    made = any((directory / mark).is_file() for mark in MARKS)
    if output.exists() and not (made or overwrite):
        raise InputError(
            f"{output} exists, and {directory} holds no run that made it: name another file, or "
            "replace it by --overwrite"
        )


def work(
    stage: str,
    files: Files,
    directory: Path,
    document: Document,
    *,
    allow_code: bool = False,
    listener: Listener | None = None,
    pause: Pause | None = None,
) -> Run:
    """Do the stage's work in `directory`, and write the output anew.

    Args:
        stage: Which stage.
        files: Where rows come from and go to.
        directory: The run directory.
        document: The recipe so far: the stage's section, and what is said of the source.
        allow_code: Whether plug-ins may be named by file.
        listener: Told of every event as it happens.
        pause: Set its `requested` to stop cleanly.

    Raises:
        InputError: The input or an option is not usable.
        RunError: The stage could not be finished.
        Paused: It stopped cleanly; the same call continues it.
    """
    source = spool(sys.stdin.buffer, directory) if files.source is None else files.source
    document.put("sources.0.path", os.fspath(source), "the input")
    recipe = read_document(document, Path.cwd(), allow_code=allow_code)
    journal = journal_path(directory, beside=directory.parent == ROOT)
    job = Job(
        journal,
        allow_code=allow_code,
        whole=stage != "convert",  # formats may use the columns that a schema makes
        promptless=stage in PROMPTLESS,
    )
    Session(
        directory,
        mark="recipe.yaml",
        text=dump(recipe),
        journal=journal,
        steps=steps(recipe, job),
        listener=listener,
        pause=pause,
    ).work()
    _write(files, tables(directory))
    return Run(directory)


def _write(files: Files, made: list[Table]) -> None:
    if files.output is None or files.dropped is None:
        for row in _rows(made[-1]):
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    _fill(files.output, _rows(made[-1]))
    _fill(files.dropped, (row.model_dump() for row in _dropped(made)))


def _fill(path: Path, rows: Iterator[_Row]) -> None:
    writer = RowWriter(path)
    try:
        for row in rows:
            writer.write(row)
        writer.close()
    finally:
        writer.abandon()


def _dropped(made: list[Table]) -> Iterator[Dropped]:
    for table in made:
        yield from table.dropped()


def _rows(table: Table) -> Iterator[_Row]:
    if table.stage == "export":
        for file in sorted(table.folder.glob("*/jsonl/*.jsonl")):
            with file.open(encoding="utf-8") as lines:
                yield from map(json.loads, lines)
        return
    for row in table.rows():
        yield _COLUMNS[table.stage](row) if isinstance(row, Sample) else _problem(table.stage, row)


def _problem(stage: str, problem: Problem) -> _Row:
    if stage != "label":
        return problem.extra
    values: _Row = {label.name: label.value for label in problem.labels}
    for field in values.keys() & {"category", "language"}:  # the source's own may stand
        values[field] = getattr(problem, field)
    labels: list[JsonValue] = [label.model_dump() for label in problem.labels]
    values["labels"] = labels
    return problem.extra | values


def _answered(sample: Sample) -> _Row:
    response = sample.response
    text = response.answer
    if response.think is not None:
        text = f"<think>\n{response.think}\n</think>\n\n{text}"
    own = ("teacher", "reasoning", "sample", "ending", "prompt_tokens", "completion_tokens")
    columns: _Row = {name: getattr(response, name) for name in own}
    return sample.problem.extra | {"response": text} | columns


def _tagged(sample: Sample) -> _Row:
    verdict = sample.verdicts[-1] if sample.verdicts else None
    return sample.problem.extra | {
        "outcome": sample.outcome,
        "reason": verdict.reason if verdict else "no_verifier",
        "verifier": verdict.verifier if verdict else None,
    }


def _untouched(sample: Sample) -> _Row:
    return sample.problem.extra


_COLUMNS = {"distil": _answered, "verify": _tagged, "filter": _untouched}
