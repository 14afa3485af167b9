"""The one place that asks models: over the OpenAI-compatible protocol, through the journal."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Self

from potstill.errors import EndpointError, Paused
from potstill.models import failures
from potstill.models.budget import Budget
from potstill.models.call import Call, Outcome
from potstill.models.chat import tool_calls
from potstill.models.endpoints import NotSent, Sites
from potstill.models.limits import CLOCK, SLEEP, Clock, Sleep, backoff
from potstill.models.policies import is_final
from potstill.models.requests import Request
from potstill.models.sender import Sender
from potstill.models.teacher import Teacher
from potstill.models.watch import TraceWatch
from potstill.records import ANSWERED, Ending, Reasoning
from potstill.storage.claims import Claims
from potstill.storage.journal import Attempt, Entry, Journal

__all__ = ["Client", "NotSent"]

CLAIMED_S = 0.5
"""Between two looks whether a call that another process asks is answered."""
FIRST_IN_FLIGHT = 16
"""Calls at a time until the endpoint has answered and the first traces are as they should be: a
wrong key or a wrong switch must not meet a thousand calls."""


class Client:
    """Asks one teacher; every call goes through the journal, and what is in it is not asked again.

    At the start only `FIRST_IN_FLIGHT` calls are let out: a wrong key, a wrong model, a host that
    does not answer or a teacher that does not think as it should stops everything before more is
    sent. Cancelling `ask` ends its request.
    """

    def __init__(
        self,
        teacher: Teacher,
        journal: Journal,
        *,
        sites: Sites | None = None,
        budget: Budget | None = None,
        on_attempt: Callable[[Attempt], None] | None = None,
        on_caution: Callable[[str], None] = lambda _: None,
        sleep: Sleep = SLEEP,
        clock: Clock = CLOCK,
    ) -> None:
        """Read the keys; nothing is sent yet.

        Args:
            teacher: Whom to ask.
            journal: Where every call is kept.
            sites: The limits of the endpoints, where others ask them too.
            budget: What may be spent, and for which run.
            on_attempt: Called after each request, for progress.
            on_caution: Told what a person should know meanwhile.
            sleep: Waits so many seconds; replaced in tests.
            clock: Counts seconds; replaced in tests.

        Raises:
            InputError: The environment does not hold the key of an endpoint.
        """
        self.teacher = teacher
        self._journal = journal
        self._on_caution = on_caution
        self._sender = Sender(
            teacher,
            sites or Sites(),
            budget=budget,
            on_attempt=on_attempt,
            on_caution=on_caution,
            sleep=sleep,
            clock=clock,
        )
        self._watch = TraceWatch(teacher.model)
        self._asking: dict[str, asyncio.Future[Entry | None]] = {}
        self._gate: asyncio.Semaphore | None = None
        self._modes: set[Reasoning] = set()

    @property
    def in_flight(self) -> int:
        """Requests that are being sent or waited for now."""
        return self._sender.pool.in_flight

    @property
    def window(self) -> int:
        """Requests at a time that the endpoints bear, as far as is known."""
        return self._sender.pool.window

    @property
    def most_in_flight(self) -> int:
        """Most requests that there can be at one time."""
        return self._sender.pool.most

    async def __aenter__(self) -> Self:
        """Open the connections."""
        self._gate = asyncio.Semaphore(FIRST_IN_FLIGHT)
        await self._sender.__aenter__()
        self._claims = Claims(self._journal.path)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close them."""
        self._claims.close()
        await self._sender.__aexit__()

    def close(self) -> None:
        """Send nothing more: requests in flight are waited for, other calls raise `NotSent`."""
        self._sender.close()

    async def ask(self, request: Request) -> Entry:
        """Return how the call ended, from the journal if it is final there, else by asking.

        Returns only after the journal's commit. Concurrent asks of one key are one call.

        Raises:
            EndpointError: Every call to this teacher would fail, or its policy says to stop.
            NotSent: `close` was called before this call was answered, or gave up.
            Paused: The budget is spent.
            StorageError: The journal can't be read or written.
        """
        key = request.key
        while (pending := self._asking.get(key)) is not None:
            if (entry := await asyncio.shield(pending)) is not None:
                return entry
        pending = self._asking[key] = asyncio.get_running_loop().create_future()
        entry = None
        try:
            entry = await self._ask_alone(request)
            return entry
        finally:
            del self._asking[key]
            pending.set_result(entry)

    async def _ask_alone(self, request: Request) -> Entry:
        """Ask while no other process asks the same."""
        while not self._claims.take(request.key):
            await self._sender.rest(CLAIMED_S)
            self._sender.check()
        try:
            earlier = self._journal.get(request.key)
            if earlier is not None and is_final(earlier.ending, self.teacher.policies):
                return earlier
            return await self._in_turn(Call(request, self.teacher, earlier))
        finally:
            self._claims.leave(request.key)

    async def _in_turn(self, call: Call) -> Entry:
        gate = self._gate
        if gate is None:
            return await self._make(call)
        async with gate:
            self._modes.add(call.request.reasoning)
            return await self._make(call)

    def _open_gate(self) -> None:
        """Let all calls out once every reasoning mode that was asked is as it should be."""
        if self._gate is not None and all(self._watch.settled(mode) for mode in self._modes):
            for _ in range(self._sender.pool.most):
                self._gate.release()
            self._gate = None

    async def _make(self, call: Call) -> Entry:
        try:
            last = await self._until_done(call)
        except (asyncio.CancelledError, EndpointError, NotSent, Paused):
            if call.attempts:
                await self._commit(call.entry("cancelled"))
            raise
        entry = call.entry(last.ending, last.exchange.text if last.exchange else "")
        await self._commit(entry)
        self._check(last, call)
        return entry

    async def _commit(self, entry: Entry) -> None:
        # A cancelled asker must not leave before the commit: who waits for the same key would
        # not find the answer in the journal, and pay for it again.
        commit = self._journal.submit(entry)
        try:
            await asyncio.shield(commit)
        except asyncio.CancelledError:
            await commit
            raise

    def _check(self, last: Outcome, call: Call) -> None:
        """Look at a journaled answer: whether its trace is as asked, and whether to go on.

        Raises:
            EndpointError: The teacher does not think as it should, or its policy says to stop.
        """
        if self.teacher.policies[last.ending].then == "stop":
            raise self._sender.stop(failures.stopped(self.teacher.model, last.ending, last.detail))
        if last.exchange is None or last.ending not in ANSWERED:
            return
        calls = bool(tool_calls(last.exchange.reply or {}))
        try:
            caution = self._watch.see(call.request.reasoning, last.trace, last.ending, calls=calls)
        except EndpointError as error:
            raise self._sender.stop(error) from None
        if caution is not None:
            self._on_caution(caution)
        if self._gate is not None:
            self._open_gate()

    async def _until_done(self, call: Call) -> Outcome:
        failed: Counter[Ending] = Counter()
        while True:
            last = await self._sender.send(call)
            policy = self.teacher.policies[last.ending]
            failed[last.ending] += 1
            if failed[last.ending] > policy.retries:
                self._sender.give_up(call, last)
                return last
            if last.ending in ANSWERED:
                call.sample_anew()
            wait = backoff(policy.delay_s, failed[last.ending])
            await self._sender.rest(max(wait, last.wait or 0.0))
