"""The rows of a run, chosen by a condition: as records, or as a flat table."""

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from potstill.errors import InputError
from potstill.recipe.columns import Table as Kind
from potstill.recipe.conditions import Condition
from potstill.records import Dropped, Problem, Sample
from potstill.registry import nearest
from potstill.report.destinations import Destination, Destinations
from potstill.report.flat import columns, flat, flat_schema
from potstill.report.tables import Table, folders, tables

if TYPE_CHECKING:
    import datasets  # pyright: ignore[reportMissingTypeStubs]
    import pandas  # pyright: ignore[reportMissingTypeStubs]
    import pyarrow as pa

BATCH = 500
"""Rows of a batch; one batch is held in memory."""


class Found(NamedTuple):
    """One row of a run."""

    row: Problem | Sample | Dropped
    """The row."""
    destination: Destination
    """Where it went; of a dropped row, nothing more."""


class Rows:
    """Some rows of a run, read anew from the disk whenever they are asked for."""

    def __init__(
        self,
        read: Callable[[], Iterator[Found]],
        kind: Kind,
        *,
        where: str | None = None,
        limit: int | None = None,
        total: int = 0,
    ) -> None:
        """Choose rows; nothing is read yet.

        Args:
            read: Opens all rows that there are to choose from.
            kind: What they are, and so which columns they have.
            where: A condition over these columns; all rows by default.
            limit: At most this many rows.
            total: How many there are to choose from.

        Raises:
            InputError: The condition is illegal, or the limit negative.
        """
        if limit is not None and limit < 0:
            raise InputError(f"limit must be at least 0, not {limit}")
        self.kind: Kind = kind
        self._read, self._where, self._limit, self.total = read, where, limit, total
        self._condition = None if where is None else Condition(where, kind)

    def __repr__(self) -> str:
        """Say what is chosen from how many rows, and how to get at it."""
        where = "" if self._where is None else f", where={self._where!r}"
        limit = "" if self._limit is None else f", limit={self._limit}"
        return (
            f"<Rows of {self.total:,} {self.kind} rows{where}{limit}: iterate over it, or call "
            "first(), arrow(), pandas() or dataset()>"
        )

    def found(self) -> Iterator[Found]:
        """Yield each row with where it went."""
        return islice(filter(self._matches, self._read()), self._limit)

    def _matches(self, found: Found) -> bool:
        return self._condition is None or bool(self._condition.evaluate(columns(*found)))

    def __iter__(self) -> Iterator[Problem | Sample | Dropped]:
        """Yield each row as the record that it is."""
        return (found.row for found in self.found())

    def first(self) -> Problem | Sample | Dropped | None:
        """Return the first row, or None where there is none."""
        return next(iter(self), None)

    def sample(self, count: int, seed: int = 0) -> list[Found]:
        """Return `count` rows drawn at random, in their order; the same for the same seed.

        All rows are read, and `count` are held in memory (Vitter's Algorithm R, 1985).
        """
        draw = random.Random(seed)
        kept: list[tuple[int, Found]] = []
        for number, found in enumerate(self.found()):
            at = number if number < count else draw.randint(0, number)
            if at < count:
                kept[at : at + 1] = [(number, found)]
        return [found for _, found in sorted(kept, key=lambda each: each[0])]

    @property
    def schema(self) -> "pa.Schema":
        """The columns of the table; `schema.field(NAME).metadata` says what one holds."""
        return flat_schema(self.kind)

    def batches(self) -> Iterator["pa.RecordBatch"]:
        """Yield the table in batches, so that it can be larger than the memory."""
        import pyarrow as pa

        rows, schema = self.found(), self.schema
        while batch := [flat(*found) for found in islice(rows, BATCH)]:
            yield pa.RecordBatch.from_pylist(batch, schema=schema)

    def arrow(self) -> "pa.Table":
        """Return the rows as an Arrow table, which is held in memory."""
        import pyarrow as pa

        return pa.Table.from_batches(self.batches(), self.schema)

    def pandas(self) -> "pandas.DataFrame":
        """Return the rows as a pandas data frame; whole numbers stay whole where some are null.

        Raises:
            InputError: pandas is not installed.
        """
        import pyarrow as pa

        pandas = _import("pandas")
        types: dict[pa.DataType, Any] = {
            pa.int64(): pandas.Int64Dtype(),
            pa.bool_(): pandas.BooleanDtype(),
        }
        table: Any = self.arrow()  # pandas has no types here
        return table.to_pandas(types_mapper=types.get)

    def dataset(self) -> "datasets.Dataset":
        """Return the rows as a Hugging Face dataset, which is held in memory.

        Raises:
            InputError: datasets is not installed.
        """
        return _import("datasets").Dataset(self.arrow())


def _import(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise InputError(
            f"{name} is not installed: pip install {name}, or where the environment has no pip, "
            f"python3 -m pip --python {sys.executable} install {name}"
        ) from None


def rows(
    directory: Path,
    *,
    where: str | None = None,
    stage: str | None = None,
    limit: int | None = None,
    dropped: bool = False,
) -> Rows:
    """Choose rows of a run.

    By default from the rows that verify tagged, whatever became of them: each says which later
    filter dropped it, or which datasets hold it. Of a run that verifies nothing these are the rows
    of its last stage before filter and export.

    Args:
        directory: The run directory.
        where: A condition over the columns of `recipe.columns`: of `RESULT_COLUMNS` for samples,
            `PROBLEM_COLUMNS` before distil, and `DROPPED_COLUMNS` with `dropped`.
        stage: The rows that this stage kept; of `export`, those that a dataset holds.
        limit: At most this many rows.
        dropped: The rows that the stage dropped instead or, without a stage, that any but the
            export did. Those of the export come once for each dataset that left them out.

    Raises:
        InputError: There is no such run or stage, or the condition is illegal.
        StorageError: A manifest is damaged.
    """
    found = complete(directory)
    if dropped:
        chosen = [_named(found, stage)] if stage else [t for t in found if t.stage != "export"]
        total = sum(part.rows for table in chosen for part in table.manifest.dropped)
        return Rows(lambda: _dropped(chosen), "dropped", where=where, limit=limit, total=total)
    table = _named(found, stage) if stage else _tagged(found)
    kind: Kind = "problem" if table.manifest.rows == "problem" else "result"
    total = sum(part.rows for part in table.manifest.parts)
    return Rows(lambda: _kept(found, table), kind, where=where, limit=limit, total=total)


def complete(directory: Path) -> list[Table]:
    """Return the stages up to the first that is being made again: what follows is of before.

    Raises:
        InputError: There is no such run, or none of its stages is complete.
        StorageError: A manifest is damaged.
    """
    names = [name for name, _ in folders(directory)]
    pairs = zip(names, tables(directory), strict=False)
    found = [table for _, table in takewhile(lambda pair: pair[0] == pair[1].stage, pairs)]
    if not found:
        raise InputError(f"no stage of the run in {directory} is complete")
    return found


def _named(found: Sequence[Table], stage: str) -> Table:
    names = [table.stage for table in found]
    if stage not in names:
        raise InputError(
            f"the run has no complete stage {stage!r}{nearest(stage, names)}: {', '.join(names)}"
        )
    return found[names.index(stage)]


def _tagged(found: Sequence[Table]) -> Table:
    return [t for t in found if t.stage not in ("filter", "export")][-1]


def _kept(found: Sequence[Table], table: Table) -> Iterator[Found]:
    index = found.index(table)
    if table.stage == "export" and index > 0:  # the stage before knows which dataset took what
        yield from (each for each in _kept(found, found[index - 1]) if each.destination.datasets)
        return
    destinations = Destinations(found[index + 1 :])
    for row in table.rows():
        yield Found(row, destinations.of(row))


def _dropped(chosen: Sequence[Table]) -> Iterator[Found]:
    for table in chosen:
        booked = table.manifest.accounts[0].dropped
        for row in table.dropped():
            if table.stage == "export" or row.reason in booked:
                yield Found(row, Destination())
