"""The file protocol of batches, as OpenAI has it.

    POST /files                   the requests, one JSON object a line
    POST /batches                 a batch of them
    GET  /batches, /batches/ID    which there are, and how far one is
    GET  /files/ID/content        its answers, or its failures, one JSON object a line

(https://platform.openai.com/docs/api-reference/batch)
"""

import json
import os
import re
from collections.abc import AsyncGenerator
from typing import IO

import aiohttp
from pydantic import JsonValue

from potstill.errors import EndpointError
from potstill.models.batches.http import Passing, Steps
from potstill.models.batches.replies import RemoteBatch, read_batch, read_page

LOOKS = 3
"""How often the list is read before it is believed that a batch is not in it."""
LOOK_AGAIN_S = 2.0
"""Seconds between these: the list may lag behind what was just created."""


class InDoubt(EndpointError):
    """The endpoint was asked to create a batch, and went away before it said whether it did."""


class BatchApi:
    """The batches of one endpoint."""

    def __init__(self, steps: Steps) -> None:
        """Use an open connection."""
        self.steps = steps
        # Gateways differ in what comes before the version; the lines begin with the version.
        version = re.search(r"/(v\d+)/chat/completions$", steps.endpoint.url.path)
        self.path = f"/{version[1] if version else 'v1'}/chat/completions"
        """What each line of a batch asks, such as `/v1/chat/completions`."""

    def line(self, key: str, body: str) -> bytes:
        """Return the line that asks a call."""
        head = json.dumps({"custom_id": key, "method": "POST", "url": self.path})
        return f'{head[:-1]}, "body": {body}}}\n'.encode("ascii")

    async def upload(self, file: IO[bytes], name: str) -> str:
        """Upload requests, and return the file's id.

        Raises:
            EndpointError: The endpoint refuses them, or is away.
        """

        def form() -> aiohttp.FormData:
            file.seek(0)
            form = aiohttp.FormData()
            form.add_field("purpose", "batch")
            copy = os.fdopen(os.dup(file.fileno()), "rb")  # aiohttp closes what it has sent
            form.add_field("file", copy, filename=name, content_type="application/jsonl")
            return form

        found = (await self.steps.send("POST", "files", form=form)).get("id")
        if not isinstance(found, str) or not found:
            raise self.steps.error("took a file without naming it: it offers no batches")
        return found

    async def create(self, file: str, tag: str, window: str) -> RemoteBatch:
        """Have an uploaded file answered; the batch is created once, however often this fails.

        Raises:
            EndpointError: The endpoint refuses it.
            InDoubt: The endpoint went away before it said whether it took it.
        """
        body: JsonValue = {
            "input_file_id": file,
            "endpoint": self.path,
            "completion_window": window,
            "metadata": {"potstill": tag},
        }
        failed = 0
        while True:
            try:
                return self._named(read_batch(await self.steps.once("POST", "batches", json=body)))
            except Passing as failure:
                failed += 1
                try:
                    await self.steps.rest(failure, failed)
                    found = await self.find(file, tag, looks=1)
                except EndpointError as error:
                    raise InDoubt(f"{error}; the same command looks whether it took it") from error
                if found is not None:
                    return found

    async def find(self, file: str, tag: str, looks: int = LOOKS) -> RemoteBatch | None:
        """Return the batch of this uploaded file, or of this tag, if the endpoint has it.

        Raises:
            EndpointError: The endpoint does not list its batches, or is away.
        """
        for look in range(looks):
            if look:
                await self.steps.sleep(LOOK_AGAIN_S)
            async for batch in self._list():
                if (file and batch.input_file == file) or batch.tag == tag:
                    return batch
        return None

    async def _list(self) -> AsyncGenerator[RemoteBatch]:
        seen: set[str] = set()
        params = {"limit": "100"}
        while True:
            page = await self.steps.send("GET", "batches", params=params)
            new = [batch for batch in read_page(page) if batch.id not in seen]
            for batch in new:
                yield batch
            if not new or not page.get("has_more"):  # where `after` is ignored, nothing is new
                return
            seen.update(batch.id for batch in new)
            params["after"] = new[-1].id

    async def look(self, batch: str) -> RemoteBatch:
        """Return how far a batch is.

        Raises:
            Gone: The endpoint has no such batch.
            EndpointError: The endpoint refuses to tell, or is away.
        """
        return read_batch(await self.steps.send("GET", f"batches/{batch}", may_lack=True))

    def lines(self, file: str) -> AsyncGenerator[str]:
        """Yield the lines of a file, each once.

        Raises:
            Gone: The endpoint no longer has the file.
            EndpointError: The endpoint refuses to give it, or is away.
        """
        return self.steps.lines(f"files/{file}/content")

    def _named(self, batch: RemoteBatch) -> RemoteBatch:
        if not batch.id:
            raise self.steps.error("took a batch without naming it: it offers no batches")
        return batch
