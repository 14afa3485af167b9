"""One process at work in a run directory: its lock, its log, and its stages in order."""

import os
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from potstill.engine.engines import open_engine
from potstill.errors import InputError, Paused, PotstillError, RunError, StorageError
from potstill.pipeline.lock import RunLock
from potstill.pipeline.stage import Done, StageRun, clear
from potstill.pipeline.wiring import Step
from potstill.recipe.model import EngineSpec
from potstill.records import to_json
from potstill.registry import nearest
from potstill.report.status import LOCK
from potstill.report.tables import MARKS, folders
from potstill.stages.io import Pause
from potstill.storage.events import LOG, Event, EventLog, Listener
from potstill.storage.files import explained, partials, write_text
from potstill.storage.manifest import read_manifest
from potstill.version import VERSION

MANIFEST = "manifest.json"
"""File in a run directory that is there while every stage is complete."""


class Session(NamedTuple):
    """What is to be done in a run directory."""

    directory: Path
    """The run directory, which is made."""
    mark: str
    """Which of `MARKS` the directory gets."""
    text: str
    """What the mark holds: the recipe or the task, as it ran."""
    journal: Path
    """Where answers are kept."""
    steps: Sequence[Step]
    """The stages, in order."""
    engine: EngineSpec = EngineSpec()
    """Where shards are worked on."""
    again: str | None = None
    """Stage from which everything is done again."""
    listener: Listener | None = None
    """Told of every event as it happens."""
    pause: Pause | None = None
    """Set its `requested` to stop cleanly."""

    def work(self) -> list[Done]:
        """Do every stage that is due, and return them all, complete.

        Raises:
            InputError: The directory is not usable, or `again` names no stage.
            RunError: A stage could not be finished, or another process works there.
            Paused: It stopped cleanly.
        """
        self._check_again()
        with held(self.directory) as lock:
            self._check_manifests()
            return self._work(lock)

    def _check_again(self) -> None:
        names = [step.info.name for step in self.steps]
        if self.again is not None and self.again not in names:
            raise InputError(
                f"the run has no stage {self.again!r}{nearest(self.again, names)} to start again "
                f"from: {', '.join(names)}"
            )

    def _check_manifests(self) -> None:
        """Read what the run would build on, before anything in the directory is changed.

        Raises:
            StorageError: A manifest is damaged, or of another version of potstill.
        """
        for folder in self._kept():
            read_manifest(self.directory / folder)

    def _kept(self) -> list[str]:
        """Return the folders of the stages that are not done again in any case."""
        names = [step.info.name for step in self.steps]
        first = names.index(self.again) if self.again else len(names)
        return [step.info.folder for step in self.steps[:first]]

    def _work(self, lock: RunLock) -> list[Done]:
        def tell(event: Event) -> None:
            lock.check()  # where the directory is gone, each event says so before more is paid for
            if self.listener is not None:
                self.listener(event)

        write_text(self.directory / self.mark, self.text)
        events = EventLog(self.directory / LOG, tell)
        started = time.monotonic()
        where = {"directory": os.fspath(self.directory), "journal": os.fspath(self.journal)}
        try:
            events.emit("run_started", **where)
            done = self._stages(events)
        except BaseException as error:
            with suppress(StorageError):  # what stopped the run is to be told, not what follows
                events.emit("run_stopped", **_end(error), seconds=_since(started))
            raise
        else:
            events.emit("run_finished", seconds=_since(started))
        finally:
            events.close()
        return done

    def _stages(self, events: EventLog) -> list[Done]:
        with explained(self.directory):
            (self.directory / MANIFEST).unlink(missing_ok=True)  # not complete until the end
        anew = self._clear()
        done: list[Done] = []
        spec = self.engine
        pause = self.pause or Pause()
        verifies = any(step.info.name == "verify" for step in self.steps)
        preload = ("math_verify",) if verifies else ()
        with open_engine(spec.use, spec.workers, spec.address, self.directory, preload) as engine:
            for step in self.steps:
                before = done[-1] if done else None
                why = f"done again, from {self.again} on" if step.info.folder in anew else None
                run = StageRun(self.directory, step, before, events, pause, why, engine)
                done.append(run.run())
        books: JsonValue = {
            each.info.name: [account.model_dump() for account in each.manifest.accounts]
            for each in done
        }
        text = to_json({"potstill": VERSION, "stages": books})
        write_text(self.directory / MANIFEST, text + "\n")
        return done

    def _clear(self) -> set[str]:
        """Remove the stages that the run no longer has, and those to be done again, last first.

        Return the names of the folders that there were.
        """
        kept = self._kept()
        gone = [f for _, f in reversed(folders(self.directory)) if f.name not in kept]
        for folder in gone:
            clear(folder)
        return {folder.name for folder in gone}


def _end(error: BaseException) -> dict[str, JsonValue]:
    """Return what is told of a session that `error` ends: a sentence, and the exit code."""
    if isinstance(error, PotstillError):
        return {"error": str(error), "code": error.exit_code}
    code = Paused.exit_code if isinstance(error, KeyboardInterrupt) else RunError.exit_code
    return {"error": type(error).__name__, "code": code}


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


@contextmanager
def held(directory: Path) -> Generator[RunLock]:
    """Make the run directory, and let nobody else work there until the context is left.

    Raises:
        InputError: The directory is not usable.
        RunError: Another process works there.
        StorageError: The directory can't be made or written.
    """
    _prepare(directory)
    with RunLock(directory) as lock:
        yield lock


def _prepare(directory: Path) -> None:
    path = os.fspath(directory.absolute())
    if path != path.encode(errors="replace").decode():
        raise InputError(f"{os.fspath(directory)!r} is not UTF-8: name another directory")
    with explained(directory):
        if directory.exists() and not directory.is_dir():
            raise InputError(f"{directory} is a file; a run needs a directory")
        directory.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in directory.iterdir()}
        begun = {path.name for mark in MARKS for path in partials(directory / mark)}
    foreign = names - {LOCK, "journal", "input"} - begun
    if foreign and not names & set(MARKS):
        raise InputError(
            f"{directory} is no run directory and not empty: it holds {min(foreign)!r}; "
            "name another directory"
        )
