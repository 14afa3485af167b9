"""The rows of a stage that looks at all of them before it writes any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
from pydantic import JsonValue

from potstill.engine.table import Table
from potstill.records import Contamination, Problem
from potstill.stages.io import StageIO
from potstill.storage.parts import PartShard

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Tables(NamedTuple):
    """Opens the stage's rows as tables."""

    shards: Sequence[PartShard]
    """All rows."""
    folder: Path
    """Where the stage keeps what it needs while it works."""
    open: Callable[[Sequence[PartShard], str, str, bool], Table]
    """Makes a table: `open(shards, folder, phase, alone)`, where `folder` names the place of its
    results, `phase` is what a person is told meanwhile, and `alone` keeps to this process."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return sum(shard.rows for shard in self.shards)

    def all(self, folder: str, phase: str, *, alone: bool = False) -> Table:
        """Return all rows as a table, which `alone` is worked on in this process."""
        return self.open(self.shards, folder, phase, alone)

    def chosen(self, folder: str, phase: str, chosen: NDArray[np.bool_]) -> Table:
        """Return the rows for which `chosen` holds as a table."""
        some, start = list[PartShard](), 0
        for shard in self.shards:
            some.append(shard._replace(chosen=chosen[start : start + shard.rows].tobytes()))
            start += shard.rows
        return self.open(some, folder, phase, False)


class Decision(NamedTuple):
    """What becomes of a row that does not pass as it is."""

    rule: str
    """The rule that says so."""
    reason: str
    """Why it is dropped."""
    evidence: Mapping[str, JsonValue]
    """What shows that."""
    tag: Contamination | None = None
    """What the row is tagged with, if it is to stay."""


class Decided(NamedTuple):
    """A shard and what becomes of its rows: all that is needed to write it."""

    shard: PartShard
    """The rows."""
    decisions: Mapping[int, Decision]
    """By the row's place in the shard; the others pass as they are."""


def write(io: StageIO[Problem, Problem], decided: Decided) -> None:
    """Write one shard's rows.

    Args:
        io: Where problems go; none come in by it.
        decided: The rows, and what becomes of them.
    """
    start = 0
    for batch in decided.shard.batches():
        marks = [start + i in decided.decisions for i in range(len(batch))]
        places = [start + i for i, mark in enumerate(marks) if mark]
        rows = batch.filter(pa.array(marks)).to_pylist()
        io.ledger.entered += len(batch)
        stay: dict[int, Problem] = {}
        for place, row in zip(places, rows, strict=True):
            decision, problem = decided.decisions[place], Problem.model_validate(row)
            if decision.tag is None:
                io.drop(problem, decision.rule, decision.reason, **decision.evidence)
            else:
                tagged = problem.model_copy(update={"contamination": decision.tag})
                stay[place - start] = tagged
        _keep(io, pa.table(batch), marks, stay)
        start += len(batch)


def _keep(
    io: StageIO[Problem, Problem], rows: pa.Table, marks: Sequence[bool], stay: dict[int, Problem]
) -> None:
    """Pass on the rows without a mark, and in their places the tagged ones."""
    places = [i for i, mark in enumerate(marks) if i in stay or not mark]
    if stay:
        tagged = pa.Table.from_pylist([row.model_dump() for row in stay.values()], rows.schema)
        rows = pa.concat_tables([rows, tagged])
        at = dict(zip(stay, range(len(marks), len(rows)), strict=True))
        places = [at.get(i, i) for i in places]
    io.keep_table(rows.take(pa.array(places, pa.int64())))
