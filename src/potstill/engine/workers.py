"""Worker processes that can be killed, for plug-ins that may hang, crash or eat all memory."""

import os
import pickle
import resource
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from potstill.engine.plugins import Failure, failure
from potstill.engine.processes import Context
from potstill.errors import RunError

T = TypeVar("T")
R = TypeVar("R")

_RECYCLE = 5_000
"""Tasks after which a worker is replaced, so that what its libraries cache can't pile up."""
_PATIENCE = 10
"""How many times its CPU time a call may take by the clock: other programs may hold it up."""
_ORPHAN_SECONDS = 2.0
"""How long after that a call ends by itself if nobody is left to kill it."""
_LOST_SECONDS = 300.0
"""How long after that a task counts as lost: far longer than a worker takes to start."""
_IDLE_SECONDS = 60
"""How long nobody may work although tasks wait. A worker that is killed in the instant in which it
takes a task can take it along; pebble then waits for it for ever (seen once in many hours)."""
_TIMED_OUT = (-signal.SIGPROF, -signal.SIGALRM)
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""What a terminal or a service that ends sends to all its processes."""
_INNOCENT = (-signal.SIGTERM, 255)
"""How a worker dies through no fault of its call: it is ended along with its service, or, which is
told as 255 of every worker, the server that forked it is."""
_TRIES = 3
"""How often one task is tried whose process or pool is lost."""


@dataclass
class _Task:
    arguments: tuple[bytes, bytes, float]
    """Pickled function, pickled item, and the seconds that they may take."""
    future: ProcessFuture[bytes]
    since: float | None = None
    """When it was first seen at work; by this clock, because pebble's own jumps with the day's."""
    left: int = _TRIES
    """How often it may still be tried."""

    def is_late(self) -> bool:
        if self.since is None and self.future.running():
            self.since = time.monotonic()
        limit = self.arguments[2] * _PATIENCE
        return self.since is not None and time.monotonic() - self.since > limit


class _PoolLostError(Exception):
    """The pool, or the task in it, won't come to an end."""


class Workers:
    """A pool of processes for functions that may hang, crash or eat memory.

    Processes start with the first task. They are forked from a server process that has the modules
    of `preload` imported, so that one which had to be killed is replaced within milliseconds. They
    don't import the caller's main module.
    Ctrl-C is left to the parent. Leaving the context ends the processes, at once.
    """

    def __init__(
        self, count: int, *, memory_mb: int | None = 2048, preload: Sequence[str] = ()
    ) -> None:
        """Describe the pool; nothing is started yet.

        Args:
            count: Processes.
            memory_mb: Address space of each, in MiB; None is no limit of ours.
            preload: Modules to import once, before any task's time runs, such as `math_verify`.
                They are those of the first pool that a process starts.
        """
        self._count, self._memory_mb = count, memory_mb
        self._context = Context()
        self._context.set_forkserver_preload([__name__, *preload])
        self._lifeline, self._line_end = self._context.Pipe(duplex=False)
        self._pool = self._open()

    def __enter__(self) -> Self:
        """Return the pool itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self.close()

    def close(self) -> None:
        """End the processes; tasks that still run are killed."""
        self._stop()
        self._line_end.close()
        self._lifeline.close()

    def _stop(self) -> None:
        self._pool.stop()
        self._pool.join()

    def map(
        self,
        function: Callable[[T], R],
        items: Iterable[T],
        *,
        timeout_s: float,
        lookahead: int = 256,
    ) -> Iterator[R | Failure]:
        """Yield `function(item)` or its `Failure` for each item, in the order of the items.

        Args:
            function: A function of a module, a `functools.partial` of one, or a `PluginCall`; not
                one of the main module, which no worker imports.
            items: What to call it with, one by one; read only as far ahead as `lookahead`.
            timeout_s: Seconds of CPU time for one call, so that outcomes don't depend on what else
                the machine does. The process of a call that takes longer is killed, as is that of
                one which sleeps ten times as long.
            lookahead: Most items held at a time.

        Raises:
            RunError: Workers die as they start.
        """
        code = pickle.dumps(function)
        waiting: deque[_Task] = deque()
        try:
            for item in items:
                waiting.append(self._submit((code, pickle.dumps(item), timeout_s)))
                if len(waiting) >= lookahead:
                    yield self._finish(waiting.popleft(), waiting)
            while waiting:
                yield self._finish(waiting.popleft(), waiting)
        finally:
            for task in waiting:
                task.future.cancel()

    def _open(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._count,
            max_tasks=_RECYCLE,
            initializer=_start,
            initargs=(self._memory_mb, self._lifeline),
            context=self._context,
        )

    def _submit(self, arguments: tuple[bytes, bytes, float]) -> _Task:
        _start_server()
        if not self._pool.active:
            self._reopen()
        return _Task(arguments, self._pool.schedule(_work, arguments))

    def _resubmit(self, task: _Task) -> None:
        task.future, task.since = self._submit(task.arguments).future, None

    def _reopen(self) -> None:
        self._stop()
        self._pool = self._open()

    def _finish(self, task: _Task, later: Iterable[_Task]) -> Any:
        """Return the task's outcome, on a new pool if this one is lost.

        Pebble gives a pool up when a worker dies between two tasks, for instance by the system's
        killer of processes that take too much memory.
        """
        for _ in range(_TRIES):
            try:
                return self._outcome(task, later)
            except _PoolLostError:
                self._reopen()
                for each in (task, *later):
                    if not _has_outcome(each):
                        self._resubmit(each)
        raise RunError("the worker processes die as they start: they may lack memory")

    def _outcome(self, task: _Task, later: Iterable[_Task]) -> Any:
        timeout_s = task.arguments[2]
        idle = 0
        for _ in range(ceil(timeout_s * _PATIENCE + _LOST_SECONDS)):
            try:
                error = task.future.exception(timeout=1.0)
            except TimeoutError:
                working = any(each.future.running() for each in (task, *later))
                idle = 0 if working else idle + 1
                if idle >= _IDLE_SECONDS or not self._pool.active:
                    break
                for each in (task, *later):
                    if each.is_late():
                        each.future.cancel()  # which kills its process
                continue
            except CancelledError:
                return Failure("timeout", f"took more than {timeout_s:g} s")
            if error is None:
                return _unpickled(task.future.result())
            if not isinstance(error, ProcessExpired):
                break
            if error.exitcode in _TIMED_OUT:
                return Failure("timeout", f"took more than {timeout_s:g} s")
            task.left -= 1
            if error.exitcode not in _INNOCENT or not task.left:
                return Failure("crash", _death(error.exitcode))
            self._resubmit(task)
        raise _PoolLostError


def _start_server() -> None:
    """Start the two processes that multiprocessing keeps for the workers, unless they run.

    They get no signal of a terminal or a service that ends: a run needs them until it has paused.
    """
    for start in (resource_tracker.ensure_running, forkserver.ensure_running):
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # which they inherit
        try:
            start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _has_outcome(task: _Task) -> bool:
    if task.future.cancelled():  # it was late
        return True
    return task.future.done() and not isinstance(task.future.exception(), BrokenProcessPool)


def _unpickled(result: bytes) -> Any:
    try:
        return pickle.loads(result)
    except Exception as error:  # a plug-in's own class may fail as it is made again
        return failure(error)


def _death(exit_code: int) -> str:
    if exit_code >= 0:
        return f"the process ended with status {exit_code}"
    return f"the process was killed by {signal.Signals(-exit_code).name}"


def _start(memory_mb: int | None, lifeline: Connection) -> None:
    """Prepare a worker: a limit on its memory, and an instant end on SIGTERM or with its pool.

    Pebble's own handler of SIGTERM runs only when Python does, and so never in a long computation
    in C; the pool would stand still until SIGKILL follows. And it can miss a worker that is being
    forked while it stops: that one sees the end of its lifeline, as it does when its parent dies.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    if memory_mb is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = memory_mb << 20
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _end_with(lifeline: Connection) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()
    os._exit(0)


def _work(function: bytes, item: bytes, timeout_s: float) -> bytes:
    """Run one task in a worker; only bytes cross the pool, so that pickling can't break it."""
    # The kernel ends the process: at once, and even if its parent was killed and can't.
    signal.setitimer(signal.ITIMER_PROF, timeout_s)
    signal.setitimer(signal.ITIMER_REAL, timeout_s * _PATIENCE + _ORPHAN_SECONDS)
    try:
        return pickle.dumps(_function(function)(pickle.loads(item)))
    except BaseException as error:  # SystemExit is a plug-in's failure, too
        return pickle.dumps(failure(error))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


@lru_cache(maxsize=8)
def _function(pickled: bytes) -> Callable[[Any], Any]:
    return pickle.loads(pickled)
