"""Following a batch from its submission to the journal."""

import random
from collections.abc import Callable

from potstill.models.batches.api import BatchApi
from potstill.models.batches.collect import Collected, Collector
from potstill.models.batches.http import Gone
from potstill.models.batches.options import BatchOptions
from potstill.models.batches.replies import ENDED, RemoteBatch, read_batch
from potstill.models.batches.submit import Submitter
from potstill.models.batches.waiting import Halted, Waiting
from potstill.models.money import Usage
from potstill.models.teacher import Teacher
from potstill.models.watch import TraceWatch
from potstill.storage.batches import Batch, BatchLedger
from potstill.storage.journal import Journal
from potstill.storage.values import Entry

FIRST_LOOK_S = 5.0
"""Seconds between the first two looks at a batch: a wrong model shows at once. Each wait is half
as long again as the last, up to the recipe's `poll_s`."""
EMPTY_LOOKS = 3
"""Looks after which a batch counts as completed that has no files yet."""
QUEUE_WAIT_S = 600.0
"""Most seconds before a batch is submitted again for which the endpoint's queue had no room."""
QUEUE_TRIES = 6
"""How often in a row that may be while the endpoint has no other batch of ours to work on."""

_HOW = {"expired": "expired", "cancelled": "was cancelled", "gone": "is gone"}


class Follower:
    """Waits for the batches of one teacher and collects them."""

    def __init__(
        self,
        teacher: Teacher,
        options: BatchOptions,
        journal: Journal,
        ledger: BatchLedger,
        submitter: Submitter,
        waiting: Waiting,
        *,
        on_end: Callable[[Entry], None],
        on_caution: Callable[[str], None],
    ) -> None:
        """Follow nothing yet; see `BatchClient`."""
        self._teacher, self._options = teacher, options
        self._journal, self._ledger = journal, ledger
        self._submitter, self._waiting = submitter, waiting
        self._api: BatchApi = submitter.api
        self._on_end, self._on_caution = on_end, on_caution
        self._watch = TraceWatch(teacher.model)
        self.open: dict[str, int] = {}
        """Calls in each batch that is waited for, by its tag."""
        self.last = False
        """Whether no call is asked again in this session."""
        self.again = 0
        """Calls that are to be asked again."""
        self.superseded = False
        """Whether another run went on with a batch, so that its calls are to be looked up anew."""

    @property
    def name(self) -> str:
        """The teacher, as sentences call it."""
        return f"teacher {self._teacher.model!r} at {self._teacher.endpoints[0].address}"

    async def follow(self, batch: Batch) -> Usage:
        """Wait for a batch, journal what came of it, and return what it cost.

        Raises:
            Halted: It is still at its endpoint, and nothing more is to be waited for.
            EndpointError: The endpoint refuses it or is away, or its answers say to stop.
        """
        refused = 0
        while True:
            self.open[batch.tag] = self._ledger.size(batch.tag)
            remote = await self._end_of(batch)
            if remote.status != "failed" or remote.output_file or remote.error_file:
                break
            refused += 1
            batch = await self._submit_again(batch, remote, refused)
        collector = Collector(
            self._teacher,
            self._journal,
            self._ledger,
            batch,
            remote,
            last=self.last,
            watch=self._watch,
            on_end=self._on_end,
        )
        collected = await collector.collect(self._api)
        del self.open[batch.tag]
        self.again += collected.again
        self._tell(batch, remote, collected)
        if collected.error is not None:
            raise collected.error
        return collected.usage

    async def _end_of(self, batch: Batch) -> RemoteBatch:
        """Wait until a batch has ended, and return it."""
        wait, empty = 0.0, 0
        while True:
            await self._waiting.wait(wait * random.uniform(0.8, 1.2))
            wait = min(self._options.poll_s, wait * 1.5 or FIRST_LOOK_S)
            try:
                remote = await self._api.look(batch.id)
            except Gone:
                return self._missed(batch)
            if batch.state == "missing":
                self._ledger.submitted(batch.tag, batch.id)
            # Some endpoints name the files a while after they say that it is completed.
            empty += remote.status == "completed" and not (remote.output_file or remote.error_file)
            if remote.status in ENDED and empty not in range(1, EMPTY_LOOKS):
                return remote

    def _missed(self, batch: Batch) -> RemoteBatch:
        """Stop at a batch that the endpoint does not know; the next time, give it up."""
        if batch.state == "missing":
            return read_batch({"id": batch.id, "status": "gone"})
        self._ledger.missing(batch.tag)
        self._waiting.halt(
            f"{self.name} knows no batch {batch.id}, which had {self.open[batch.tag]} calls: it "
            "was deleted, or is another key's. With that key, the same command collects it; with "
            "this one, it asks these calls again, and they are paid for again"
        )
        raise Halted

    async def _submit_again(self, batch: Batch, remote: RemoteBatch, refused: int) -> Batch:
        """Submit a batch once more, later, for which the endpoint's queue had no room."""
        alone = len(self.open) == 1 and refused >= QUEUE_TRIES
        if alone or not remote.queue_full:
            self._ledger.close_batch(batch.tag)
            hint = "; set batch.max_requests lower" if remote.queue_full else ""
            raise self._api.steps.error(
                f"refuses batch {batch.id} of {self.open[batch.tag]} calls, of which nothing was "
                f"answered: {remote.error}{hint}"
            )
        await self._waiting.wait(min(QUEUE_WAIT_S, self._options.poll_s * 2.0 ** (refused - 1)))
        del self.open[batch.tag]
        again = await self._submitter.submit_again(batch)
        if again is None:
            self.superseded = True
            raise Halted
        return again

    def _tell(self, batch: Batch, remote: RemoteBatch, collected: Collected) -> None:
        for caution in collected.cautions:
            self._on_caution(caution)
        if not collected.unanswered:
            return
        how = "lost its answers" if collected.gone else _HOW.get(remote.status, "ended")
        self._on_caution(
            f"batch {batch.id} of {self.name} {how}: {collected.unanswered} of its calls have no "
            "answer; where it had begun with them, they were paid for"
        )
        if remote.status == "cancelled":
            self._waiting.halt(
                f"batch {batch.id} of {self.name} was cancelled there: what it had answered is "
                f"kept, and the same command asks its other {collected.unanswered} calls again"
            )
