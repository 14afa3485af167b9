"""The one place that asks models: over the OpenAI-compatible protocol, through the journal."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp
from pydantic import JsonValue

from potstill.errors import EndpointError
from potstill.models import failures
from potstill.models.limits import Clock, Limits, Sleep, backoff, retry_after
from potstill.models.proxies import proxy_for
from potstill.models.replies import complaint, parse, tokens
from potstill.models.requests import Request
from potstill.models.teacher import Teacher
from potstill.records import ANSWERED, Ending, Reasoning
from potstill.storage.journal import Attempt, Entry, Journal

CONNECT_S = 30.0
"""Seconds to wait for a connection."""
LEAST_SECRET = 16
"""A shorter key (`EMPTY`, `token-abc123`) guards nothing, and may be a word of an answer."""

_CREDENTIALS = re.compile(r"//[^/@\s]*@")


class _Outcome(NamedTuple):
    """How one attempt ended."""

    ending: Ending
    detail: str = ""
    status: int | None = None
    reply: dict[str, JsonValue] | None = None
    retry_after: float | None = None


class _Call:
    """One call while it is being made."""

    def __init__(self, request: Request, *, seed: bool, earlier: Entry | None) -> None:
        self.request = request
        self.body = request.body(seed=seed)
        self.data = json.dumps(self.body, separators=(",", ":")).encode("ascii")
        self.earlier = earlier.attempts if earlier else ()
        self.attempts: list[Attempt] = []

    def entry(self, ending: Ending, reply: dict[str, JsonValue] | None = None) -> Entry:
        return Entry(
            key=self.request.key,
            model=self.request.model,
            ending=ending,
            request=self.body,
            reply=reply or {},
            attempts=(*self.earlier, *self.attempts),
        )


class Client:
    """Asks one teacher; every call goes through the journal, and what is in it is not asked again.

    The first call is sent alone: a wrong key, a wrong model or a host that does not answer stops
    everything before more is sent. Cancelling `ask` ends its request.
    """

    def __init__(
        self,
        teacher: Teacher,
        journal: Journal,
        *,
        on_attempt: Callable[[Attempt], None] | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        """Read the key; nothing is sent yet.

        Args:
            teacher: Whom to ask.
            journal: Where every call is kept.
            on_attempt: Called after each request, for progress.
            sleep: Waits so many seconds; replaced in tests.
            clock: Counts seconds; replaced in tests.

        Raises:
            InputError: The environment does not hold the teacher's key.
        """
        self.teacher = teacher
        self._journal = journal
        self._on_attempt = on_attempt
        self._sleep = sleep
        self._clock = clock
        self._key = teacher.read_key()
        self._url = teacher.url
        self._limits = Limits(teacher.max_in_flight, sleep=sleep, clock=clock)
        self._asking: dict[str, asyncio.Future[Entry | None]] = {}
        self._first = asyncio.Lock()
        self._opened = False
        self._reached = False
        self._stopped: str | None = None

    @property
    def in_flight(self) -> int:
        """Requests that are being sent or waited for now."""
        return self._limits.in_flight

    async def __aenter__(self) -> Self:
        """Open the session; TLS certificates are checked, the environment's proxy is used."""
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        self._session = aiohttp.ClientSession(
            headers=headers,
            connector=aiohttp.TCPConnector(limit=0),  # `Limits` is the limit
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_S, sock_read=self.teacher.stall_s),
            proxy=proxy_for(self._url),
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

    async def ask(self, request: Request) -> Entry:
        """Return how the call ended, from the journal if it is final there, else by asking.

        Returns only after the journal's commit. Concurrent asks of one key are one call.

        Raises:
            EndpointError: Every call to this teacher would fail.
            StorageError: The journal can't be read or written.
        """
        key = request.key
        while (pending := self._asking.get(key)) is not None:
            if (entry := await asyncio.shield(pending)) is not None:
                return entry
        earlier = self._journal.get(key)
        if earlier is not None and failures.is_final(earlier.ending):
            return earlier
        pending = self._asking[key] = asyncio.get_running_loop().create_future()
        entry = None
        try:
            entry = await self._in_turn(_Call(request, seed=self.teacher.seed, earlier=earlier))
            return entry
        finally:
            del self._asking[key]
            pending.set_result(entry)

    async def _in_turn(self, call: _Call) -> Entry:
        if not self._opened:
            async with self._first:
                if not self._opened:
                    entry = await self._make(call)
                    self._opened = True
                    return entry
        return await self._make(call)

    async def _make(self, call: _Call) -> Entry:
        try:
            last = await self._until_done(call)
        except (asyncio.CancelledError, EndpointError):
            if call.attempts:
                await self._commit(call.entry("cancelled"))
            raise
        entry = call.entry(last.ending, last.reply)
        await self._commit(entry)
        return entry

    async def _commit(self, entry: Entry) -> None:
        # A cancelled asker must not leave before the commit: who waits for the same key would
        # not find the answer in the journal, and pay for it again.
        commit = asyncio.ensure_future(self._journal.put(entry))
        try:
            await asyncio.shield(commit)
        except asyncio.CancelledError:
            await commit
            raise

    async def _until_done(self, call: _Call) -> _Outcome:
        failed: Counter[Ending] = Counter()
        while True:
            last = await self._attempt(call)
            policy = failures.POLICIES[last.ending]
            failed[last.ending] += 1
            if last.retry_after is not None:
                self._limits.pause(last.retry_after)
            if failed[last.ending] > policy.retries:
                return self._given_up(last)
            await self._sleep(backoff(policy.delay, failed[last.ending]))

    def _given_up(self, last: _Outcome) -> _Outcome:
        if not self._reached:
            raise self._stop(failures.unreachable(self.teacher, last.detail))
        return last

    async def _attempt(self, call: _Call) -> _Outcome:
        async with self._limits:
            if self._stopped is not None:
                raise EndpointError(self._stopped)
            at, started = datetime.now(UTC), self._clock()
            try:
                outcome = await self._send(call)
            except asyncio.CancelledError:
                self._book(call, _Outcome("cancelled"), at, self._clock() - started)
                raise
            self._book(call, outcome, at, self._clock() - started)
            return outcome

    def _book(self, call: _Call, outcome: _Outcome, at: datetime, seconds: float) -> None:
        prompt, completion = tokens(outcome.reply or {})
        attempt = Attempt(
            at=at.isoformat(timespec="milliseconds"),
            ending=outcome.ending,
            status=outcome.status,
            seconds=round(seconds, 3),
            detail=outcome.detail,
            prompt_tokens=prompt,
            completion_tokens=completion,
        )
        call.attempts.append(attempt)
        if self._on_attempt is not None:
            self._on_attempt(attempt)

    async def _send(self, call: _Call) -> _Outcome:
        # A redirect is not followed: it could carry the key to another host.
        sending = self._session.post(self._url, data=call.data, allow_redirects=False)
        try:
            async with sending as response:
                text = (await response.read()).decode("utf-8", errors="replace")
        except aiohttp.ConnectionTimeoutError as error:
            return self._network(error)
        except TimeoutError:
            return _Outcome("stalled", f"no byte for {self.teacher.stall_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return self._network(error)
        self._reached = True
        outcome = self._read(response.status, text, call.request.reasoning)
        if outcome.ending in ANSWERED:
            return outcome
        headers = response.headers
        wait = retry_after(headers.get("Retry-After"), headers.get("Date"))
        return outcome._replace(retry_after=wait)

    def _network(self, error: aiohttp.ClientError | OSError) -> _Outcome:
        detail = _CREDENTIALS.sub("//", f"{type(error).__name__}: {error}")[:300]
        if not self._reached and isinstance(error, aiohttp.ClientConnectorError):
            said = f"{error.host}:{error.port}: {failures.reason(error.os_error)}"
            raise self._stop(failures.unreachable(self.teacher, said))
        return _Outcome("network", detail)

    def _read(self, status: int, text: str, reasoning: Reasoning) -> _Outcome:
        if self._key and (status != 200 or len(self._key) >= LEAST_SECRET):
            text = text.replace(self._key, "***")  # some endpoints repeat what they were sent
        reply = parse(text)
        if status == 200:
            ending = failures.of_reply(reply, reasoning)
            detail = "" if ending in ANSWERED else complaint(text)
            return _Outcome(ending, detail, status, reply)
        if error := failures.fatal(self.teacher, status, text):
            raise self._stop(error)
        said = complaint(text)
        return _Outcome(failures.of_status(status, said), said, status, reply)

    def _stop(self, error: EndpointError) -> EndpointError:
        self._stopped = str(error)
        return error
