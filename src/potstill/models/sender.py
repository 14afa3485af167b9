"""Sending a call once: to whichever endpoint has room, with what it cost and how it ended."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Self

import aiohttp

from potstill.errors import EndpointError
from potstill.models import failures
from potstill.models.budget import Budget
from potstill.models.call import Call, Outcome
from potstill.models.endpoints import NotSent, Site, Sites
from potstill.models.limits import CLOCK, SLEEP, Clock, Result, Sleep, asked_wait
from potstill.models.money import NOTHING, Usage, counted, usage_of
from potstill.models.teacher import Teacher
from potstill.models.tokens import count_usage, estimate
from potstill.models.traces import Trace, from_reply
from potstill.models.transport import Connection, Exchange
from potstill.models.unreached import UNREACHED, why
from potstill.records import ANSWERED
from potstill.storage.journal import Attempt

AWAY_S = 900.0
"""Seconds without an answer from any endpoint after which the run stops: a server that is started
anew is waited for, one that is gone is not."""

MEAN_OF = 64
"""Answers over which the running average of their lengths goes."""

_NO_HEADERS: Mapping[str, str] = {}


class Sender:
    """Sends calls to a teacher's endpoints, within their limits."""

    def __init__(
        self,
        teacher: Teacher,
        sites: Sites,
        *,
        budget: Budget | None = None,
        on_attempt: Callable[[Attempt], None] | None = None,
        on_caution: Callable[[str], None] = lambda _: None,
        sleep: Sleep = SLEEP,
        clock: Clock = CLOCK,
    ) -> None:
        """Read the keys; nothing is sent yet.

        Raises:
            InputError: The environment does not hold the key of an endpoint.
        """
        self._teacher = teacher
        self._budget = budget or Budget()
        self._on_attempt = on_attempt
        self._caution = on_caution
        self._sleep, self._clock = sleep, clock
        self._connections = {
            sites.site(each): Connection(each, teacher, clock=clock) for each in teacher.endpoints
        }
        self.pool = sites.pool(teacher.endpoints, sleep=sleep, clock=clock)
        self._mean: float | None = None
        """Tokens of an answer, on a running average."""
        self._reached = False
        self._unreachable: set[Site] = set()
        self._down: set[Site] = set()
        self._stopped: str | None = None
        self._closed = False
        self._resting: set[asyncio.Future[object]] = set()

    async def __aenter__(self) -> Self:
        """Open the connections."""
        async with AsyncExitStack() as stack:
            for connection in self._connections.values():
                await stack.enter_async_context(connection)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close them."""
        await self._stack.aclose()

    def close(self) -> None:
        """Send nothing more, and let nobody wait for that; those in flight are waited for."""
        self._closed = True
        for resting in self._resting:
            resting.cancel()
        self.pool.dismiss()

    async def rest(self, seconds: float) -> None:
        """Wait before a call is sent again, but no longer than until `close`."""
        if self._closed:
            return
        resting = asyncio.ensure_future(self._sleep(seconds))
        self._resting.add(resting)
        try:
            await asyncio.wait([resting])
        finally:
            self._resting.discard(resting)
            resting.cancel()

    def stop(self, error: EndpointError) -> EndpointError:
        """Let nothing more be sent, and return `error`."""
        self._stopped = str(error)
        return error

    def give_up(self, call: Call, last: Outcome) -> None:
        """Stop the run where a call failed for good and no endpoint fares better.

        Raises:
            EndpointError: No endpoint has answered yet, or none has for `AWAY_S`.
        """
        site = call.site
        if site is None or (last.exchange is not None and last.exchange.status == 200):
            return
        away = self.pool.away() or 0.0
        if not self._reached:
            raise self.stop(failures.unreachable(self._teacher.model, site.endpoint, last.detail))
        if away > AWAY_S:
            said = f"nothing for {away:.0f} s, {last.detail}; the same command continues"
            raise self.stop(failures.unreachable(self._teacher.model, site.endpoint, said))

    async def send(self, call: Call) -> Outcome:
        """Send a call once and book the attempt.

        Raises:
            EndpointError: Every call to this teacher would fail.
            NotSent: Nothing more is to be sent.
            Paused: The budget is spent.
        """
        if not self._budget.has_cap:
            outcome = await self._send(call)
            self._budget.spend(self._teacher.model, outcome.usage or NOTHING)
            return outcome
        async with self._budget.call(self._teacher.model, call.most) as use:
            outcome = await self._send(call)
            use.usage = outcome.usage
            return outcome

    async def _send(self, call: Call) -> Outcome:
        self.check()
        tokens = self._expected(call)
        site = call.site = await self.pool.enter(tokens, avoid=call.site)
        at, started = datetime.now(UTC), self._clock()
        outcome = Outcome("cancelled")
        try:
            self.check()
            outcome = await self._exchange(call, site)
        except asyncio.CancelledError:
            self._book(call, site, outcome, at, self._clock() - started)
            raise
        finally:
            seconds = self._clock() - started
            self.pool.leave(site, _result(call, outcome, seconds), tokens)
        self._book(call, site, outcome, at, seconds)
        self._look_at(site, outcome)
        return outcome

    def check(self) -> None:
        """Go no further where nothing is to be sent any more.

        Raises:
            EndpointError: Every call to this teacher would fail.
            NotSent: `close` was called.
        """
        if self._stopped is not None:
            raise EndpointError(self._stopped)
        if self._closed:
            raise NotSent

    def _look_at(self, site: Site, last: Outcome) -> None:
        """Tell when an endpoint goes or comes back; stop where none has ever answered.

        Raises:
            EndpointError: No endpoint answers, and none did before.
        """
        if site.health.is_down == (site in self._down):
            return
        teacher, address = f"teacher {self._teacher.model!r}", site.endpoint.address
        if not site.health.is_down:
            self._down.discard(site)
            self._caution(f"{teacher}: {address} answers again")
            return
        self._down.add(site)
        if not self._reached and self.pool.away() is not None:
            raise self.stop(failures.unreachable(self._teacher.model, site.endpoint, last.detail))
        others = len(self._connections) > len(self._down)
        then = "its calls go to the others" if others else "it is tried again until it does"
        self._caution(f"{teacher}: {address} answers no call ({last.detail}): {then}")

    def _expected(self, call: Call) -> int:
        """Return about how many tokens a call will cost, for limits of tokens a minute."""
        answer = call.request.sampling.max_tokens / 4 if self._mean is None else self._mean
        return round(len(call.text) / 4 + answer)

    async def _exchange(self, call: Call, site: Site) -> Outcome:
        try:
            exchange = await self._connections[site].post(call.text.encode(), stream=call.stream)
        except aiohttp.ConnectionTimeoutError as error:
            return self._network(error, site)
        except aiohttp.SocketTimeoutError:
            return Outcome("stalled", f"no byte within {self._teacher.stall_s:g} s")
        except TimeoutError:
            return Outcome("stalled", f"no whole reply within {self._teacher.deadline_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return self._network(error, site)
        if error := failures.fatal(
            self._teacher.model, site.endpoint, exchange.status, exchange.text
        ):
            raise self.stop(error)
        self._reached = True
        request = call.request
        trace = from_reply(exchange.reply or {}, request.reasoning, opened=request.opened)
        ending, detail = failures.of_exchange(exchange, trace)
        wait = None if ending in ANSWERED else asked_wait(exchange.headers)
        usage = read_usage(exchange, trace, lambda: call.prompt)
        if usage is not None:
            mean = usage.completion if self._mean is None else self._mean
            self._mean = mean + (usage.completion - mean) / MEAN_OF
        return Outcome(ending, detail, exchange, trace, usage, wait)

    def _network(self, error: aiohttp.ClientError | OSError, site: Site) -> Outcome:
        detail = why(error)
        if not self._reached and isinstance(error, UNREACHED):
            self._unreachable.add(site)
            if len(self._unreachable) == len(self._connections):
                raise self.stop(failures.unreachable(self._teacher.model, site.endpoint, detail))
        return Outcome("network", detail)

    def _book(self, call: Call, site: Site, outcome: Outcome, at: datetime, seconds: float) -> None:
        exchange = outcome.exchange
        first = exchange.first_token_s if exchange else None
        attempt = Attempt(
            at=at.isoformat(timespec="milliseconds"),
            ending=outcome.ending,
            status=exchange.status if exchange else None,
            seconds=round(seconds, 3),
            detail=outcome.detail,
            **counted(outcome.usage),
            first_token_s=None if first is None else round(first, 3),
            endpoint=site.endpoint.address,
            run=self._budget.run,
        )
        call.attempts.append(attempt)
        if self._on_attempt is not None:
            self._on_attempt(attempt)


def _result(call: Call, outcome: Outcome, seconds: float) -> Result:
    exchange, usage = outcome.exchange, outcome.usage
    return Result(
        ending=outcome.ending,
        status=exchange.status if exchange else None,
        headers=exchange.headers if exchange else _NO_HEADERS,
        seconds=seconds,
        tokens=usage and usage.total,
        first_token_s=exchange.first_token_s if exchange else None,
        again=call.has_failed,
    )


def read_usage(exchange: Exchange, trace: Trace, prompt: Callable[[], str]) -> Usage | None:
    """Return what the endpoint counted, or else, where it wrote something, a count of ours."""
    usage = usage_of(exchange.reply or {})
    if usage is not None or exchange.status != 200:
        return usage
    if not (trace.think or trace.answer):
        return None
    answer = f"{trace.think or ''}{trace.answer}"
    if exchange.broken is not None:  # not worth the tokenizer's memory: nobody knows what is billed
        return Usage(estimate(prompt()), estimate(answer), estimated=True)
    return count_usage(prompt(), answer)
