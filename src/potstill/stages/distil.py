"""Ask the teachers.

In two passes. The first asks for what the journal lacks, in any order and as fast as the endpoints
allow; the second walks the problems in order and takes every answer from the journal. So the
samples come out in the same order however the calls ended, nothing has to be held in memory, and
a run that is killed continues where its journal ends.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress

from pydantic import JsonValue

from potstill.errors import Paused, PotstillError, StorageError
from potstill.models.client import Client
from potstill.models.local import SLOTS, serve
from potstill.models.requests import Request
from potstill.models.teacher import Teacher
from potstill.recipe import DistilSpec, TeacherSpec
from potstill.records import Problem, Sample
from potstill.stages.collect import collect, is_done
from potstill.stages.io import StageIO
from potstill.stages.plan import calls_per_problem, modes, requests, requests_to, template
from potstill.storage.journal import Attempt, Journal

TELL_SECONDS = 5.0
"""Between two events while no call ends: a reasoning model may think for many minutes."""


def distil(io: StageIO[Problem, Sample], spec: DistilSpec, journal: Journal) -> None:
    """Ask every planned call that the journal lacks, then collect the samples.

    Args:
        io: Problems in, samples out.
        spec: What to ask, and whom.
        journal: Where answers are kept.

    Raises:
        EndpointError: An endpoint refuses every call.
        Paused: Somebody asked the run to stop; the calls in flight were waited for.
    """
    asking = _Asking(io, spec, journal)
    asking.count_journaled()
    try:
        _finish(asking.ask_all(), journal)
    except BaseException:
        with suppress(StorageError):  # what stopped the asking is to be told
            if asking.requests:
                asking.report()
        raise
    asking.report()
    io.pause.check()
    collect(io, spec, journal)


def _finish(asking: Coroutine[None, None, None], journal: Journal) -> None:
    """Wait for the end of `asking`; of several errors the first is raised alone."""
    try:
        _wait(asking)
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


def _wait(asking: Coroutine[None, None, None]) -> None:
    """Wait for the end of `asking`, also where an event loop runs already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(asking)
    else:
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(asyncio.run, asking).result()


def _first(group: BaseExceptionGroup[PotstillError]) -> PotstillError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


class _Asking:
    """The first pass: every teacher is asked on its own, at its own speed."""

    def __init__(self, io: StageIO[Problem, Sample], spec: DistilSpec, journal: Journal) -> None:
        self._io, self._spec, self._journal = io, spec, journal
        self._planned = (io.total or 0) * calls_per_problem(spec)
        self._started = time.monotonic()
        self._journaled = 0
        self._reused = 0
        self.requests = 0
        self._in_flight = 0
        self._tokens: Counter[str] = Counter()
        self._endings: Counter[str] = Counter()
        self._prompts: set[tuple[str, str, int | None]] = set()

    async def ask_all(self) -> None:
        asking = asyncio.create_task(self._ask_teachers())
        loop = asyncio.get_running_loop()
        self._io.pause.abandon = lambda: loop.call_soon_threadsafe(asking.cancel)
        try:
            await asking
        except asyncio.CancelledError:
            raise Paused(
                "stopped without waiting for the calls in flight; the same command continues"
            ) from None
        finally:
            self._io.pause.abandon = None

    def count_journaled(self) -> None:
        """Count what need not be asked, so that the time left can be told of the rest."""
        if next(self._journal.keys(), None) is None:
            return
        looked = 0
        for problem in self._io.scan():
            for request in requests(problem, self._spec):
                looked += 1
                self._journaled += is_done(self._journal, request)
            self._io.progress(
                phase="looking into the journal", done=looked, total=self._planned, unit="calls"
            )

    async def _ask_teachers(self) -> None:
        async with asyncio.TaskGroup() as group:
            telling = group.create_task(self._keep_telling())
            async with asyncio.TaskGroup() as asking:
                for teacher in self._spec.teachers:
                    asking.create_task(self._ask_teacher(teacher))
            telling.cancel()

    async def _keep_telling(self) -> None:
        while True:
            await asyncio.sleep(TELL_SECONDS)
            self._tell()

    async def _ask_teacher(self, teacher: TeacherSpec) -> None:
        slots = asyncio.Semaphore(_in_flight(teacher))
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
            client: Client | None = None
            for problem, request in self._missing(teacher):
                if client is None:  # a local model is loaded only when there is something to ask
                    client = await stack.enter_async_context(self._open(teacher, stack))
                await slots.acquire()
                if self._io.pause.requested:
                    break
                self._show_prompt(problem, request)
                group.create_task(self._ask(client, request, slots))

    def _missing(self, teacher: TeacherSpec) -> Iterator[tuple[Problem, Request]]:
        with suppress(Paused):  # what is in flight is still waited for
            for problem in self._io.scan():
                for request in requests_to(teacher, problem, self._spec):
                    if is_done(self._journal, request):
                        self._reused += 1
                        self._tell()
                    else:
                        yield problem, request
                        self._io.pause.check()

    def _open(self, teacher: TeacherSpec, stack: AsyncExitStack) -> Client:
        base_url = teacher.base_url
        if base_url is None:
            serving = serve(
                teacher.local or "",
                max_tokens=teacher.sampling.max_tokens,
                slots=_in_flight(teacher),
            )
            base_url = stack.enter_context(serving).base_url
        return Client(
            Teacher(
                model=teacher.model,
                base_url=base_url,
                key_env=teacher.key_env,
                max_in_flight=_in_flight(teacher),
                seed=teacher.seed,
                stall_s=teacher.stall_s,
            ),
            self._journal,
            on_attempt=self._count,
        )

    async def _ask(self, client: Client, request: Request, slots: asyncio.Semaphore) -> None:
        self._in_flight += 1
        try:
            entry = await client.ask(request)
        finally:
            self._in_flight -= 1
            slots.release()
        self._endings[entry.ending] += 1
        self._tell()

    def _show_prompt(self, problem: Problem, request: Request) -> None:
        """Tell the first prompt of each teacher, reasoning mode and template, before it is sent."""
        kind = (request.model, request.reasoning, template(problem, self._spec))
        if kind not in self._prompts:
            self._prompts.add(kind)
            messages: list[JsonValue] = [message.model_dump() for message in request.messages]
            _, _, at = kind
            self._io.events.emit(
                "prompt",
                model=request.model,
                messages=messages,
                reasoning=request.reasoning,
                modes=len(modes(self._spec)),
                template=None if at is None else at + 1,
                templates=len(self._spec.prompt),
            )

    def _count(self, attempt: Attempt) -> None:
        self.requests += 1
        self._tokens["prompt"] += attempt.prompt_tokens or 0
        self._tokens["completion"] += attempt.completion_tokens or 0

    def _tell(self) -> None:
        self._io.progress(
            done=self._reused + self._endings.total(),
            total=self._planned,
            unit="calls",
            reused=self._reused,
            left=self._planned - self._journaled - self._endings.total(),
            in_flight=self._in_flight,
            completion_tokens=self._tokens["completion"],
            endings=dict(self._endings),
        )

    def report(self) -> None:
        """Tell what this session asked, however it ended."""
        self._io.events.emit(
            "asked",
            requests=self.requests,
            reused=self._reused,
            endings=dict(sorted(self._endings.items())),
            prompt_tokens=self._tokens["prompt"],
            completion_tokens=self._tokens["completion"],
            seconds=round(time.monotonic() - self._started, 3),
        )


def _in_flight(teacher: TeacherSpec) -> int:
    # What waits in a local server's queue would only count towards its stall.
    return min(teacher.max_in_flight, SLOTS) if teacher.local else teacher.max_in_flight
