"""Submitting batches: each call in one of them, and each of them once, whatever is killed."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from potstill.errors import EndpointError
from potstill.models.batches.api import BatchApi, InDoubt
from potstill.models.batches.part import Part
from potstill.storage.batches import Batch, BatchLedger
from potstill.storage.files import explained

LOCK_LOOK_S = 0.5
"""Seconds between two looks whether another process has ended its submitting."""


class Submitter:
    """Submits one teacher's batches. Of all who share a ledger, one submits at a time."""

    def __init__(
        self,
        api: BatchApi,
        ledger: BatchLedger,
        folder: Path,
        *,
        window: str,
        wait: Callable[[float], Awaitable[None]],
    ) -> None:
        """Submit nothing yet.

        Args:
            api: Where to.
            ledger: Where it is written down.
            folder: For files on their way.
            window: The endpoint's `completion_window`.
            wait: Sleeps so many seconds, or raises where nothing more is to be done.
        """
        self.api = api
        """Where batches are submitted to."""
        self._ledger, self._folder = ledger, folder
        self._window, self._wait = window, wait
        self._one = asyncio.Lock()

    async def submit(
        self, part: Part, run: str, ended: Callable[[list[str]], Iterable[str]]
    ) -> Batch | None:
        """Submit those calls of a part that no batch holds and that have not ended.

        Args:
            part: The calls.
            run: Who pays for them.
            ended: Returns those of some keys that have ended meanwhile.

        Returns:
            The batch; None where no call was left.

        Raises:
            EndpointError: The endpoint refuses the batch, or is away.
        """
        tag, ledger, steps = uuid.uuid4().hex, self._ledger, self.api.steps
        most = part.most
        batch = Batch(tag, steps.endpoint.address, steps.model, run, most.prompt, most.completion)
        async with self._turn():
            await asyncio.to_thread(ledger.intend, batch, part.calls())
            # Only now: what left another batch before is in the journal by this time.
            await asyncio.to_thread(ledger.done, tag, list(ended([*part.keys])))
            if not ledger.size(tag):
                ledger.close_batch(tag)
                return None
            await self._deliver(tag)
        return ledger.batch(tag)

    async def submit_again(self, batch: Batch) -> Batch | None:
        """Submit a batch that failed before it began; return None where another run has.

        Raises:
            EndpointError: The endpoint refuses it, or is away.
        """
        tag = uuid.uuid4().hex
        async with self._turn():
            now = self._ledger.batch(batch.tag)
            if now is None or now.id != batch.id:
                return None
            self._ledger.renew(batch.tag, tag)
            await self._deliver(tag)
        return self._ledger.batch(tag)

    async def settle(self, tag: str) -> Batch | None:
        """Return a batch that is at its endpoint, or None where none is there (any more).

        Raises:
            EndpointError: The endpoint does not tell.
        """
        batch = self._ledger.batch(tag)
        if batch is not None and batch.state == "intended":
            async with self._turn():  # so its submitter has ended, or was killed
                batch = self._ledger.batch(tag)
                if batch is not None and batch.state == "intended":
                    await self._look_for(batch)
                    batch = self._ledger.batch(tag)
        return None if batch is None or batch.state == "closed" else batch

    async def _look_for(self, batch: Batch) -> None:
        found = await self.api.find(batch.file, batch.tag) if batch.file else None
        if found is None:
            self._ledger.close_batch(batch.tag)
        else:
            self._ledger.submitted(batch.tag, found.id)

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        async with self._one:
            while (lock := self._ledger.try_lock()) is None:
                await self._wait(LOCK_LOOK_S)
            try:
                await self._wait(0)
                yield
            finally:
                lock.release()

    async def _deliver(self, tag: str) -> None:
        with self._file() as file:
            await asyncio.to_thread(self._write, tag, file)
            try:
                uploaded = await self.api.upload(file, f"potstill-{tag}.jsonl")
                self._ledger.uploaded(tag, uploaded)
                remote = await self.api.create(uploaded, tag, self._window)
            except InDoubt:
                raise
            except EndpointError:
                self._ledger.close_batch(tag)
                raise
        self._ledger.submitted(tag, remote.id)

    def _file(self) -> IO[bytes]:
        """Return a file without a name: it is gone with the process."""
        with explained(self._folder):
            return TemporaryFile(dir=self._folder)

    def _write(self, tag: str, file: IO[bytes]) -> None:
        with explained(self._folder):
            for call in self._ledger.calls(tag):
                file.write(self.api.line(call.key, call.body))
            file.flush()
