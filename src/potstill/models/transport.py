"""Sending one request to one endpoint and reading its reply, whole or streamed.

Nothing here judges a reply: it says what came, or in which way nothing did.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, Self

import aiohttp
from pydantic import JsonValue

from potstill.models.access import CONNECT_S, Access
from potstill.models.replies import parse
from potstill.models.stream import Stream, to_text
from potstill.models.teacher import Endpoint, Teacher

MOST_BYTES = 256 * 2**20
"""A longer reply is given up: no answer of a language model comes near it."""
MOST_COMPLAINT = 2**20
"""Bytes of a failure's reply that are read."""
END_S = 5.0
"""Seconds that a stream may stay open once its answer is whole: some endpoints forget to end it."""

Break = Literal["stalled", "late", "cut", "too_long", "damaged"]
"""How a reply broke off: no byte for `stall_s`; not whole by `deadline_s`; the connection ended in
the middle; more than `MOST_BYTES`; an event of a stream that can't be read."""


class Exchange(NamedTuple):
    """What came of one request."""

    status: int
    """The HTTP status."""
    headers: Mapping[str, str]
    """Those of the reply; names in any case."""
    text: str
    """The reply's body as the journal keeps it: of a stream, its pieces put together."""
    reply: dict[str, JsonValue] | None
    """The JSON object in it; None where there is none."""
    broken: Break | None = None
    """How it broke off before its end; None where it is whole."""
    first_token_s: float | None = None
    """Seconds from sending to the first piece of a streamed answer."""


class Connection:
    """The connections to one endpoint, kept open between requests."""

    def __init__(
        self, endpoint: Endpoint, teacher: Teacher, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Read the key; nothing is sent yet.

        Raises:
            InputError: The environment does not hold the endpoint's key.
        """
        self.endpoint = endpoint
        self._url = endpoint.url
        self._access = Access(endpoint, teacher.model)
        self._teacher = teacher
        self._clock = clock

    async def __aenter__(self) -> Self:
        """Open the session."""
        wait = {"total": self._teacher.deadline_s, "sock_connect": CONNECT_S}
        self._streamed = aiohttp.ClientTimeout(**wait, sock_read=self._teacher.stall_s)
        self._whole = aiohttp.ClientTimeout(**wait)
        self._session = self._access.session(self._whole, {"Content-Type": "application/json"})
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the session."""
        await self._session.close()

    async def post(self, data: bytes, *, stream: bool) -> Exchange:
        """Send a request's body and read its reply.

        Raises:
            aiohttp.ClientError: There was no reply, or a whole one was cut off.
            OSError: Likewise; `TimeoutError` where none came in time.
        """
        started = self._clock()
        # A redirect is not followed: it could carry the key to another host.
        async with self._session.post(
            self._url,
            data=data,
            allow_redirects=False,
            timeout=self._streamed if stream else self._whole,
        ) as response:
            if stream and response.content_type == "text/event-stream":
                return await self._read_stream(response, started)
            return await self._read_whole(response)

    async def _read_whole(self, response: aiohttp.ClientResponse) -> Exchange:
        failed = response.status != 200
        most = MOST_COMPLAINT if failed else MOST_BYTES
        body = await _read(response, most)
        if len(body) > most and not failed:
            return Exchange(response.status, response.headers, "", None, "too_long")
        text = self._access.redact(
            body[:most].decode("utf-8-sig", errors="replace"), response.status
        )
        return Exchange(response.status, response.headers, text, parse(text))

    async def _read_stream(self, response: aiohttp.ClientResponse, started: float) -> Exchange:
        stream = Stream()
        first: float | None = None
        broken: Break | None = None
        size = 0
        try:
            async with asyncio.timeout(None) as rest:
                async for piece in response.content.iter_any():
                    stream.feed(piece)
                    size += len(piece)
                    if first is None and stream.started:
                        first = self._clock() - started
                    if stream.finished and rest.when() is None:
                        rest.reschedule(asyncio.get_running_loop().time() + END_S)
                    if size > MOST_BYTES:
                        broken = "too_long"
                        break
        except aiohttp.SocketTimeoutError:
            broken = "stalled"
        except TimeoutError:
            broken = "late"
        except (aiohttp.ClientError, OSError):
            broken = "cut"
        stream.end()
        broken = _verdict(stream, broken)
        text = self._access.redact(to_text(stream.reply()), response.status)
        return Exchange(response.status, response.headers, text, parse(text), broken, first)


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the body of a reply, or a little more than so many bytes of it."""
    if 0 <= (response.content_length or -1) <= most:
        return await response.read()  # the quicker way
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > most:
            break
    return bytes(body)


def _verdict(stream: Stream, broken: Break | None) -> Break | None:
    if stream.damaged:
        return "damaged"
    if stream.finished and broken != "too_long":
        return None  # all is there that was paid for; only the end of the connection went wrong
    return broken or "cut"
