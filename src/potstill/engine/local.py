"""Shards in processes of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from potstill.engine.attempts import Attempt, result
from potstill.engine.workers import Workers
from potstill.machine import cores
from potstill.protocols import Groups

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")

_DAYS = 30 * 86_400.0
"""CPU seconds that a shard may take: whoever waits for it sees its progress and can stop."""


_PRELOAD = ("numpy", "pyarrow.parquet")
"""What nearly every worker needs."""


class Local:
    """Processes of this machine, one a core; a single shard is worked on in this one.

    They start with the first work and stay for the next one, until `rest`.
    """

    def __init__(self, workers: int | None = None, preload: Sequence[str] = ()) -> None:
        """Describe the processes; none is started.

        Args:
            workers: How many; by default one a core.
            preload: Modules that other processes of this one will need, too: all are forked from
                one server, which imports them when the first starts.
        """
        self._workers, self._preload = workers or cores(), (*_PRELOAD, *preload)
        self._pool: Workers | None = None

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `work(item)` for each item, in order.

        Raises:
            PotstillError: What `work` raised.
            RunError: `work` raised something else, or its process died.
        """
        attempt = Attempt(work)
        items = iter(items)
        first = list(islice(items, 2))
        if self._workers == 1 or len(first) < 2:
            yield from (result(work, attempt(item)) for item in chain(first, items))
            return
        pool, self._pool = self._pool or self._open(), None  # a map within this one has its own
        ahead = 2 * self._workers
        try:
            for found in pool.map(attempt, chain(first, items), timeout_s=_DAYS, lookahead=ahead):
                yield result(work, found)
        except BaseException:  # what still runs ends with its pool
            pool.close()
            raise
        self.rest()
        self._pool = pool

    def _open(self) -> Workers:
        return Workers(self._workers, memory_mb=None, preload=self._preload)

    def rest(self) -> None:
        """End the processes that wait for work."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def groups(self, files: Sequence[Path], column: str) -> Groups:
        """Return the rows that share a value in a column.

        It takes the keys, 20 bytes a row beside them while it sorts, and 40 a row that it returns.
        """
        from potstill.engine.arrow import read_column

        return group(read_column(files, column))


def group(keys: NDArray[np.generic]) -> Groups:
    """Return the rows that share a key."""
    import numpy as np

    words = _words(keys)
    order = np.lexsort(words)  # equal keys keep the order of their rows
    new = np.zeros(len(keys), dtype=np.bool_)
    new[:1] = True
    for word in words:
        ordered = word[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    shared = ~new
    shared[:-1] |= ~new[1:]
    return _by_first(order[shared], np.flatnonzero(new[shared]))


def _by_first(rows: NDArray[np.int64], starts: NDArray[np.int64]) -> Groups:
    """Return groups in the order of their first rows, given them one after another."""
    import numpy as np

    sizes = np.diff(starts, append=len(rows))
    by_first = np.argsort(rows[starts])
    starts, sizes = starts[by_first], sizes[by_first]
    offsets = np.zeros(len(starts) + 1, dtype=np.int64)
    np.cumsum(sizes, out=offsets[1:])
    places = np.arange(len(rows), dtype=np.int64) + np.repeat(starts - offsets[:-1], sizes)
    return Groups(rows[places], offsets)


def _words(keys: NDArray[np.generic]) -> Sequence[NDArray[np.generic]]:
    """Return keys as columns that numpy sorts fast; bytes of a fixed width are several."""
    import numpy as np

    if keys.dtype.kind != "V":
        return [keys]
    width = keys.dtype.itemsize
    rows = keys.view(np.uint8).reshape(len(keys), width)
    if missing := -width % 8:
        rows = np.pad(rows, ((0, 0), (0, missing)))
    return [*rows.view(np.uint64).T]
