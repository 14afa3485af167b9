"""Commits for many askers: what is put at about the same time goes to the disk together."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

PACE_S = 0.025
"""Least time between the beginnings of two commits, where waiting brings company: a commit costs
as much as ten of its calls, and an answer takes seconds."""
COMMIT_AT_MOST = 256
"""Items in one commit: enough to share its cost, few enough to answer their askers soon."""

T = TypeVar("T")


class Committer(Generic[T]):
    """Commits items on a thread of its own, together where they come together."""

    def __init__(self, commit: Callable[[Sequence[T]], None]) -> None:
        """Take the function that commits items, all or none; nothing is started yet."""
        self._commit = commit
        self._queue: queue.SimpleQueue[tuple[T, asyncio.Future[None]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._pace = Pace()

    def put(self, item: T) -> asyncio.Future[None]:
        """Commit an item; what is returned is done when that is, or raises what `commit` raised.

        The item is committed even if nobody waits for that any more.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
            self._thread.start()
        committed = asyncio.get_running_loop().create_future()
        self._queue.put((item, committed))
        return committed

    def close(self) -> None:
        """Commit what was put, and end the thread."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        closing = False
        while not closing:
            taken = [self._queue.get()]
            self._pace.wait()
            while len(taken) < COMMIT_AT_MOST and not self._queue.empty():
                taken.append(self._queue.get())
            self._pace.learn(len(taken))
            closing = None in taken
            self._serve([each for each in taken if each is not None])

    def _serve(self, taken: list[tuple[T, asyncio.Future[None]]]) -> None:
        error = None
        try:
            if taken:
                self._commit([item for item, _ in taken])
        except BaseException as raised:  # its askers raise it
            error = raised
        waiting: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
        for _, committed in taken:
            waiting.setdefault(committed.get_loop(), []).append(committed)
        for loop, futures in waiting.items():
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, futures, error)


def _settle(futures: list[asyncio.Future[None]], error: BaseException | None) -> None:
    for future in futures:
        if future.done():  # its asker was cancelled
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)


class Pace:
    """When to hold a commit back for a moment, because more is about to come.

    A single asker gains nothing by that: after each wait that brought no company, twice as many
    commits are made without one.
    """

    def __init__(
        self,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin as if no commit was made for long."""
        self._sleep, self._clock = sleep, clock
        self._last = -PACE_S
        self._waited = False
        self._unpaced, self._next_unpaced = 0, 1

    def wait(self) -> None:
        """Wait before a commit for which one item is there, if that may be worth it."""
        left = self._last + PACE_S - self._clock()
        self._waited = left > 0 and self._unpaced == 0
        if self._waited:
            self._sleep(left)
        elif left > 0:
            self._unpaced -= 1
        self._last = self._clock()

    def learn(self, items: int) -> None:
        """Note how many items there were in the end."""
        if items > 1:
            self._unpaced, self._next_unpaced = 0, 1
        elif self._waited:
            self._unpaced = self._next_unpaced
            self._next_unpaced = min(2 * self._next_unpaced, COMMIT_AT_MOST)
