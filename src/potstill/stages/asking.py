"""The first pass of distil: every teacher is asked on its own, at its own speed."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import AsyncExitStack, suppress

from pydantic import JsonValue

from potstill.errors import Paused
from potstill.models.budget import Budget
from potstill.models.client import Client
from potstill.models.endpoints import Sites
from potstill.models.local import SLOTS, serve
from potstill.models.requests import Request
from potstill.models.teacher import Endpoint, Teacher
from potstill.recipe import DistilSpec, TeacherSpec
from potstill.records import Problem, Sample
from potstill.stages.collect import is_done
from potstill.stages.counts import Counts
from potstill.stages.io import StageIO
from potstill.stages.plan import calls_to_all, modes, requests, requests_to, template
from potstill.stages.position import Place, Position, Walk
from potstill.stages.rounds import Rounds
from potstill.storage.journal import Journal

TELL_SECONDS = 5.0
"""Between two events while no call ends: a reasoning model may think for many minutes."""
LOOK_SECONDS = 0.2
"""Between two looks whether somebody asked to stop."""
MOST_LOOKED_UP = 20_000
"""Calls that are looked up in the journal before the first is asked; it takes about a second."""


class Asking:
    """Asks every call that the journal lacks."""

    def __init__(
        self,
        io: StageIO[Problem, Sample],
        spec: DistilSpec,
        journal: Journal,
        *,
        sites: Sites,
        budget: Budget,
        only: Collection[str] | None = None,
    ) -> None:
        """Ask nobody yet.

        Args:
            io: The problems.
            spec: What to ask, and whom.
            journal: Where answers are kept.
            sites: The limits of the endpoints.
            budget: What may be spent, and for which run.
            only: Keys of the calls to ask, if not all.
        """
        self._io, self._spec, self._sites = io, spec, sites
        self._budget, self._only = budget, only
        self.journal = journal
        self.counts = Counts(io)
        self.position = Position(io.folder.parent, io.identity, journal)
        self._prompts: set[tuple[str, str, int | None]] = set()
        self._clients: dict[str, Client] = {}
        self._stack = AsyncExitStack()

    def look_up(self) -> None:
        """Count the calls, and those that need no asking, so that the time left can be told."""
        if self._only is not None:
            self.counts.planned = len(self._only)
            return
        if self._only is not None:
            self.counts.planned = len(self._only)
            return
        each = calls_to_all(self._spec)
        if each is not None:
            self.counts.planned = (self._io.total or 0) * each
            if next(self.journal.keys(), None) is None:
                return
        policies = {teacher.model: teacher.policies for teacher in self._spec.teachers}
        planned = 0
        for problem in self._io.scan():
            for request in requests(problem, self._spec):
                planned += 1
                if planned <= MOST_LOOKED_UP:
                    done = is_done(self.journal, request, policies[request.model])
                    self.counts.journaled += done
            if each is not None and planned >= MOST_LOOKED_UP:
                return
            self._io.progress(
                phase="looking into the journal",
                done=planned,
                total=self.counts.planned,
                unit="calls",
            )
        self.counts.planned = planned

    async def ask_all(self) -> None:
        """Ask until every call has an ending, or none is to be asked any more.

        Raises:
            Paused: The calls in flight were given up.
        """
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

    async def _ask_teachers(self) -> None:
        async with asyncio.TaskGroup() as group:
            others = [group.create_task(self._keep_telling()), group.create_task(self._look())]
            async with self._stack, asyncio.TaskGroup() as asking:
                for teacher in self._spec.teachers:
                    rounds = Rounds(self, teacher, self._walk(teacher))
                    asking.create_task(rounds.ask(self._spec.salvage))
            for other in others:
                other.cancel()

    def _walk(self, teacher: TeacherSpec) -> Walk:
        each = calls_to_all(self._spec)
        if each is None or self._only is not None:
            return Walk(Place())  # how many calls are behind it could not be told
        walk = self.position.walk(teacher.model)
        behind = walk.start.done - len(walk.start.later)
        self.counts.reuse(behind * each // len(self._spec.teachers))
        return walk

    async def _keep_telling(self) -> None:
        while True:
            await asyncio.sleep(TELL_SECONDS)
            self.counts.tell()
            self.position.save()

    async def _look(self) -> None:
        """Send nothing more once somebody asked to stop; what is in flight is waited for."""
        while not self.is_stopping:
            await asyncio.sleep(LOOK_SECONDS)
        for client in self._clients.values():
            client.close()

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is to be asked."""
        return self._io.pause.requested or self._budget.out is not None

    def end(self) -> None:
        """Tell what was asked, and note how far it came."""
        self.position.save(now=True)
        self.counts.report(float(self._budget.usd_now))

    def scan(self, start: int) -> Iterator[Problem]:
        """Yield the problems from a place on, until somebody asks to stop."""
        with suppress(Paused):  # what is in flight is still waited for
            yield from self._io.scan(start)

    def requests(self, teacher: TeacherSpec, problem: Problem) -> Iterator[Request]:
        """Yield the calls to a teacher for a problem."""
        for request in requests_to(teacher, problem, self._spec):
            if self._only is None or request.key in self._only:
                yield request

    async def client(self, teacher: TeacherSpec) -> Client:
        """Return the open client of a teacher; a local model is loaded when it is first asked."""
        if teacher.model not in self._clients:
            client = self._clients[teacher.model] = Client(
                Teacher(
                    model=teacher.model,
                    endpoints=self._endpoints(teacher),
                    seed=teacher.seed,
                    stream=teacher.stream,
                    stall_s=teacher.stall_s,
                    deadline_s=teacher.deadline_s,
                    policies=teacher.policies,
                ),
                self.journal,
                sites=self._sites,
                budget=self._budget,
                on_attempt=self.counts.attempt,
                on_caution=self._caution,
            )
            await self._stack.enter_async_context(client)
        return self._clients[teacher.model]

    def _endpoints(self, teacher: TeacherSpec) -> tuple[Endpoint, ...]:
        if teacher.local is None:
            return tuple(Endpoint(**place.model_dump()) for place in teacher.places())
        slots = min(teacher.max_in_flight or SLOTS, SLOTS)
        serving = serve(teacher.local, max_tokens=teacher.sampling.max_tokens, slots=slots)
        served = self._stack.enter_context(serving)
        # What waits in a local server's queue would only count towards its deadline.
        return (Endpoint(served.base_url, max_in_flight=slots),)

    def _caution(self, text: str) -> None:
        self._io.events.emit("caution", stage=self._io.stage, text=text)

    def show_prompt(self, problem: Problem, request: Request) -> None:
        """Tell the first prompt of each teacher, reasoning mode and template, before it is sent."""
        kind = (request.model, request.reasoning, template(problem, self._spec))
        if kind in self._prompts:
            return
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
