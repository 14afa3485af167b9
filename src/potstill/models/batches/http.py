"""The steps of the batch protocol over HTTP, each sent again while the endpoint is busy or away."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from types import TracebackType
from typing import Any, Self

import aiohttp
from pydantic import JsonValue

from potstill.errors import EndpointError
from potstill.models import failures
from potstill.models.limits import Sleep, backoff, retry_after
from potstill.models.proxies import proxy_for
from potstill.models.replies import complaint, parse
from potstill.models.teacher import Endpoint
from potstill.models.transport import CONNECT_S, LEAST_SECRET, tls
from potstill.models.unreached import UNREACHED, why
from potstill.version import VERSION

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
        self._key = endpoint.read_key(model)
        self._reached = False

    async def __aenter__(self) -> Self:
        """Open the session; TLS certificates are checked, the environment's proxy is used."""
        headers = {"User-Agent": f"potstill/{VERSION}"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        self._session = aiohttp.ClientSession(
            headers=headers,
            connector=aiohttp.TCPConnector(ssl=tls(self.endpoint.url)),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENCE_S),
            proxy=proxy_for(self.endpoint.url),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
                return await self.once(method, path, may_lack, data=data, params=params)
            except Passing as failure:
                failed += 1
                await self.rest(failure, failed)

    async def once(self, method: str, path: str, may_lack: bool = False, **sent: Any) -> Answer:
        """Send a step once; see `send`.

        Raises:
            Passing: It failed in a way that may pass.
        """
        # A redirect is not followed: it could carry the key to another host.
        async with self._reply(method, path, allow_redirects=False, **sent) as reply:
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
                            yield self.redact(text)
                return
            except Passing as failure:
                failed += 1
                await self.rest(failure, failed)

    async def _download(self, path: str) -> AsyncGenerator[str]:
        # The content may lie elsewhere; aiohttp takes no key along to another host.
        async with self._reply("GET", path, allow_redirects=True) as reply:
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
        self, method: str, path: str, *, params: dict[str, str] | None = None, **sent: Any
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Send a request; what the network does until its reply is read is `Passing`."""
        url = self.endpoint.at(path).update_query(params or {})
        try:
            async with self._session.request(method, url, **sent) as reply:
                self._reached = True
                yield reply
        except (aiohttp.ClientError, OSError) as error:
            if not self._reached and isinstance(error, UNREACHED):
                raise failures.unreachable(self.model, self.endpoint, why(error)) from error
            raise Passing(why(error)) from error

    async def _check(self, reply: aiohttp.ClientResponse, path: str, may_lack: bool) -> Answer:
        text = self.redact((await reply.read()).decode(errors="replace"), reply.status)
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
            wait = retry_after(reply.headers.get("Retry-After"), reply.headers.get("Date"))
            raise Passing(f"HTTP {status}: {said}", wait)
        raise self.error(f"refuses a batch (HTTP {status}: {said})")

    def redact(self, text: str, status: int = 200) -> str:
        """Return a text from the endpoint without the key: some repeat what they were sent."""
        if self._key and (status != 200 or len(self._key) >= LEAST_SECRET):
            return text.replace(self._key, "***")
        return text

    def error(self, what: str) -> EndpointError:
        """Return an error that names the teacher."""
        return EndpointError(f"teacher {self.model!r} at {self.endpoint.address} {what}")
