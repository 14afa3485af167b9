"""Asking a teacher by batches: submit, wait, collect; never twice, whatever is killed meanwhile.

The journal has the answers, the ledger has what is on its way. A call that an open batch holds is
waited for, whichever run submitted it; only what neither of them has is submitted.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from potstill.errors import InputError, Paused
from potstill.models.batches.api import BatchApi
from potstill.models.batches.follow import Follower
from potstill.models.batches.http import Steps
from potstill.models.batches.options import BatchOptions
from potstill.models.batches.part import Part
from potstill.models.batches.submit import Submitter
from potstill.models.batches.waiting import Halted, Waiting
from potstill.models.budget import Budget, Use
from potstill.models.call import Call
from potstill.models.limits import SLEEP, Sleep
from potstill.models.money import Usage
from potstill.models.policies import is_final
from potstill.models.requests import Request
from potstill.models.teacher import Teacher
from potstill.records import ANSWERED, Ending
from potstill.storage.batches import Batch, BatchLedger, HeldCall
from potstill.storage.journal import Journal
from potstill.storage.values import Entry

AT_A_TIME = 64
"""Calls that are looked up before others get their turn."""


def _ignore(_: object) -> None:
    """Tell nobody."""


class BatchClient:
    """Asks one teacher by batches; what is submitted stays at its endpoint when this ends."""

    def __init__(
        self,
        teacher: Teacher,
        options: BatchOptions,
        journal: Journal,
        ledger: BatchLedger,
        folder: Path,
        *,
        budget: Budget | None = None,
        on_end: Callable[[Entry], None] = _ignore,
        on_caution: Callable[[str], None] = _ignore,
        sleep: Sleep = SLEEP,
    ) -> None:
        """Read the key; nothing is sent yet.

        Args:
            teacher: Whom to ask; it has one endpoint.
            options: How.
            journal: Where the answers are kept.
            ledger: Where it is kept what is on its way; shared by all who share the journal.
            folder: For files on their way; they have no names.
            budget: What may be spent, and for which run.
            on_end: Called for each call of `ask_all` that has come back, once it is journaled; its
                last attempt is the batch's.
            on_caution: Told what a person should know meanwhile.
            sleep: Waits so many seconds; replaced in tests.

        Raises:
            InputError: The environment does not hold the endpoint's key.
        """
        self.teacher = replace(teacher, stream=False)
        (self._endpoint,) = teacher.endpoints
        self._options, self._journal, self._ledger = options, journal, ledger
        self._folder, self._budget, self._on_end = folder, budget or Budget(), on_end
        self._waiting = Waiting(sleep)
        wait = self._waiting.wait
        self._api = BatchApi(Steps(self._endpoint, teacher.model, sleep=wait))
        self._submitter = Submitter(self._api, ledger, folder, window=options.window, wait=wait)
        self._follower = Follower(
            self.teacher,
            options,
            journal,
            ledger,
            self._submitter,
            self._waiting,
            on_end=self._end,
            on_caution=on_caution,
        )
        self._wanted: set[str] = set()
        self._followed: set[str] = set()

    @property
    def in_flight(self) -> int:
        """Calls in the batches that are waited for."""
        return sum(self._follower.open.values())

    async def __aenter__(self) -> Self:
        """Open the connection."""
        await self._api.steps.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self._api.steps.__aexit__()

    async def ask_all(
        self,
        walk: Callable[[], Iterable[Request]],
        *,
        rounds: int = 1,
        stop: Callable[[], bool] = bool,
    ) -> str | None:
        """Ask until every call has its end in the journal.

        Args:
            walk: Opens the calls; once for each round.
            rounds: How often a call is asked at most that fails in a way that may pass.
            stop: Looked at all the time; once it is true, nothing more is waited for.

        Returns:
            Why it ended before that, as a sentence; None where it did not, or nothing is to be
            told beyond what made it stop.

        Raises:
            EndpointError: Every batch would fail, or the endpoint is away.
            InputError: A batch with some of the calls is at another endpoint.
            StorageError: The journal or the ledger can't be read or written.
        """
        self._waiting.stop = stop
        follower = self._follower
        while rounds and self._waiting.why is None:
            follower.last, follower.again = rounds == 1, 0
            follower.superseded = False
            try:
                await self._round(walk())
            except BaseExceptionGroup as group:
                if len(group.exceptions) == 1:
                    raise group.exceptions[0] from None
                raise
            if stop():
                break
            if not follower.superseded:  # else what others gave up is taken on
                rounds = rounds - 1 if follower.again else 0
        return self._waiting.why or self._left_behind()

    def _left_behind(self) -> str | None:
        if not self._follower.open:
            return None
        count = len(self._follower.open)
        return (
            f"{self.in_flight} calls to {self._follower.name} are being answered in "
            f"{'a batch' if count == 1 else f'{count} batches'}; the same command collects them"
        )

    async def _round(self, requests: Iterable[Request]) -> None:
        """Submit what is missing, and wait for it and for what is on its way already."""
        slots = asyncio.Semaphore(self._options.max_batches)
        self._follower.open.clear()
        self._followed.clear()
        part = Part(self._folder)
        try:
            async with asyncio.TaskGroup() as group:
                self._take_up(group)
                with suppress(Halted, Paused):  # a budget that is spent says so itself
                    async for call, most in self._missing(requests, group):
                        size = len(self._api.line(call.key, call.body))
                        if self._is_full(part, size, most):
                            await self._submit(part, slots, group)
                            part.close()
                            part = Part(self._folder)
                        part.add(call, size, most)
                    if part.keys:
                        await self._submit(part, slots, group)
        finally:
            part.close()

    def _take_up(self, group: asyncio.TaskGroup) -> None:
        """Follow the run's batches of earlier sessions; what they can cost is reserved."""
        for batch in self._ledger.open_batches(self.teacher.model):
            if (batch.run, batch.endpoint) == (self._budget.run, self._endpoint.address):
                room = AsyncExitStack()
                most = Usage(batch.prompt, batch.answer)
                use = room.enter_context(self._budget.held(batch.model, most))
                self._followed.add(batch.tag)
                group.create_task(self._settle(batch.tag, use, room))

    async def _missing(
        self, requests: Iterable[Request], group: asyncio.TaskGroup
    ) -> AsyncGenerator[tuple[HeldCall, Usage]]:
        """Yield what is to be submitted, and its most; follow the batches that hold the rest."""
        for number, request in enumerate(requests):
            if number % AT_A_TIME == 0:
                await self._waiting.wait(0)
            # In this order: a call leaves the ledger after its answer has reached the journal.
            holder = self._ledger.holder(request.key)
            ending = self._journal.ending(request.key)
            if holder is not None:
                self._wanted.add(request.key)
                if holder not in self._followed:
                    self._followed.add(holder)
                    group.create_task(self._settle(holder, Use(), AsyncExitStack()))
            elif ending is None or not self._is_final(ending):
                yield self._call(request)

    def _call(self, request: Request) -> tuple[HeldCall, Usage]:
        earlier = self._journal.get(request.key)
        call = Call(request, self.teacher, earlier)
        for attempt in earlier.attempts if earlier else ():
            if attempt.ending in ANSWERED:
                call.sample_anew()
        return HeldCall(request.key, request.reasoning, request.opened, call.text), call.most

    def _is_full(self, part: Part, size: int, most: Usage) -> bool:
        if not part.keys:
            return False
        return (
            len(part.keys) == self._options.max_requests
            or part.bytes + size > self._options.max_bytes
            or not self._budget.fits(self.teacher.model, part.most + most)
        )

    async def _submit(self, part: Part, slots: asyncio.Semaphore, group: asyncio.TaskGroup) -> None:
        """Submit a part once there is room for it, and leave the rest to a task of its own."""
        async with AsyncExitStack() as room:
            await slots.acquire()
            room.callback(slots.release)
            budgeted = self._budget.call(self.teacher.model, part.most)
            use = await room.enter_async_context(budgeted)
            batch = await self._submitter.submit(part, self._budget.run, self._ended_among)
            held = 0 if batch is None else self._ledger.size(batch.tag)
            if held < len(part.keys):  # others have them
                self._follower.superseded = True
            if batch is not None:
                self._followed.add(batch.tag)
                self._wanted.update(part.keys)
                group.create_task(self._follow(batch, use, room.pop_all()))

    def _ended_among(self, keys: list[str]) -> list[str]:
        endings = self._journal.endings(keys)
        return [key for key, ending in endings.items() if self._is_final(ending)]

    def _is_final(self, ending: Ending) -> bool:
        return is_final(ending, self.teacher.policies)

    async def _settle(self, tag: str, use: Use, room: AsyncExitStack) -> None:
        """Follow a batch that another session, or another run, has submitted."""
        async with room:
            with suppress(Halted):
                batch = await self._submitter.settle(tag)
                if batch is None:
                    self._follower.superseded = True
                    return
                self._check_place(batch)
                use.usage = await self._follower.follow(batch)

    def _check_place(self, batch: Batch) -> None:
        if batch.endpoint != self._endpoint.address:
            raise InputError(
                f"{self._ledger.size(batch.tag)} calls to {self.teacher.model!r} are in batch "
                f"{batch.id} at {batch.endpoint}, not at {self._endpoint.address}: run once with "
                "that base_url to collect them"
            )

    async def _follow(self, batch: Batch, use: Use, room: AsyncExitStack) -> None:
        async with room:
            with suppress(Halted):
                use.usage = await self._follower.follow(batch)

    def _end(self, entry: Entry) -> None:
        if entry.key in self._wanted:
            self._wanted.discard(entry.key)
            self._on_end(entry)
