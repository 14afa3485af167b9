"""The stages of a run as they lie on the disk: their manifests, kept rows and dropped rows."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from potstill.errors import InputError
from potstill.records import Dropped, Problem, Sample
from potstill.stages.line import journal_path
from potstill.storage.manifest import Manifest, read_manifest
from potstill.storage.parts import find, read_columns, read_parts


class Table(NamedTuple):
    """One complete stage of a run."""

    stage: str
    """Its name."""
    folder: Path
    """Where its files lie."""
    manifest: Manifest
    """Its books and its parts."""

    def rows(self) -> Iterator[Problem | Sample]:
        """Yield the rows that it kept, in order."""
        if self.manifest.rows == "problem":
            yield from read_parts(self.folder, self.manifest.parts, Problem)
        else:
            yield from read_parts(self.folder, self.manifest.parts, Sample)

    def dropped(self) -> Iterator[Dropped]:
        """Yield the rows that it dropped, in order."""
        yield from read_parts(self.folder, self.manifest.dropped, Dropped)

    def find_problems(self, column: str, prefix: str) -> Iterator[Problem]:
        """Yield the kept problems whose text in `column` begins with `prefix`."""
        return find(self.folder, self.manifest.parts, Problem, column, prefix)

    def find_samples(self, column: str, prefix: str) -> Iterator[Sample]:
        """Yield the kept samples whose text in `column` begins with `prefix`."""
        return find(self.folder, self.manifest.parts, Sample, column, prefix)

    def row_ids(self, end: str) -> Iterator[str]:
        """Yield the ids of the rows, kept or dropped, whose last parts are `end`."""
        for parts in (self.manifest.parts, self.manifest.dropped):
            for row in read_columns(self.folder, parts, ["row_id"]):
                if str(row["row_id"]).endswith((f":{end}", f"/{end}")):
                    yield str(row["row_id"])

    def find_dropped(self, row_id: str) -> Iterator[Dropped]:
        """Yield the dropped rows whose `row_id` begins with that."""
        return find(self.folder, self.manifest.dropped, Dropped, "row_id", row_id)


MARKS = ("recipe.yaml", "task.yaml")
"""Files of which each run directory has one: a recipe, or the task of a stage alone."""


def folders(directory: Path) -> list[tuple[str, Path]]:
    """Return each stage that has a folder, complete or not, with its folder, in order.

    Raises:
        InputError: `directory` is no run directory.
    """
    if not any((directory / mark).is_file() for mark in MARKS):
        raise InputError(f"{directory} is no run directory: it has no {' or '.join(MARKS)}")
    found = (re.fullmatch(r"[0-9]{2}-([a-z]+)", path.name) for path in sorted(directory.iterdir()))
    return [(match[1], directory / match[0]) for match in found if match]


def find_journal(directory: Path) -> Path | None:
    """Return the journal of a run; None where it was moved away from it, or never asked."""
    paths = (journal_path(directory, beside=beside) for beside in (False, True))
    return next(filter(Path.is_file, paths), None)


def tables(directory: Path) -> list[Table]:
    """Return the complete stages of a run, in order.

    Raises:
        InputError: `directory` is no run directory.
        StorageError: A manifest is damaged, or of another version of potstill.
    """
    read = ((name, folder, read_manifest(folder)) for name, folder in folders(directory))
    return [Table(name, folder, manifest) for name, folder, manifest in read if manifest]
