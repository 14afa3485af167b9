"""One stage of one run: whether it must run, and its way from its input to its manifest."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import JsonValue

from potstill.engine.engines import Engine
from potstill.engine.local import Local
from potstill.engine.table import Table
from potstill.pipeline.inputs import stamp
from potstill.pipeline.shards import (
    SCRATCH,
    ShardTask,
    Written,
    clean,
    work_by_shard,
    written,
)
from potstill.pipeline.wiring import Step
from potstill.records import Dropped, Problem, Record, content_hash
from potstill.report.changes import changes
from potstill.stages.io import Pause, StageIO
from potstill.stages.line import LINE, StageInfo
from potstill.stages.tables import Decided, Tables, write
from potstill.storage.events import EventLog
from potstill.storage.files import explained, sweep_folder
from potstill.storage.manifest import Manifest, read_manifest, write_manifest
from potstill.storage.parts import PartShard, PartWriter, read_parts
from potstill.storage.shards import begin, is_begun
from potstill.version import VERSION

LOCAL = Local()


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
    engine: Engine = LOCAL
    """Where shards are worked on."""

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
        inputs = self._inputs()  # of before the work: a file that changes meanwhile is new
        resumes = is_begun(self.folder, self._identity(inputs))
        why = f"{reason}; what is done of it is kept" if resumes else reason
        self.events.emit("stage_started", stage=info.name, why=why)
        started = time.monotonic()
        if not resumes:
            clear(self.folder)
            with explained(self.folder):
                self.folder.mkdir()
        manifest = self._work(inputs)
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
        told = self._told() if self.step.tells else ()
        return (*rows, *map(stamp, self.step.files), *told)

    def _told(self) -> Iterator[str]:
        """Yield the hash of what each stage before this one has to tell."""
        for info in LINE[: LINE.index(self.step.info)]:
            if books := read_manifest(self.directory / info.folder):
                accounts: list[JsonValue] = [each.model_dump() for each in books.accounts]
                yield content_hash([books.settings, accounts, {**books.totals}])

    def _work(self, inputs: tuple[str, ...]) -> Manifest:
        info = self.step.info
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
            identity=self._identity(inputs),
        )
        try:
            for cautions in self.step.cautions:
                for text in cautions(io.scan()):
                    self.events.emit("caution", stage=info.name, text=text)
            written = self._do(io) or Written(kept.close(), dropped.close())
            clean(self.folder)
            return Manifest(
                potstill=VERSION,
                stage=info.name,
                rows="problem" if info.rows is Problem else "sample",
                settings=self.step.settings,
                inputs=inputs,
                accounts=io.balance(),
                parts=written.parts,
                dropped=written.dropped,
                exported=tuple(io.exported),
                totals=io.totals,
            )
        finally:
            self.engine.rest()
            kept.abandon()
            dropped.abandon()
            sweep_folder(self.folder)  # of workers that were ended

    def _do(self, io: StageIO[Any, Any]) -> Written | None:
        """Do the work; return the parts where they were written shard by shard."""
        step = self.step
        if step.decide is not None:
            return self._decide(io, step.decide)
        if step.shards is None:
            assert step.work is not None
            step.work(io)
            return None
        tasks = self._tasks()
        if len(first := list(islice(tasks, 2))) < 2:  # one process, and progress by row
            step.shards(io)
            return None
        tasks = chain(first, tasks)
        done = list(work_by_shard(io, tasks, step.shards, step.info, self.engine))
        if step.gathering is not None:
            step.gathering.check(done, self.folder)
        return written(done)

    def _tasks(self) -> Iterator[ShardTask]:
        if self.step.gathering is not None:
            yield from self.step.gathering.tasks()
        elif self.before is not None:
            info, manifest = self.before
            folder = self.directory / info.folder
            for number, part in enumerate(manifest.parts):
                yield ShardTask(number, partial(read_parts, folder, [part], info.rows))

    def _decide(self, io: StageIO[Any, Any], decide: Callable[..., Iterator[Decided]]) -> Written:
        """Look at the whole table, then write it shard by shard."""
        assert self.before is not None
        info, manifest = self.before
        shards = [PartShard(self.directory / info.folder, part) for part in manifest.parts]
        begin(self.folder, io.identity)
        tables = Tables(shards, self.folder / SCRATCH, partial(self._table, io))
        tasks = (ShardTask(i, tuple, (each,)) for i, each in enumerate(decide(io, tables)))
        return written(list(work_by_shard(io, tasks, write, self.step.info, self.engine)))

    def _table(
        self,
        io: StageIO[Any, Any],
        shards: Sequence[PartShard],
        folder: str,
        phase: str,
        alone: bool,
    ) -> Table:
        total = sum(shard.rows for shard in shards)

        def tell(rows: int) -> None:
            io.pause.check()
            io.progress(done=rows, total=total, phase=phase)

        place = self.folder / SCRATCH / folder
        with explained(place):
            place.mkdir(parents=True, exist_ok=True)
        return Table(shards, Local(1) if alone else self.engine, place, tell)

    def _identity(self, inputs: tuple[str, ...]) -> str:
        return content_hash([VERSION, self.step.settings, *inputs])

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
