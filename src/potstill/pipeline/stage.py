"""One stage of one run: whether it must run, and its way from its input to its manifest."""

import shutil
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import JsonValue

from potstill.pipeline.wiring import Step, stamp
from potstill.records import Dropped, Problem, Record, content_hash
from potstill.report.changes import changes
from potstill.stages.io import Pause, StageIO
from potstill.stages.line import StageInfo
from potstill.storage.events import EventLog
from potstill.storage.files import explained
from potstill.storage.manifest import Manifest, read_manifest, write_manifest
from potstill.storage.parts import PartWriter, read_parts
from potstill.version import VERSION


class Done(NamedTuple):
    """A complete stage."""

    info: StageInfo
    manifest: Manifest


class StageRun(NamedTuple):
    """One stage of one run."""

    directory: Path
    """The run directory."""
    step: Step
    """Which stage, and what it does."""
    before: Done | None
    """The stage whose rows it reads; None for the first."""
    events: EventLog
    """Told of what happens."""
    pause: Pause
    """Looked at between two rows."""
    why: str | None = None
    """Why it must run, whatever lies there; None where nobody said so."""

    @property
    def folder(self) -> Path:
        """Where the stage's files lie."""
        return self.directory / self.step.info.folder

    def run(self) -> Done:
        """Return the stage complete, after running it where that is needed."""
        info = self.step.info
        found = read_manifest(self.folder)
        reason = self.why or self._reason(found)
        if found is not None and reason is None:
            self.events.emit("stage_skipped", stage=info.name)
            return Done(info, found)
        self.events.emit("stage_started", stage=info.name, why=reason)
        started = time.monotonic()
        clear(self.folder)
        with explained(self.folder):
            self.folder.mkdir()
        manifest = self._work()
        write_manifest(self.folder, manifest)
        self.events.emit(
            "stage_finished",
            stage=info.name,
            accounts=[account.model_dump() for account in manifest.accounts],
            seconds=round(time.monotonic() - started, 3),
        )
        return Done(info, manifest)

    def reason(self) -> str | None:
        """Return why the stage must run, or None if what lies there is what it would make."""
        return self.why or self._reason(read_manifest(self.folder))

    def _reason(self, found: Manifest | None) -> str | None:
        return _reason(self.folder, found, self.step.settings, self._inputs())

    def _inputs(self) -> tuple[str, ...]:
        rows = [part.sha256 for part in self.before.manifest.parts] if self.before else []
        return (*rows, *map(stamp, self.step.files))

    def _work(self) -> Manifest:
        info = self.step.info
        inputs = self._inputs()  # of before the work: a file that changes meanwhile is new
        kept = PartWriter(self.folder, info.rows)
        dropped = PartWriter(self.folder, Dropped, prefix="dropped")
        io: StageIO[Any, Any] = StageIO(
            info.name,
            self._rows(),
            kept=kept,
            dropped=dropped,
            folder=self.folder,
            events=self.events,
            pause=self.pause,
            total=sum(p.rows for p in self.before.manifest.parts) if self.before else None,
            identity=content_hash([self.step.settings, *inputs]),
        )
        try:
            for cautions in self.step.cautions:
                for text in cautions(io.scan()):
                    self.events.emit("caution", stage=info.name, text=text)
            self.step.work(io)
            return Manifest(
                potstill=VERSION,
                stage=info.name,
                rows="problem" if info.rows is Problem else "sample",
                settings=self.step.settings,
                inputs=inputs,
                accounts=io.balance(),
                parts=kept.close(),
                dropped=dropped.close(),
                exported=tuple(io.exported),
                totals=io.totals,
            )
        finally:
            kept.abandon()
            dropped.abandon()

    def _rows(self) -> Callable[..., Iterable[Record]]:
        if self.before is None:
            return self.step.read
        info, manifest = self.before
        return partial(read_parts, self.directory / info.folder, manifest.parts, info.rows)


def clear(folder: Path) -> None:
    """Remove a stage's folder and all that lies in it.

    Raises:
        StorageError: It can't be removed.
    """
    if not folder.is_dir():
        return
    with explained(folder):
        # The manifest goes first: without it, whatever is left counts as not complete.
        (folder / "manifest.json").unlink(missing_ok=True)
        shutil.rmtree(folder)


def _reason(
    folder: Path,
    found: Manifest | None,
    settings: dict[str, JsonValue],
    inputs: tuple[str, ...],
) -> str | None:
    """Return why a stage must run, or None if what lies there is what it would make."""
    if found is None:
        return "not complete"
    if found.potstill != VERSION:
        return f"made by potstill {found.potstill}"
    if found.settings != settings:
        return f"its settings changed: {'; '.join(changes(found.settings, settings))}"
    if found.inputs != inputs:
        return "its input changed"
    if found.totals.get("unanswered"):
        return f"{found.totals['unanswered']} calls are still without an answer"
    written = (*found.parts, *found.dropped, *found.exported)
    missing = (part.name for part in written if not (folder / part.name).is_file())
    return next((f"{name} is missing" for name in missing), None)
