"""The sources' rows as shards, which other processes turn into problems."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, cast

from potstill.pipeline.job import Job
from potstill.pipeline.reading import Usable, open_source
from potstill.pipeline.shards import ShardTask
from potstill.recipe import SourceSpec
from potstill.records import Dropped, Problem
from potstill.storage.parts import PART_ROWS, read_parts
from potstill.storage.shards import ShardDone


class Gathering:
    """The shards of a recipe's sources, and what has become of them."""

    def __init__(self, specs: Sequence[SourceSpec], job: Job) -> None:
        """Name the sources; nothing is read."""
        self._specs, self._job = specs, job
        self._sources: list[int] = []

    def tasks(self) -> Iterator[ShardTask]:
        """Yield every shard, one source after another; a limit is one of each source's rows.

        Raises:
            SourceError: There is nothing to read, or a file is damaged.
        """
        for i, spec in enumerate(self._specs):
            left = self._job.limit
            for rows, count in _shards(open_source(spec, self._job)):
                self._sources.append(i)
                yield ShardTask(len(self._sources) - 1, partial(islice, rows, left))
                if left is not None and (left := left - count) <= 0:
                    break

    def check(self, done: Sequence[ShardDone], folder: Path) -> None:
        """Look whether each source had a row that could be used.

        Args:
            done: What was made of the shards, in their order.
            folder: Where the dropped rows lie.

        Raises:
            SourceError: One had none: its recipe is wrong.
        """
        for i, spec in enumerate(self._specs):
            mine = [each for each in done if self._sources[each.number] == i]
            reasons: Counter[str] = Counter()
            for each in mine:
                reasons.update(each.accounts[0].dropped)
            kept = sum(each.accounts[0].kept for each in mine)
            usable = Usable(spec)
            usable.add(reasons, kept, {} if kept else _firsts(mine, folder))
            usable.check()


def _shards(rows: Iterable[Problem | Dropped]) -> Iterator[tuple[Iterable[Problem | Dropped], int]]:
    """Yield shards with their numbers of rows: the source's own, or its rows in bundles."""
    own = getattr(rows, "shards", None)
    if own is not None:
        for shard in cast(Any, rows).shards(PART_ROWS):
            yield shard, shard.rows
        return
    each = iter(rows)
    while bundle := tuple(islice(each, PART_ROWS)):
        yield bundle, len(bundle)


def _firsts(done: Sequence[ShardDone], folder: Path) -> dict[str, Dropped]:
    """Return the first dropped row of each reason."""
    found: dict[str, Dropped] = {}
    for each in done:
        if not found.keys() >= each.accounts[0].dropped.keys():
            for row in read_parts(folder, each.dropped, Dropped):
                found.setdefault(row.reason, row)
    return found
