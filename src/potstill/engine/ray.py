"""Shards on a Ray cluster: functions as Ray tasks, and rows of equal keys by a Daft program."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from potstill.engine.attempts import Attempt, result
from potstill.engine.cluster import brief, check_installed, joined, library
from potstill.errors import RunError
from potstill.protocols import Groups

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")
R = TypeVar("R")

_TRIES = 3
"""How often a task is tried again whose process or machine is lost."""
_DAFT = {"DO_NOT_TRACK": "1", "DAFT_PROGRESS_BAR": "0"}
"""Keeps Daft from reporting its use to its makers, and from drawing bars into Ray's logs."""


class Ray:
    """A Ray cluster, which is started or joined when the first work comes."""

    def __init__(
        self, workers: int | None = None, address: str | None = None, folder: Path | None = None
    ) -> None:
        """Choose the cluster.

        Args:
            workers: The most tasks at a time; by default one a core of the cluster.
            address: Where it is: `auto` for one that runs on this machine, `host:port`, or
                `ray://host:port`. None starts one of this machine alone, which ends with the
                engine. A cluster that this process has joined before is taken instead, and stays.
            folder: A folder that all machines must see, which is looked at before the first work.

        Raises:
            InputError: Ray or Daft is not installed.
        """
        check_installed()
        self._workers, self._address, self._folder = workers, address, folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster."""
        self._stack.close()

    @cached_property
    def _ray(self) -> Any:
        """Ray's module, after the cluster was joined."""
        self._stack.enter_context(joined(self._workers, self._address, self._folder))
        return library()

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `work(item)` for each item, in order.

        What still runs when the iterator is closed goes on to its end, or to that of this process,
        and nobody takes its result: Ray 2.59 may abort the process that cancels a task in the
        moment in which the task ends ("Tried to complete task that was not pending").

        Raises:
            InputError: The cluster can't be used.
            PotstillError: What `work` raised.
            RunError: `work` raised something else, or its process or machine was lost again and
                again.
        """
        ray = self._ray
        given = [ray.put(_Given(work, os.getcwd()))]  # a reference in a list is not followed
        call = ray.remote(_call).options(num_cpus=1, max_retries=_TRIES)
        cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
        most = min(self._workers or cores, cores)
        running: deque[Any] = deque()
        for item in items:
            if most < cores and len(running) >= most:
                ray.wait([*running], num_returns=len(running) - most + 1)
            running.append(call.remote(given, item))
            if len(running) >= 2 * most:
                yield result(work, _fetch(running.popleft()))
        while running:
            yield result(work, _fetch(running.popleft()))

    def groups(self, files: Sequence[Path], column: str) -> Groups:
        """Return the rows that share a value in a column; the machine that asks holds only these.

        Raises:
            InputError: The cluster can't be used.
            RunError: The program failed.
        """
        paths = [path.absolute() for path in files]
        found = result(_groups, _fetch(self._grouper.groups.remote(paths, column)))
        return Groups(found.rows.copy(), found.offsets.copy())  # Ray's own arrays are read-only

    def rest(self) -> None:
        """Stay in the cluster: joining it takes seconds."""

    @cached_property
    def _grouper(self) -> Any:
        ray = self._ray
        actor = ray.remote(_Grouper).options(num_cpus=0, runtime_env={"env_vars": _DAFT}).remote()
        self._stack.callback(ray.kill, actor)
        return actor


class _Given(NamedTuple):
    """What all tasks of a map need."""

    work: Callable[..., object]
    folder: str


def _call(given: list[object], item: object) -> object:
    return _attempt(given[0])(item)


@lru_cache(maxsize=1)
def _attempt(reference: object) -> Attempt:
    """Return what a worker calls: fetched once, and where relative paths mean the same."""
    given: _Given = library().get(reference)
    with suppress(OSError):
        os.chdir(given.folder)
    return Attempt(given.work)


class _Grouper:
    """A process for Daft programs: Daft has one runner as long as a process lives."""

    def groups(self, files: Sequence[Path], column: str) -> object:
        return Attempt(_groups)((files, column))


def _groups(question: tuple[Sequence[Path], str]) -> Groups:
    import daft

    from potstill.engine.grouping import groups

    daft.set_runner_ray(noop_if_initialized=True)
    return groups(*question)


def _fetch(reference: object) -> object:
    ray = library()
    try:
        return ray.get(reference)
    except ray.exceptions.RayError as error:
        raise RunError(f"the cluster could not do a task: {brief(error)}") from error
