"""A table of problems in shards, as a deduplication gets it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from potstill.engine.arrow import column_of, read_batches, write_batches
from potstill.engine.engines import Engine
from potstill.errors import RunError
from potstill.protocols import Groups
from potstill.records import Problem

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

Work = Callable[["pa.RecordBatch"], "pa.RecordBatch"]


class Shard(Protocol):
    """Some of a table's rows, which another process can read; small when pickled."""

    @property
    def rows(self) -> int:
        """How many there are."""
        ...

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield them in batches of bounded size; by default with every column."""
        ...


class Table:
    """Problems in shards on disk."""

    def __init__(
        self,
        shards: Sequence[Shard],
        engine: Engine,
        folder: Path,
        tell: Callable[[int], None] = lambda rows: None,
    ) -> None:
        """Describe the table; nothing is read.

        Args:
            shards: Its rows.
            engine: Where functions run.
            folder: Where their results go, one file a shard; those that lie there are taken for
                results of the same functions in the same order, and not made again.
            tell: Told how many rows a function has been called with.
        """
        self._shards, self._engine, self._folder, self._tell = shards, engine, folder, tell
        self._maps = 0

    def __len__(self) -> int:
        """Return how many rows there are."""
        return sum(shard.rows for shard in self._shards)

    def __iter__(self) -> Iterator[Problem]:
        """Yield the problems in order."""
        done = 0
        for shard in self._shards:
            for batch in shard.batches():
                yield from map(Problem.model_validate, batch.to_pylist())
                self._tell(done := done + len(batch))

    def map(self, work: Work, columns: Sequence[str]) -> Results:
        """Call a function with every batch of the table; a result that lies there is taken.

        Raises:
            RunError: The function failed.
            StorageError: A result can't be written.
        """
        files = [self._folder / f"{self._maps}-{i:05}.arrow" for i in range(len(self._shards))]
        self._maps += 1
        todo = [
            (shard, file)
            for shard, file in zip(self._shards, files, strict=True)
            if shard.rows and not file.exists()
        ]
        done = len(self) - sum(shard.rows for shard, _ in todo)
        for rows in self._engine.map(partial(_run, work, tuple(columns)), todo):
            self._tell(done := done + rows)
        filled = [f for f, shard in zip(files, self._shards, strict=True) if shard.rows]
        return Results(filled, self._engine)


def _run(work: Work, columns: Sequence[str], task: tuple[Shard, Path]) -> int:
    """Map one shard in a worker; return its rows."""
    shard, file = task
    write_batches(file, (_row_by_row(work, batch) for batch in shard.batches(columns)))
    return shard.rows


def _row_by_row(work: Work, batch: pa.RecordBatch) -> pa.RecordBatch:
    found = work(batch)
    if len(found) != len(batch):
        raise RunError(f"{work} returned {len(found)} rows for {len(batch)}")
    return found


class Results:
    """What a function made of a table."""

    def __init__(self, files: Sequence[Path], engine: Engine) -> None:
        """Name the files, one a shard."""
        self.files = tuple(files)
        """Arrow files, in the order of the rows."""
        self._engine = engine

    @property
    def batches(self) -> Sequence[pa.RecordBatch]:
        """The results, mapped from disk."""
        return self._batches

    @cached_property
    def _batches(self) -> Sequence[pa.RecordBatch]:
        return [batch for file in self.files for batch in read_batches(file)]

    def column(self, name: str) -> NDArray[np.generic]:
        """Return a column of numbers, or of bytes of a fixed width, of all rows in memory."""
        return column_of(self.batches, name)

    def rows(self, numbers: NDArray[np.int64]) -> list[dict[str, Any]]:
        """Return some rows by their numbers, read from disk."""
        import numpy as np

        found: list[dict[str, Any]] = [{}] * len(numbers)
        order = np.argsort(numbers, kind="stable")
        cuts = np.searchsorted(numbers[order], self._starts)
        for i, batch in enumerate(self.batches):
            if len(some := order[cuts[i] : cuts[i + 1]]):
                rows = batch.take((numbers[some] - self._starts[i]).tolist()).to_pylist()
                for place, row in zip(some.tolist(), rows, strict=True):
                    found[place] = row
        return found

    @cached_property
    def _starts(self) -> Sequence[int]:
        return [0, *accumulate(len(batch) for batch in self.batches)]

    def groups(self, name: str) -> Groups:
        """Return the rows that share a value in a column."""
        return self._engine.groups(self.files, name)


class Held(NamedTuple):
    """Rows in memory as a shard."""

    table: pa.Table
    """The rows, with the columns of `Problem`."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.table.num_rows

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield them; a part of a column comes as the whole column."""
        names = dict.fromkeys(c.partition(".")[0] for c in columns or self.table.column_names)
        yield from self.table.select([*names]).to_batches()


def in_memory(problems: Iterable[Problem], folder: Path, *, shard_rows: int = 20_000) -> Table:
    """Return a table of problems that are held in memory, worked on in this process.

    Args:
        problems: The rows.
        folder: An empty folder for what functions make of them.
        shard_rows: Rows of a shard.
    """
    import pyarrow as pa

    from potstill.engine.local import Local
    from potstill.storage.schema import arrow_schema

    rows = [problem.model_dump() for problem in problems]
    schema = arrow_schema(Problem)
    shards = [
        Held(pa.Table.from_pylist(rows[i : i + shard_rows], schema=schema))
        for i in range(0, len(rows), shard_rows)
    ]
    return Table(shards, Local(1), folder)
