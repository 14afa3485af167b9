"""How much may be asked of one endpoint at a time, and when it must be left alone."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from types import TracebackType

Sleep = Callable[[float], Awaitable[object]]
Clock = Callable[[], float]

LONGEST_PAUSE = 600.0
"""Seconds after which an endpoint is asked again even if it said to wait for longer."""
LONGEST_BACKOFF = 60.0
"""Most seconds between two attempts of one call."""


class Limits:
    """At most so many calls at once, and a pause that all of them keep: `async with limits:`."""

    def __init__(
        self, max_in_flight: int, *, sleep: Sleep = asyncio.sleep, clock: Clock = time.monotonic
    ) -> None:
        """Start open; `sleep` and `clock` count in seconds and are replaced in tests."""
        self.in_flight = 0
        """Calls inside the limits now."""
        self._slots = asyncio.Semaphore(max_in_flight)
        self._sleep = sleep
        self._clock = clock
        self._paused_until = -math.inf

    def pause(self, seconds: float) -> None:
        """Let no further call in for so many seconds; the longest pause asked for holds."""
        until = self._clock() + min(seconds, LONGEST_PAUSE)
        self._paused_until = max(self._paused_until, until)

    async def __aenter__(self) -> None:
        """Wait for a free place and for the end of a pause."""
        await self._slots.acquire()
        try:
            while (left := self._paused_until - self._clock()) > 0:
                await self._sleep(left)
        except BaseException:  # cancelled while waiting: the place must not be lost
            self._slots.release()
            raise
        self.in_flight += 1

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free the place."""
        self.in_flight -= 1
        self._slots.release()


def backoff(delay: float, failed: int) -> float:
    """Return seconds to wait after the `failed`-th failure: exponential, with full jitter.

    Any time between none and the exponential one, so that calls that failed together do not come
    back together (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """
    return random.uniform(0, min(LONGEST_BACKOFF, delay * 2.0 ** (failed - 1)))


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
