"""A stage's work shard by shard: in several processes or machines, and resumed where it stopped."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from potstill.engine.engines import Engine
from potstill.records import Dropped, Record
from potstill.stages.io import StageIO
from potstill.stages.line import StageInfo
from potstill.storage.events import EventLog
from potstill.storage.files import explained
from potstill.storage.parts import Part, PartWriter
from potstill.storage.shards import LOG, ShardDone, ShardLog, read_done

SCRATCH = "scratch"
"""Folder in a stage's folder for what it needs while it works."""


class ShardTask(NamedTuple):
    """One shard to work on."""

    number: int
    """Which one, counted from 0."""
    rows: Callable[[], Iterable[Record]]
    """Opens its rows; can be pickled."""
    given: tuple[object, ...] = ()
    """What else its work needs; can be pickled."""


class ShardWork(NamedTuple):
    """What is done with each shard; can be pickled."""

    info: StageInfo
    """Which stage."""
    folder: Path
    """The stage's folder."""
    work: Callable[..., None]
    """Does the work on the rows of a `StageIO`, with what the task gives."""

    def __call__(self, task: ShardTask) -> ShardDone:
        """Work on one shard, and write its parts.

        Raises:
            PotstillError: The rows can't be read, or the parts not written.
        """
        kept = PartWriter(self.folder, self.info.rows, number=task.number)
        dropped = PartWriter(self.folder, Dropped, prefix="dropped", number=task.number)
        io: StageIO[Any, Any] = StageIO(
            self.info.name,
            task.rows,
            kept=kept,
            dropped=dropped,
            folder=self.folder,
            events=EventLog(None),
        )
        try:
            self.work(io, *task.given)
            accounts = io.balance()
            parts, out = kept.close(), dropped.close()
        finally:
            kept.abandon()
            dropped.abandon()
        return ShardDone(
            number=task.number, parts=parts, dropped=out, accounts=accounts, totals=io.totals
        )


class Written(NamedTuple):
    """The parts that a stage has written."""

    parts: tuple[Part, ...]
    """The rows that it kept."""
    dropped: tuple[Part, ...]
    """The rows that it dropped."""


def work_by_shard(
    io: StageIO[Any, Any],
    tasks: Iterable[ShardTask],
    work: Callable[..., None],
    info: StageInfo,
    engine: Engine,
) -> Iterator[ShardDone]:
    """Yield what was made of each shard, those of an earlier session first; the books are `io`'s.

    Args:
        io: The stage's books and progress.
        tasks: The shards, in order: the same ones in every session.
        work: What is done with each of them.
        info: Which stage.
        engine: Where that is done.

    Raises:
        RunError: A shard could not be finished.
        Paused: Somebody asked to stop; what is done is kept.
    """
    done = read_done(io.folder, io.identity)
    with ShardLog(io.folder, io.identity, done) as log:
        for each in done:
            io.add(each.accounts, each.totals)
            yield each
        job = ShardWork(info, io.folder, work)
        for each in engine.map(job, islice(tasks, len(done), None)):
            io.pause.check()
            log.add(each)
            io.add(each.accounts, each.totals)
            io.progress()
            yield each


def clean(folder: Path) -> None:
    """Remove what the stage needed while it worked; its manifest comes next.

    Raises:
        StorageError: It can't be removed.
    """
    with explained(folder):
        (folder / LOG).unlink(missing_ok=True)
        if (folder / SCRATCH).exists():
            shutil.rmtree(folder / SCRATCH)


def written(done: Sequence[ShardDone]) -> Written:
    """Return the parts of all shards, in their order."""
    return Written(
        tuple(part for each in done for part in each.parts),
        tuple(part for each in done for part in each.dropped),
    )
