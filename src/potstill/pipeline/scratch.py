"""A run that leaves no trace: the stages that cost nothing, in a temporary directory."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from potstill.pipeline.stage import Done, StageRun
from potstill.pipeline.target import MARK, Target
from potstill.pipeline.wiring import Step
from potstill.records import Problem
from potstill.stages.io import Pause
from potstill.storage.events import EventLog
from potstill.storage.files import explained, write_text
from potstill.storage.manifest import NAME, read_manifest
from potstill.storage.parts import read_parts


class Rehearsed(NamedTuple):
    """A stage that was done for real, in the temporary directory."""

    done: Done
    """What it made."""
    due: str | None
    """Why it had to be done; None where the run has it already."""


class Scratch(NamedTuple):
    """A temporary run directory with every stage before the first answer."""

    directory: Path
    """The temporary directory."""
    stages: list[Rehearsed]
    """The stages that pass on problems."""

    @property
    def last(self) -> Done:
        """The stage whose problems the teachers get."""
        return self.stages[-1].done

    def problems(self) -> Generator[Problem]:
        """Yield the problems that the teachers get, in order."""
        folder = self.directory / self.last.info.folder
        yield from read_parts(folder, self.last.manifest.parts, Problem)


@contextmanager
def rehearsed(target: Target, events: EventLog, pause: Pause) -> Generator[Scratch]:
    """Do the stages before the first answer beside the run, and remove them in the end.

    Stages that the run has already are taken over, not done again; the run itself stays as it is.

    Args:
        target: What is run, and where.
        events: Told of the progress.
        pause: Looked at between two rows.

    Raises:
        InputError: The data is not usable.
        RunError: A stage could not be finished.
        Paused: Somebody asked to stop.
    """
    beside = target.directory.resolve().parent
    while not beside.is_dir():  # nothing is made that would stay
        beside = beside.parent
    with explained(beside):
        folder = TemporaryDirectory(prefix=f".{target.directory.name}.", dir=beside)
    with folder as name:
        directory, stages = Path(name), list[Rehearsed]()
        write_text(directory / MARK, target.text)
        job = target.job._replace(is_rehearsal=True)
        for step in target._replace(job=job).steps:
            if step.info.rows is Problem:
                take_over(step, target.directory, directory)
                before = stages[-1].done if stages else None
                stage = StageRun(directory, step, before, events, pause)
                due = stage.reason()
                stages.append(Rehearsed(stage.run(), due))
        yield Scratch(directory, stages)


def take_over(step: Step, run: Path, directory: Path) -> None:
    """Link a complete stage of `run` into another run directory: parts are never changed."""
    there, here = run / step.info.folder, directory / step.info.folder
    manifest = read_manifest(there)
    if manifest is None:
        return
    with explained(here):
        here.mkdir()
        for part in (*manifest.parts, *manifest.dropped):
            with suppress(FileNotFoundError):  # the stage then says that it is missing
                _link(there / part.name, here / part.name)
        shutil.copyfile(there / NAME, here / NAME)


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except FileNotFoundError:
        raise
    except OSError:  # not every file system can
        shutil.copyfile(old, new)
