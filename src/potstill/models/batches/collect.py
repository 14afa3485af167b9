"""From the files of a batch that has ended to the journal: every call of it gets its end, once."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from potstill.errors import EndpointError
from potstill.models import failures
from potstill.models.batches.api import BatchApi
from potstill.models.batches.http import Gone
from potstill.models.batches.replies import Line, RemoteBatch, read_line
from potstill.models.call import Outcome
from potstill.models.money import NOTHING, Usage, counted
from potstill.models.policies import is_final
from potstill.models.sender import read_usage
from potstill.models.teacher import Teacher
from potstill.models.traces import Trace, from_reply
from potstill.models.watch import TraceWatch
from potstill.records import ANSWERED, Ending
from potstill.storage.batches import Batch, BatchLedger, HeldCall
from potstill.storage.journal import Journal
from potstill.storage.values import Attempt, Entry

CALLS_AT_A_TIME = 256
"""Answers that are journaled together."""
BYTES_AT_A_TIME = 16 * 2**20
"""Most bytes of them that are held in memory."""

MISSING: dict[str, tuple[Ending, str]] = {
    "completed": ("malformed", "the batch ended without a readable line for this call"),
    "failed": ("server_error", "the batch failed before this call was answered"),
    "expired": ("cancelled", "the batch expired before this call was answered"),
    "cancelled": ("cancelled", "the batch was cancelled before this call was answered"),
    "gone": ("cancelled", "the answers of the batch are gone from the endpoint"),
}
"""How a call ended of which the files say nothing, by how its batch ended."""


class Collected(NamedTuple):
    """What came of a batch."""

    again: int
    """Calls that are to be asked again."""
    unanswered: int
    """Calls that got no reply, not even an error of their own."""
    gone: bool
    """Whether the endpoint no longer has one of its files."""
    usage: Usage
    """What it cost."""
    cautions: tuple[str, ...]
    """What a person should know of its traces."""
    error: EndpointError | None
    """Why the run must stop, now that all is journaled; None where it need not."""


class _End(NamedTuple):
    """How a call ended; `entry` is None where the journal has it already."""

    key: str
    entry: Entry | None
    again: bool


class Collector:
    """Reads what came of one batch; what another run has collected of it is left as it is."""

    def __init__(
        self,
        teacher: Teacher,
        journal: Journal,
        ledger: BatchLedger,
        batch: Batch,
        remote: RemoteBatch,
        *,
        last: bool,
        watch: TraceWatch,
        on_end: Callable[[Entry], None],
    ) -> None:
        """Read nothing yet.

        Args:
            teacher: Who was asked.
            journal: Where the answers go.
            ledger: Where the calls leave from.
            batch: Which batch.
            remote: How it ended.
            last: Whether no call is asked again in this session.
            watch: Looks whether the teacher thinks as it should.
            on_end: Told of each call once it is journaled.
        """
        self._teacher, self._journal, self._ledger = teacher, journal, ledger
        self._batch, self._remote, self._last, self._on_end = batch, remote, last, on_end
        self._watch = watch
        self._cautions: list[str] = []
        self._again = self._unanswered = 0
        self._usage = NOTHING
        self._error: EndpointError | None = None

    async def collect(self, api: BatchApi) -> Collected:
        """Journal an end for every call that the batch holds.

        Raises:
            EndpointError: The files can't be had now; what was read of them is journaled.
            StorageError: The journal or the ledger can't be written.
        """
        gone = False
        for file in filter(None, (self._remote.output_file, self._remote.error_file)):
            try:
                await self._read(api, file)
            except Gone:
                gone = True
        await self._fill_in("gone" if gone else self._remote.status)
        await asyncio.to_thread(self._ledger.close_batch, self._batch.tag)
        return Collected(
            again=self._again,
            unanswered=self._unanswered,
            gone=gone,
            usage=self._usage,
            cautions=tuple(self._cautions),
            error=self._error,
        )

    async def _read(self, api: BatchApi, file: str) -> None:
        ends: dict[str, _End] = {}
        size = 0
        async with aclosing(api.lines(file)) as texts:
            async for text in texts:
                line = read_line(text)
                if line is None or line.key in ends:
                    continue
                call = self._ledger.call(self._batch.tag, line.key)
                if call is None:  # it came before, or was never asked
                    continue
                ends[call.key] = self._end(call, _outcome(call, line))
                size += len(text)
                if len(ends) == CALLS_AT_A_TIME or size > BYTES_AT_A_TIME:
                    await self._commit(ends.values())
                    ends, size = {}, 0
        await self._commit(ends.values())

    async def _fill_in(self, how: str) -> None:
        """Give the calls of which the files say nothing the end that this has."""
        outcome = Outcome(*MISSING[how])
        while calls := list(islice(self._ledger.calls(self._batch.tag), CALLS_AT_A_TIME)):
            await self._commit([self._end(call, outcome) for call in calls])

    def _end(self, call: HeldCall, outcome: Outcome) -> _End:
        earlier = self._journal.get(call.key)
        before = earlier.attempts if earlier else ()
        if earlier and any(attempt.batch == self._remote.id for attempt in before):
            return _End(call.key, None, not self._is_final(earlier.ending))
        attempts = (*before, self._attempt(outcome))
        entry = Entry(
            key=call.key,
            model=self._batch.model,
            ending=self._judge(call, outcome, attempts),
            request=call.body,
            reply=outcome.exchange.text if outcome.exchange else "",
            attempts=attempts,
        )
        self._unanswered += outcome.exchange is None
        self._usage += outcome.usage or NOTHING
        return _End(call.key, entry, not self._is_final(entry.ending))

    def _attempt(self, outcome: Outcome) -> Attempt:
        # Nothing here may depend on who collects, or when.
        remote = self._remote
        created = remote.created_at or datetime.fromisoformat(self._batch.at).timestamp()
        return Attempt(
            at=datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds"),
            ending=outcome.ending,
            status=outcome.exchange.status if outcome.exchange else None,
            seconds=max(0.0, round((remote.ended_at or created) - created, 3)),
            detail=outcome.detail,
            **counted(outcome.usage),
            endpoint=self._batch.endpoint,
            batch=remote.id,
            run=self._batch.run,
        )

    def _judge(self, call: HeldCall, outcome: Outcome, attempts: Sequence[Attempt]) -> Ending:
        """Return how the call is kept: as `cancelled` where it is asked again."""
        ending, exchange, model = outcome.ending, outcome.exchange, self._teacher.model
        if exchange is not None:
            (endpoint,) = self._teacher.endpoints
            if fatal := failures.fatal(model, endpoint, exchange.status, exchange.text):
                self._error = self._error or fatal
                return "cancelled"
        if ending in ANSWERED:
            self._look_at(outcome.trace, call, ending)
        policy = self._teacher.policies[ending]
        failed = sum(attempt.ending == ending for attempt in attempts)
        if failed <= policy.retries and not self._last:
            return "cancelled" if self._is_final(ending) else ending
        if policy.then == "stop":
            self._error = self._error or failures.stopped(model, ending, outcome.detail)
        return ending

    def _look_at(self, trace: Trace, call: HeldCall, ending: Ending) -> None:
        try:
            caution = self._watch.see(call.reasoning, trace, ending)
        except EndpointError as error:
            self._error = self._error or error
        else:
            self._cautions += [caution] if caution else []

    def _is_final(self, ending: Ending) -> bool:
        return is_final(ending, self._teacher.policies)

    async def _commit(self, ends: Collection[_End]) -> None:
        entries = [end.entry for end in ends if end.entry is not None]
        await asyncio.gather(*map(self._journal.put, entries))
        await asyncio.to_thread(self._ledger.done, self._batch.tag, [end.key for end in ends])
        self._again += sum(end.again for end in ends)
        for entry in entries:
            self._on_end(entry)


def _outcome(call: HeldCall, line: Line) -> Outcome:
    if (exchange := line.exchange) is None:
        return Outcome(*line.error_ending())
    trace = from_reply(exchange.reply or {}, call.reasoning, opened=call.opened)
    ending, detail = failures.of_exchange(exchange, trace)
    return Outcome(ending, detail, exchange, trace, read_usage(exchange, trace, lambda: call.body))
