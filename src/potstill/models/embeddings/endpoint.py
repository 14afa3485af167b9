"""Vectors from an OpenAI-compatible endpoint: each text is asked for once, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import aiohttp
import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from potstill.errors import EndpointError
from potstill.models.access import CONNECT_S, Access
from potstill.models.embeddings.cache import Cache, key_of, opened, path
from potstill.models.embeddings.embedder import Served, unit
from potstill.models.failures import of_status
from potstill.models.limits import Sleep, asked_wait, backoff
from potstill.models.replies import complaint, parse
from potstill.models.teacher import Endpoint
from potstill.models.unreached import UNREACHED, why

TRIES = 10
"""How often a request is sent before the endpoint counts as away."""
DELAY_S = 1.0
"""Most seconds before the first repetition; they double with each."""
SILENCE_S = 120.0
"""Seconds without a byte after which a request has failed."""
IN_FLIGHT = 8
"""Requests at one time."""

Vectors = NDArray[np.float32]


class _Passing(Exception):
    """A request failed in a way that may pass; `wait` is what the endpoint asks for."""

    def __init__(self, said: str, wait: float | None = None) -> None:
        super().__init__(said)
        self.wait = wait


class _Refused(Exception):
    """The endpoint refuses the texts of a request, and would refuse them again."""


class Remote:
    """A model behind an address; what it gave is kept in the cache of `cache.py`."""

    where: Literal["local", "remote"] = "remote"

    def __init__(self, served: Served, *, sleep: Sleep = asyncio.sleep) -> None:
        """Read the key; nothing is sent yet.

        Raises:
            InputError: The address is none, or the environment does not hold the key.
        """
        self._served, self._sleep = served, sleep
        self._endpoint = Endpoint(served.base_url, served.key_env)
        self._access = Access(self._endpoint, served.model)
        self._length = served.dimensions
        self._reached = False

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts, of which only those are asked for that the cache lacks.

        Raises:
            EndpointError: The endpoint refuses, is away, or gives no vectors.
            StorageError: The cache can't be written.
        """
        keys = [key_of(self._served.model, self._served.dimensions, text) for text in texts]
        with opened() as cache:
            found = cache.get([*dict.fromkeys(keys)])
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
            if missing:
                _wait(self._ask_all(missing, cache))
                found |= cache.get([*missing])
        rows = [found[key] for key in keys]
        self._check_lengths({len(row) for row in rows})
        return np.stack(rows) if rows else np.empty((0, self._length or 0), dtype=np.float32)

    def _check_lengths(self, found: set[int]) -> None:
        """Look whether vectors, which the cache may have from earlier, are of one model."""
        if len(lengths := found | {self._length or min(found, default=0)}) > 1:
            told = " and ".join(map(str, sorted(lengths)))
            raise self._error(
                f"gave vectors of several lengths ({told}), as if another model had had its name: "
                f"call it otherwise, or remove {path()}"
            )
        self._length = max(found, default=self._length)

    async def _ask_all(self, missing: dict[bytes, str], cache: Cache) -> None:
        keys, size = [*missing], self._served.batch
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENCE_S)
        room = asyncio.Semaphore(IN_FLIGHT)
        async with self._access.session(timeout) as session:

            async def ask(some: Sequence[bytes]) -> None:
                async with room:
                    vectors = await self._ask([missing[key] for key in some], session)
                cache.put(dict(zip(some, vectors, strict=True)))

            asking = [
                asyncio.ensure_future(ask(keys[i : i + size])) for i in range(0, len(keys), size)
            ]
            try:
                await asyncio.gather(*asking)
            finally:
                for each in asking:
                    each.cancel()
                await asyncio.gather(*asking, return_exceptions=True)

    async def _ask(self, texts: Sequence[str], session: aiohttp.ClientSession) -> Vectors:
        """Return the vectors of one request; of its halves, where its texts are refused."""
        try:
            return await self._patiently(texts, session)
        except _Refused as error:
            if len(texts) == 1:
                raise self._error(
                    f"refuses a text of {len(texts[0]):,} characters ({error}): set max_chars lower"
                ) from None
            half = len(texts) // 2
            parts = [await self._ask(part, session) for part in (texts[:half], texts[half:])]
            return np.concatenate(parts)

    async def _patiently(self, texts: Sequence[str], session: aiohttp.ClientSession) -> Vectors:
        failed = 0
        while True:
            try:
                return await self._once(texts, session)
            except _Passing as failure:
                failed += 1
                if failed == TRIES:
                    raise self._error(f"failed {TRIES} times, at last: {failure}") from None
                await self._sleep(max(failure.wait or 0.0, backoff(DELAY_S, failed)))

    async def _once(self, texts: Sequence[str], session: aiohttp.ClientSession) -> Vectors:
        body: dict[str, JsonValue] = {"model": self._served.model, "input": [*texts]}
        body["encoding_format"] = "float"
        if self._served.dimensions is not None:
            body["dimensions"] = self._served.dimensions
        try:
            # A redirect is not followed: it could carry the texts and the key to another host.
            url = self._endpoint.at("embeddings")
            async with session.post(url, json=body, allow_redirects=False) as reply:
                self._reached = True
                text = (await reply.read()).decode(errors="replace")
        except (aiohttp.ClientError, OSError) as error:
            if not self._reached and isinstance(error, UNREACHED):
                raise self._error(f"does not answer: {why(error)}") from None
            raise _Passing(why(error)) from error
        text = self._access.redact(text, reply.status)
        if reply.status != 200:
            self._complain(reply.status, complaint(text), asked_wait(reply.headers))
        return self._read(parse(text) or {}, len(texts))

    def _complain(self, status: int, said: str, wait: float | None) -> None:
        kind = of_status(status, said)
        if kind in ("rate_limited", "server_error"):
            raise _Passing(f"HTTP {status}: {said}", wait)
        if status in (401, 403):
            env = self._served.key_env
            key = f"the key in {env}" if env else "a call without a key (no key_env)"
            raise self._error(f"refuses {key} (HTTP {status})")
        if status in (400, 413, 422):
            raise _Refused(f"HTTP {status}: {said}")
        raise self._error(
            f"knows no such model, or base_url is not what comes before /embeddings (HTTP {status}:"
            f" {said})"
        )

    def _read(self, reply: dict[str, JsonValue], wanted: int) -> Vectors:
        """Return the vectors of a reply in the order of the texts."""
        data = reply.get("data")
        items = [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
        if len(items) != wanted:
            raise _Passing(f"{len(items)} vectors for {wanted} texts")
        by_place = {item.get("index", i): item.get("embedding") for i, item in enumerate(items)}
        if by_place.keys() != {*range(wanted)}:
            raise _Passing("vectors whose indices are not those of the texts")
        try:
            vectors = np.array([by_place[i] for i in range(wanted)], dtype=np.float32)
        except (TypeError, ValueError):
            raise _Passing("vectors of several lengths, or no numbers") from None
        if vectors.ndim != 2 or not np.isfinite(vectors).all():
            raise _Passing("vectors with values that are no finite numbers")
        dims = np.size(vectors, axis=1)
        self._length = self._length or dims
        if dims != self._length:
            raise self._error(f"gave vectors of {dims} numbers, not of {self._length}")
        return unit(vectors)

    def _error(self, what: str) -> EndpointError:
        return EndpointError(f"embedder {self._served.model!r} at {self._endpoint.address} {what}")


def _wait(asking: Coroutine[None, None, None]) -> None:
    """Wait for the end of `asking`, also where an event loop runs already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(asking)
    else:
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(asyncio.run, asking).result()
