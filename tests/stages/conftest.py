"""A scripted teacher in a thread, and distil on a few problems."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from potstill.engine.local import Local
from potstill.engine.table import Table
from potstill.recipe import DistilSpec
from potstill.records import Dropped, Message, Problem, Sample
from potstill.stages.distil import distil
from potstill.stages.io import Pause, StageIO
from potstill.stages.tables import Decided, Tables, write
from potstill.storage.events import Event, EventLog
from potstill.storage.journal import Journal
from potstill.storage.parts import PartShard, PartWriter, read_parts


class Rows(list):
    def write(self, row: object) -> None:
        self.append(row)


class Done(NamedTuple):
    """What a stage did."""

    samples: list[Sample]
    dropped: Rows
    events: list[Event]
    io: StageIO

    @property
    def requests(self) -> int:
        """Requests that were sent."""
        return sum(int(str(e["requests"])) for e in self.events if e["event"] == "asked")

    @property
    def reused(self) -> int:
        """Calls that needed no asking."""
        return sum(int(str(e["reused"])) for e in self.events if e["event"] == "asked")

    @property
    def endings(self) -> Counter[str]:
        """How the calls ended, by the books."""
        account = self.io.accounts[1]
        return account.tally + account.dropped


def problems(count: int) -> list[Problem]:
    return [
        Problem(
            source="s",
            file="f",
            line=line,
            messages=(Message(role="user", content=f"What is {line} + {line}?"),),
            category="math" if line % 2 else "chat",
        )
        for line in range(1, count + 1)
    ]


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Done]:
    """Distil problems in one run directory, with one journal."""

    def ask(
        spec: dict,
        count: int = 10,
        *,
        journal: str = "journal",
        listener: Callable[[Event], None] | None = None,
        pause: Pause | None = None,
        done: list[Done] | None = None,
    ) -> Done:
        rows, events, kept, dropped = problems(count), [], Rows(), Rows()

        def listen(event: Event) -> None:
            events.append(event)
            if listener is not None:
                listener(event)

        folder = tmp_path / "run" / "distil"
        folder.mkdir(parents=True, exist_ok=True)
        io = StageIO(
            "distil",
            lambda start=0: rows[start:],
            kept=kept,
            dropped=dropped,
            folder=folder,
            events=EventLog(None, listen),
            pause=pause,
            total=count,
            identity="rows",
        )
        result = Done(kept, dropped, events, io)
        if done is not None:
            done.append(result)
        with Journal(tmp_path / journal) as opened:
            distil(io, DistilSpec.model_validate(spec), opened)
        return result

    return ask


class Out(NamedTuple):
    """What a stage that decides on rows has written."""

    kept: list[Problem]
    dropped: list[Dropped]


@pytest.fixture
def decided(tmp_path: Path) -> Callable[..., Out]:
    """Take problems through a stage that decides, in parts of three, and look at its books."""

    def open_table(shards: Sequence[PartShard], name: str, phase: str, alone: bool) -> Table:
        place = tmp_path / "scratch" / name
        place.mkdir(parents=True)
        return Table(shards, Local(1), place)

    def decided(problems: Sequence[Problem], decide: Callable[[Tables], Iterable[Decided]]) -> Out:
        writer = PartWriter(tmp_path, Problem, part_rows=3)
        for each in problems:
            writer.write(each)
        shards = [PartShard(tmp_path, part) for part in writer.close()]
        (tmp_path / "out").mkdir()
        kept = PartWriter(tmp_path / "out", Problem)
        dropped = PartWriter(tmp_path / "out", Dropped, prefix="dropped")
        io = StageIO(
            "test", tuple, kept=kept, dropped=dropped, folder=tmp_path, events=EventLog(None)
        )
        for each in decide(Tables(shards, tmp_path / "scratch", open_table)):
            write(io, each)
        [account] = io.balance()
        assert account.entered == len(problems)
        return Out(
            list(read_parts(tmp_path / "out", kept.close(), Problem)),
            list(read_parts(tmp_path / "out", dropped.close(), Dropped)),
        )

    return decided
