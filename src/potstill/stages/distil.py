"""Ask the teachers.

In two passes. The first asks for what the journal lacks, in any order and as fast as the endpoints
allow; the second walks the problems in order and takes every answer from the journal. So the
samples come out in the same order however the calls ended, nothing has to be held in memory, and
a run that is killed continues where its journal ends.
"""

import asyncio
import gc
from collections.abc import Collection, Coroutine, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress

from potstill.errors import PotstillError, RunError, StorageError
from potstill.models.budget import Budget
from potstill.models.endpoints import Sites
from potstill.recipe import DistilSpec
from potstill.records import Problem, Sample
from potstill.stages.asking import Asking
from potstill.stages.collect import collect
from potstill.stages.io import Pause, StageIO
from potstill.storage.journal import Journal


def distil(
    io: StageIO[Problem, Sample],
    spec: DistilSpec,
    journal: Journal,
    *,
    sites: Sites | None = None,
    budget: Budget | None = None,
    only: Collection[str] | None = None,
) -> None:
    """Ask every planned call that the journal lacks, then collect the samples.

    Args:
        io: Problems in, samples out.
        spec: What to ask, and whom.
        journal: Where answers are kept.
        sites: The limits of the endpoints, where other stages ask them too.
        budget: What may be spent, and for which run.
        only: Keys of the calls to ask, if not all; nothing is collected then.

    Raises:
        EndpointError: An endpoint refuses every call.
        Paused: Somebody asked the run to stop, or the budget is spent; the calls in flight were
            waited for.
    """
    budget = budget or Budget()
    asking = Asking(io, spec, journal, sites=sites or Sites(), budget=budget, only=only)
    asking.look_up()
    try:
        with _few_collections():
            _finish(asking.ask_all(), journal, io.pause)
    except BaseException:
        with suppress(StorageError):  # what stopped the asking is to be told
            if asking.counts.requests:
                asking.end()
        raise
    asking.end()
    asking.check()
    if only is not None:
        return
    try:
        collect(io, spec, journal)
    except RunError:  # the journal lacks what was behind the position
        asking.position.forget()
        raise
    if not io.totals["unanswered"]:
        asking.position.forget()


@contextmanager
def _few_collections() -> Generator[None]:
    """Look for garbage in cycles more rarely than usual.

    The objects of a thousand calls in flight are alive, and looking through them again and again
    took a third of the CPU time of a call (measured: 0.74 ms, and 0.50 ms with this).
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _finish(asking: Coroutine[None, None, None], journal: Journal, pause: Pause) -> None:
    """Wait for the end of `asking`; of several errors the first is raised alone."""
    try:
        _wait(asking, pause)
    except BaseExceptionGroup as group:
        # Not `except*`: before Python 3.11.4 what is raised there comes out in a group again.
        ours, others = group.split(PotstillError)
        if ours is None or others is not None:
            raise
        error = _first(ours)
        if not journal.lost:
            raise error from None
        answers = "1 answer" if journal.lost == 1 else f"{journal.lost} answers"
        raise type(error)(f"{error}; {answers} could not be kept") from None


def _wait(asking: Coroutine[None, None, None], pause: Pause) -> None:
    """Wait for the end of `asking`, also where an event loop runs already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(asking)
    else:
        with ThreadPoolExecutor(1) as elsewhere:
            _follow(elsewhere.submit(asyncio.run, asking), pause)


def _follow(asking: Future[None], pause: Pause) -> None:
    """Wait for what runs in another thread, which an interrupt does not reach by itself."""
    while True:
        try:
            return asking.result()
        except KeyboardInterrupt:
            if pause.requested and pause.abandon is not None:
                pause.abandon()
            pause.requested = True


def _first(group: BaseExceptionGroup[PotstillError]) -> PotstillError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
