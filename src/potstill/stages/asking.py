"""The first pass of distil: every teacher is asked on its own, at its own speed."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import AsyncExitStack, suppress

from pydantic import JsonValue

from potstill.errors import EndpointError, InputError, Paused
from potstill.models.batches.client import BatchClient
from potstill.models.budget import Budget
from potstill.models.client import Client
from potstill.models.endpoints import Sites
from potstill.models.local import SLOTS, serve
from potstill.models.requests import Request
from potstill.models.teacher import Endpoint, Teacher
from potstill.recipe import DistilSpec, TeacherSpec
from potstill.records import Problem, Sample
from potstill.stages.batch_rounds import BatchRounds
from potstill.stages.collect import is_done
from potstill.stages.counts import Counts
from potstill.stages.io import StageIO
from potstill.stages.plan import calls_to_all, modes, requests, requests_to, template
from potstill.stages.position import Place, Position, Walk
from potstill.stages.rounds import Rounds
from potstill.storage.batches import FILE, BatchLedger
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
        self.counts.window = lambda: sum(each.window for each in self._clients.values())
        self.counts.in_flight = lambda: sum(each.in_flight for each in self._clients.values())
        self._stack = AsyncExitStack()
        self._ledger_path = journal.path.with_name(FILE)
        self._left: list[str] = []
        self._error: InputError | None = None
        self._held: dict[str, BatchLedger] = {}

    def look_up(self) -> None:
        """Count the calls, and those that need no asking, so that the time left can be told."""
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
            InputError: The calls of a teacher can't be asked; those in flight were waited for.
            Paused: The calls in flight were given up.
        """
        asking = asyncio.create_task(self._ask_teachers())
        loop = asyncio.get_running_loop()
        self._io.pause.abandon = lambda: loop.call_soon_threadsafe(asking.cancel)
        try:
            await asking
        except asyncio.CancelledError:
            said = "stopped without waiting for the calls in flight; the same command continues"
            raise self._error or Paused(said) from None
        finally:
            self._io.pause.abandon = None
        if self._error is not None:
            raise self._error

    async def _ask_teachers(self) -> None:
        async with asyncio.TaskGroup() as group:
            others = [group.create_task(self._keep_telling()), group.create_task(self._look())]
            async with self._stack, asyncio.TaskGroup() as asking:
                for teacher in self._spec.teachers:
                    asking.create_task(self._ask_teacher(teacher))
            for other in others:
                other.cancel()

    async def _ask_teacher(self, teacher: TeacherSpec) -> None:
        try:
            await self._ask_all_of(teacher)
        except EndpointError as error:
            self.fail(error)

    async def _ask_all_of(self, teacher: TeacherSpec) -> None:
        if teacher.batch is None or self._only is not None:  # a probe is not to last for a day
            if self._ledger_path.exists():
                ledger = self._stack.enter_context(BatchLedger(self._ledger_path))
                if ledger.held(teacher.model):
                    self._held[teacher.model] = ledger
            rounds = Rounds(self, teacher, self._walk(teacher))
            await rounds.ask(self._spec.salvage)
            return
        rounds = BatchRounds(self, teacher)
        if not rounds.is_needed:
            return
        client = BatchClient(
            self._teacher(teacher),
            teacher.batch,
            self.journal,
            self._stack.enter_context(BatchLedger(self._ledger_path)),
            self._io.folder,
            budget=self._budget,
            on_end=rounds.came,
            on_caution=self._caution,
        )
        async with client:
            self.counts.in_batches.append(client)
            left = await client.ask_all(
                rounds.requests, rounds=1 + self._spec.salvage, stop=lambda: self.is_stopping
            )
        self._left += [left] if left else []

    def check(self) -> None:
        """Stop here if not all was asked.

        Raises:
            Paused: Somebody asked to, the budget is spent, or batches are on their way.
        """
        if self._left:
            out = self._budget.out
            raise Paused("; ".join([*self._left, out] if out else self._left))
        self._io.pause.check()
        self._budget.check()

    def _walk(self, teacher: TeacherSpec) -> Walk:
        each = calls_to_all(self._spec)
        if each is None or self._only is not None:
            return Walk(Place())  # how many calls are behind it could not be told
        walk = self.position.walk(teacher.model)
        behind = walk.start.done - len(walk.start.later)
        self.counts.reuse(behind * each // len(self._spec.teachers))
        return walk

    async def _keep_telling(self) -> None:
        told = False
        while True:
            await asyncio.sleep(TELL_SECONDS)
            if self._error is not None and not told:
                told = True
                self._caution(f"{self._error}; the calls in flight are waited for")
            self.counts.tell()
            self.position.save()

    async def _look(self) -> None:
        """Send nothing more once somebody asked to stop; what is in flight is waited for."""
        while not self.is_stopping:
            await asyncio.sleep(LOOK_SECONDS)
        for client in self._clients.values():
            client.close()

    def fail(self, error: InputError) -> None:
        """End with this error, once what is in flight has come: it is paid for."""
        self._error = self._error or error

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is to be asked."""
        asked = self._io.pause.requested or self._budget.out is not None
        return asked or self._error is not None

    def end(self) -> None:
        """Tell what was asked, and note how far it came."""
        # First the log: it says so where the run directory is gone, and nothing is written then.
        self.counts.report(float(self._budget.usd_now))
        self.position.save(now=True)

    def scan(self, start: int) -> Iterator[Problem]:
        """Yield the problems from a place on, until somebody asks to stop."""
        with suppress(Paused):  # what is in flight is still waited for
            yield from self._io.scan(start)

    def requests(self, teacher: TeacherSpec, problem: Problem) -> Iterator[Request]:
        """Yield the calls to a teacher for a problem."""
        for request in requests_to(teacher, problem, self._spec):
            if self._only is None or request.key in self._only:
                self._check_batches(request)
                yield request

    def _check_batches(self, request: Request) -> None:
        """Stop where a call that is to be asked by itself is on its way in a batch."""
        ledger = self._held.get(request.model)
        if ledger is not None and ledger.holder(request.key) is not None:
            count = ledger.held(request.model)
            text = (
                f"{count} calls to {request.model!r} are being answered in batches: set "
                "`batch: true` for this teacher until they are collected, or they would be paid "
                "for twice"
            )
            self.fail(InputError(text))

    async def client(self, teacher: TeacherSpec) -> Client:
        """Return the open client of a teacher; a local model is loaded when it is first asked."""
        if teacher.model not in self._clients:
            client = self._clients[teacher.model] = Client(
                self._teacher(teacher),
                self.journal,
                sites=self._sites,
                budget=self._budget,
                on_attempt=self.counts.attempt,
                on_caution=self._caution,
            )
            await self._stack.enter_async_context(client)
        return self._clients[teacher.model]

    def _teacher(self, teacher: TeacherSpec) -> Teacher:
        return Teacher(
            model=teacher.model,
            endpoints=self._endpoints(teacher),
            seed=teacher.seed,
            stream=teacher.stream,
            stall_s=teacher.stall_s,
            deadline_s=teacher.deadline_s,
            policies=teacher.policies,
        )

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
