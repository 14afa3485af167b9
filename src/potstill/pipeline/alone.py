"""A stage alone on a file: a run of a recipe with this stage only, and its rows in one file."""

import os
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pydantic import JsonValue

from potstill import registry
from potstill.errors import InputError
from potstill.models.endpoints import Sites
from potstill.pipeline.cautions import check_keys
from potstill.pipeline.job import Job
from potstill.pipeline.output import write_output
from potstill.pipeline.pins import pinned
from potstill.pipeline.runs import Run
from potstill.pipeline.session import Session
from potstill.pipeline.target import ROOT
from potstill.pipeline.wiring import Step, steps
from potstill.recipe import Recipe, TeacherSpec, dump, read_dumped
from potstill.recipe.document import Document
from potstill.recipe.load import read_document
from potstill.recipe.model import OFF
from potstill.recipe.places import KINDS
from potstill.records import Sample
from potstill.registry import nearest
from potstill.report.confusion import label_of
from potstill.report.tables import MARKS, tables
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


class Files(NamedTuple):
    """Where the rows of a stage alone come from and go to."""

    source: str | None
    """A file, folder, pattern or address; None for JSON Lines on standard input."""
    output: Path | None
    """A file, by whose ending it is written; None for JSON Lines on standard output."""
    directory: Path | None = None
    """The run directory; by default the output's name with `.run`."""
    expected: str | None = None
    """Column of labels to compare verdicts with."""

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
    if stage != "decontaminate":
        document.put("decontaminate", OFF, "the stage")
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
        source: A file (`.jsonl`, `.json`, `.csv`, packed by zstandard or gzip or not, `.parquet`),
            a folder of one kind, a pattern, or an address at `s3://` or `hf://datasets/`.
        output: The file to write: `.jsonl`, `.jsonl.zst`, `.json` or `.parquet`.
        map: Field of a problem (`problem`, `reference_answer`, `response`, ...) to its column; for
            `verify` also `expected` to a column of labels, which `Run.confusion` compares with.
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
    fields = dict(map or {})
    expected = fields.pop("expected", None) if stage == "verify" else None
    for field, column in fields.items():
        document.put(f"sources.0.map.{field}", column, "map=")
    if schema is not None:
        document.put("sources.0.schema", schema, "schema=")
    directory = Path(run) if run is not None else None
    files = Files(os.fspath(source), Path(output), directory, expected)
    with opened(stage, files, overwrite=overwrite) as folder:
        return work(
            stage,
            files,
            folder,
            document,
            overwrite=overwrite,
            allow_code=allow_code,
            listener=listener,
            pause=pause,
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
    if output.exists() and files.source is not None and _is_same(output, files.source):
        raise InputError(f"{output} is the input: name another file for the output")
    made = any((directory / mark).is_file() for mark in MARKS)
    if output.exists() and not (made or overwrite):
        raise InputError(
            f"{output} exists, and {directory} holds no run that made it: name another file, or "
            "replace it by --overwrite"
        )


def _is_same(output: Path, source: str) -> bool:
    return os.path.exists(source) and output.samefile(source)


def work(
    stage: str,
    files: Files,
    directory: Path,
    document: Document,
    *,
    overwrite: bool = False,
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
        overwrite: Whether the output of another stage or input may be replaced.
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
    recipe = pinned(read_document(document, Path.cwd(), allow_code=allow_code), directory)
    if not getattr(recipe, SECTIONS[stage]):
        raise InputError(_what_is_missing(stage))
    if recipe.judges and files.output is None and files.directory is None:
        raise InputError("answers cost money: name a folder for their journal by --run DIR")
    check_keys(recipe)
    if not overwrite:
        _check_same(stage, recipe, directory, files)
    journal = journal_path(directory, beside=directory.parent == ROOT)
    job = Job(
        journal,
        allow_code=allow_code,
        alone=stage,
        run=directory.resolve().name,
        sites=Sites(),
        prices=recipe.prices,
    )
    Session(
        directory,
        mark="recipe.yaml",
        text=dump(recipe),
        journal=journal,
        steps=[_checking(step, files.expected) for step in steps(recipe, job)],
        listener=listener,
        pause=pause,
    ).work()
    write_output(tables(directory), files.output, files.dropped, expected=files.expected)
    return Run(directory)


def _checking(step: Step, expected: str | None) -> Step:
    """Return a step that looks at every label before the first response is judged."""
    if expected is None or step.info.name != "verify":
        return step
    return step._replace(cautions=(*step.cautions, partial(_check_labels, expected)))


def _check_labels(column: str, samples: Iterable[Sample]) -> Iterator[str]:
    for sample in samples:
        label_of(sample, column)
    yield from ()


def _what_is_missing(stage: str) -> str:
    if stage == "distil":
        return "distil needs to know whom to ask: --model and --base-url, or --local"
    kind = KINDS[SECTIONS[stage]]
    option = "--to" if stage == "convert" else "--use"
    return f"{stage} needs {option}: {', '.join(registry.names(kind))}"


def _check_same(stage: str, recipe: Recipe, directory: Path, files: Files) -> None:
    """Refuse to replace what another stage, or the same one, made of another input."""
    if not (directory / "recipe.yaml").is_file():
        return
    before = read_dumped(directory / "recipe.yaml")
    if (before.name, before.sources[0].path) != (stage, recipe.sources[0].path):
        raise InputError(
            f"{files.output or directory} holds what {before.name} made of "
            f"{before.sources[0].path}: name another file, or replace it by --overwrite"
        )
