"""Where shards are worked on: the one interface that the local engine and the cluster share."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from potstill.protocols import Groups

T = TypeVar("T")
R = TypeVar("R")


class Engine(Protocol):
    """Runs functions on shards, and brings rows of equal keys together."""

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `work(item)` for each item, in order.

        Items are read only a few ahead. Closing the iterator gives up what still runs.

        Raises:
            PotstillError: What `work` raised.
            RunError: `work` raised something else, or its process died.
        """
        ...

    def groups(self, files: Sequence[Path], column: str) -> Groups:
        """Return the rows that share a value in a column of the tables in `files`.

        Args:
            files: Arrow files, which together are one table.
            column: The name of a column of integers, or of bytes of a fixed width.
        """
        ...

    def rest(self) -> None:
        """Let go of what only further work needs; it starts anew when that comes."""
        ...


@contextmanager
def open_engine(
    use: Literal["local", "ray"] = "local",
    workers: int | None = None,
    address: str | None = None,
    folder: Path | None = None,
    preload: Sequence[str] = (),
) -> Generator[Engine]:
    """Yield the engine that a recipe names; it starts nothing before the first work.

    Args:
        use: Which one.
        workers: Processes, or tasks of the cluster at a time; by default one per core.
        address: Where the cluster is, as `Ray` takes it.
        folder: A folder that all machines of a cluster must see, such as the run directory; it is
            there when the first work comes.
        preload: Modules that other worker processes on this machine will need, as `Local` takes
            them.

    Raises:
        InputError: Ray is not installed.
    """
    if use == "local":
        from potstill.engine.local import Local

        engine = Local(workers, preload)
        try:
            yield engine
        finally:
            engine.rest()
    else:
        from potstill.engine.ray import Ray

        with Ray(workers, address, folder) as engine:
            yield engine
