"""The steps of the batch protocol over HTTP, each sent again while the endpoint is busy or away."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Self

import aiohttp
from pydantic import JsonValue

from potstill.errors import EndpointError
from potstill.models import failures
from potstill.models.access import CONNECT_S, Access
from potstill.models.limits import Sleep, asked_wait, backoff
from potstill.models.replies import complaint, parse
from potstill.models.teacher import Endpoint
from potstill.models.unreached import UNREACHED, why

TRIES = 12
"""How often a step is sent before the endpoint counts as away: 4 minutes by the waits alone."""
DELAY_S = 1.0
"""Most seconds before the first repetition; they double with each, up to a minute."""
LONGEST_WAIT_S = 600.0
"""Seconds after which a step is sent again even if the endpoint said to wait for longer."""
SILENCE_S = 300.0
"""Seconds without a byte after which a step has failed."""
MOST_LINE = 256 * 2**20
"""Bytes of a longer line are no answer of a language model."""

Answer = dict[str, JsonValue]


class Gone(Exception):
    """The endpoint no longer has a batch, or a file."""


class Passing(Exception):
    """A step failed in a way that may pass."""

    def __init__(self, said: str, wait: float | None = None) -> None:
        """Keep what was said, and the seconds that the endpoint asks for."""
        super().__init__(said)
        self.wait = wait


class Steps:
    """The connection to one endpoint."""

    def __init__(
        self, endpoint: Endpoint, model: str, *, sleep: Sleep = asyncio.sleep, tries: int = TRIES
    ) -> None:
        """Read the key; nothing is sent yet.

        Raises:
            InputError: The environment does not hold the endpoint's key.
        """
        self.endpoint, self.model, self.tries = endpoint, model, tries
        self.sleep = sleep
        self._access = Access(endpoint, model)
        self._reached = False

    async def __aenter__(self) -> Self:
        """Open the session."""
        wait = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENCE_S)
        self._session = self._access.session(wait)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the session."""
        await self._session.close()

    async def send(
        self,
        method: str,
        path: str,
        *,
        form: Callable[[], aiohttp.FormData] | None = None,
        params: dict[str, str] | None = None,
        may_lack: bool = False,
    ) -> Answer:
        """Send a step until it is done, and return the JSON object that answers it.

        Args:
            method: `GET` or `POST`.
            path: What follows the endpoint's address.
            form: Makes the body, once for each time it is sent.
            params: The query.
            may_lack: Whether the endpoint may not have, any more, what `path` names.

        Raises:
            Gone: It does not have it.
            EndpointError: It refuses, or is away.
        """
        failed = 0
        while True:
            data = None if form is None else form()
            try:
                return await self.once(method, path, data=data, params=params, may_lack=may_lack)
            except Passing as failure:
                failed += 1
                await self.rest(failure, failed)

    async def once(
        self,
        method: str,
        path: str,
        *,
        data: aiohttp.FormData | None = None,
        json: JsonValue = None,
        params: dict[str, str] | None = None,
        may_lack: bool = False,
    ) -> Answer:
        """Send a step once; see `send`. The body is a form or JSON, if there is one.

        Raises:
            Passing: It failed in a way that may pass.
        """
        sending = self._reply(method, path, data=data, json=json, params=params)
        async with sending as reply:
            return await self._check(reply, path, may_lack)

    async def rest(self, failure: Passing, failed: int) -> None:
        """Wait before a step is sent again that has failed so often.

        Raises:
            EndpointError: It has failed too often.
        """
        if failed >= self.tries:
            raise failures.unreachable(self.model, self.endpoint, str(failure)) from failure
        wait = min(failure.wait or 0.0, LONGEST_WAIT_S)
        await self.sleep(max(wait, backoff(DELAY_S, failed)))

    async def lines(self, path: str) -> AsyncGenerator[str]:
        """Yield the lines of a file, each once, however often its download breaks off.

        Raises:
            Gone: The endpoint no longer has the file.
            EndpointError: The endpoint refuses to give it, or is away.
        """
        given = failed = 0
        while True:
            try:
                async with aclosing(self._download(path)) as texts:
                    number = 0
                    async for text in texts:
                        number += 1
                        if number > given:
                            given, failed = number, 0
                            yield self._access.redact(text)
                return
            except Passing as failure:
                failed += 1
                await self.rest(failure, failed)

    async def _download(self, path: str) -> AsyncGenerator[str]:
        # The content may lie elsewhere; aiohttp takes no key along to another host.
        async with self._reply("GET", path, follow=True) as reply:
            if reply.status != 200:
                await self._check(reply, path, may_lack=True)
            rest = b""
            async for piece in reply.content.iter_chunked(2**18):
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    yield line.decode(errors="replace")
                if len(rest) > MOST_LINE:
                    raise self.error(f"sends a line of more than {MOST_LINE} bytes as /{path}")
            if rest:
                yield rest.decode(errors="replace")

    @asynccontextmanager
    async def _reply(
        self,
        method: str,
        path: str,
        *,
        data: aiohttp.FormData | None = None,
        json: JsonValue = None,
        params: dict[str, str] | None = None,
        follow: bool = False,
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Send a request; what the network does until its reply is read is `Passing`.

        A redirect is followed only where asked: a body could go to another host.
        """
        url = self.endpoint.at(path).update_query(params or {})
        sending = self._session.request(method, url, data=data, json=json, allow_redirects=follow)
        try:
            async with sending as reply:
                self._reached = True
                yield reply
        except (aiohttp.ClientError, OSError) as error:
            if not self._reached and isinstance(error, UNREACHED):
                raise failures.unreachable(self.model, self.endpoint, why(error)) from error
            raise Passing(why(error)) from error

    async def _check(self, reply: aiohttp.ClientResponse, path: str, may_lack: bool) -> Answer:
        text = self._access.redact((await reply.read()).decode(errors="replace"), reply.status)
        answer, said, status = parse(text), complaint(text), reply.status
        if 200 <= status < 300:
            if answer is None:
                raise Passing(f"no JSON object but {said!r}")
            return answer
        if status in (404, 410) and may_lack:
            raise Gone(path)
        if status in (404, 405, 410, 501):
            raise self.error(f"offers no batches: it has no /{path} (HTTP {status}: {said})")
        if error := failures.fatal(self.model, self.endpoint, status, text):
            raise error
        if failures.of_status(status, said) in ("rate_limited", "server_error"):
            raise Passing(f"HTTP {status}: {said}", asked_wait(reply.headers))
        raise self.error(f"refuses a batch (HTTP {status}: {said})")

    def error(self, what: str) -> EndpointError:
        """Return an error that names the teacher."""
        return EndpointError(f"teacher {self.model!r} at {self.endpoint.address} {what}")
