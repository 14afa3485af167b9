"""How much may be asked of one endpoint: calls at a time, requests and tokens a minute, pauses."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from potstill.models.rates import Rate, quotas
from potstill.models.teacher import Endpoint
from potstill.models.window import Window
from potstill.records import ANSWERED, Ending

Sleep = Callable[[float], Awaitable[object]]
Clock = Callable[[], float]

SLEEP: Sleep = asyncio.sleep
CLOCK: Clock = time.monotonic

LONGEST_PAUSE = 600.0
"""Seconds after which an endpoint is asked again even if it said to wait for longer."""
LONGEST_BACKOFF = 60.0
"""Most seconds between two attempts of one call."""
REFUSALS = frozenset({429, 503})
"""Statuses that say that too much is asked (RFC 6585, 4; RFC 9110, 15.6.4)."""


class Result(NamedTuple):
    """How one request ended, as far as limits care."""

    ending: Ending
    status: int | None
    """The HTTP status, where there was one."""
    headers: Mapping[str, str]
    """The reply's headers, found whatever their case; empty where no reply came."""
    seconds: float
    """From sending to the end."""
    tokens: int | None
    """Of the prompt and the answer, where known."""
    first_token_s: float | None = None
    """From sending to the first piece of a streamed answer."""
    again: bool = False
    """Whether the call has failed before, so that it may be at fault itself."""

    @property
    def is_refusal(self) -> bool:
        """Whether the endpoint said that too much is asked of it."""
        return self.status in REFUSALS or self.ending == "rate_limited"


class Limits:
    """What one endpoint bears, as given and as learned; every call enters and leaves.

    No call waits here: `ready_at` tells when the next one may enter, and `endpoints.Pool` lets
    them wait. Times are seconds of one clock that never goes back.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        """Start with what the recipe says."""
        self.window = Window(endpoint.most, known=endpoint.max_in_flight is not None)
        self.requests = Rate(endpoint.rpm)
        self.tokens = Rate(endpoint.tpm)
        self._paused_until = -math.inf

    def tighten(self, endpoint: Endpoint) -> None:
        """Hold also what another teacher says of the same endpoint: the smaller number counts."""
        if endpoint.max_in_flight is not None:
            self.window.tighten(endpoint.max_in_flight)
        self.requests.tighten(endpoint.rpm)
        self.tokens.tighten(endpoint.tpm)

    @property
    def in_flight(self) -> int:
        """Calls inside the limits now."""
        return self.window.in_flight

    def ready_at(self) -> float:
        """Return when a call may enter: a time, maybe past, or infinity: one must leave first."""
        if self.window.is_full:
            return math.inf
        return max(self._paused_until, self.requests.ready_at(), self.tokens.ready_at())

    def enter(self, tokens: int, now: float) -> None:
        """Take a place, a request, and so many tokens."""
        self.window.enter()
        self.requests.take(1, now)
        self.tokens.take(tokens, now)

    def leave(self, result: Result, tokens: int, now: float) -> None:
        """Free the place, correct the tokens taken, and learn from the result."""
        overloaded = self._leave_window(result, now)
        self.tokens.take(_spent(result, tokens) - tokens, now)
        if result.headers:
            for rate, quota in zip(
                (self.requests, self.tokens), quotas(result.headers), strict=True
            ):
                if quota is not None:
                    rate.learn(quota, now)
        if overloaded and (wait := asked_wait(result.headers)) is not None:
            # Many servers send `Retry-After: 1` with each of a few refusals among many answers.
            # Then the refused call alone waits for it; all do where refusals are more than noise.
            self.pause(wait, now)

    def _leave_window(self, result: Result, now: float) -> bool:
        if result.ending == "cancelled":
            self.window.withdraw()
            return False
        if result.is_refusal:
            return self.window.refuse(result.seconds, now)
        answered = result.ending in ANSWERED
        self.window.leave(result.seconds, now, answered=answered, tokens=result.tokens)
        return False

    def withdraw(self, tokens: int, now: float) -> None:
        """Take an `enter` back: nothing was sent."""
        self.window.withdraw()
        self.requests.take(-1, now)
        self.tokens.take(-tokens, now)

    def pause(self, seconds: float, now: float) -> None:
        """Let no further call in for so many seconds; the longest pause asked for holds."""
        self._paused_until = max(self._paused_until, now + min(seconds, LONGEST_PAUSE))


def _spent(result: Result, tokens: int) -> int:
    """Return the tokens that a call cost: as counted, none if refused, else those expected."""
    if result.tokens is not None:
        return result.tokens
    return 0 if result.status is not None and result.status >= 400 else tokens


def backoff(delay: float, failed: int) -> float:
    """Return seconds to wait after the `failed`-th failure: exponential, with full jitter.

    Any time between none and the exponential one, so that calls that failed together do not come
    back together (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """
    return random.uniform(0, min(LONGEST_BACKOFF, delay * 2.0 ** (failed - 1)))


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds for which a reply asks to wait, at most `LONGEST_PAUSE`, or None.

    `retry-after-ms` is OpenAI's and Azure's own, and finer.
    """
    if not headers:
        return None
    wait = retry_after(headers.get("retry-after-ms"))
    if wait is not None:
        wait /= 1000
    else:
        wait = retry_after(headers.get("Retry-After"), headers.get("Date"))
    return None if wait is None else min(wait, LONGEST_PAUSE)


def retry_after(header: str | None, date: str | None = None) -> float | None:
    """Return the seconds that a Retry-After header asks for, or None (RFC 9110, 10.2.3).

    Args:
        header: Its value: seconds, or a date.
        date: The reply's own Date, from which a date counts: clocks differ, and may be set.
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            now = parsedate_to_datetime(date).timestamp() if date else time.time()
            seconds = parsedate_to_datetime(header).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
