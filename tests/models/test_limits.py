import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from potstill.models.limits import (
    LONGEST_BACKOFF,
    LONGEST_PAUSE,
    Limits,
    backoff,
    retry_after,
)


class FakeTime:
    """A clock that moves only when someone sleeps."""

    def __init__(self):
        self.now = 0.0

    def clock(self):
        return self.now

    async def sleep(self, seconds):
        self.now = max(self.now, self.now + seconds)
        await asyncio.sleep(0)


async def test_no_more_than_the_limit_are_in_flight():
    limits = Limits(3)
    seen = []

    async def call():
        async with limits:
            seen.append(limits.in_flight)
            await asyncio.sleep(0)

    await asyncio.gather(*(call() for _ in range(10)))
    assert max(seen) == 3
    assert limits.in_flight == 0


async def test_a_pause_holds_all_calls_and_the_longest_counts():
    time = FakeTime()
    limits = Limits(2, sleep=time.sleep, clock=time.clock)
    limits.pause(5)
    limits.pause(2)
    async with limits:
        assert time.now == 5
    async with limits:
        assert time.now == 5


async def test_no_pause_is_longer_than_the_longest():
    time = FakeTime()
    limits = Limits(1, sleep=time.sleep, clock=time.clock)
    limits.pause(1e9)
    async with limits:
        assert time.now == LONGEST_PAUSE


async def test_a_call_cancelled_in_a_pause_frees_its_place():
    now = 0.0
    forever = asyncio.Event()
    limits = Limits(1, sleep=lambda _: forever.wait(), clock=lambda: now)
    limits.pause(1)
    waiting = asyncio.ensure_future(limits.__aenter__())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    now = 2.0
    async with asyncio.timeout(5), limits:
        assert limits.in_flight == 1


@pytest.mark.parametrize(("failed", "most"), [(1, 1), (2, 2), (5, 16), (9, LONGEST_BACKOFF)])
def test_backoff_is_between_none_and_the_exponential(failed, most):
    waits = [backoff(1, failed) for _ in range(500)]
    assert 0 <= min(waits) < most / 4
    assert most * 3 / 4 < max(waits) <= most


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3), ("0.5", 0.5), ("-1", 0), ("soon", None), (None, None), ("nan", None), ("", None)],
)
def test_retry_after(header, seconds):
    assert retry_after(header) == seconds


def test_retry_after_as_a_date():
    later = datetime.now(UTC) + timedelta(hours=1)
    assert retry_after(format_datetime(later, usegmt=True)) == pytest.approx(3600, abs=60)
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0
    date = "Thu, 01 Jan 1970 00:00:00 GMT"  # what the server takes for now counts
    assert retry_after("Thu, 01 Jan 1970 00:00:30 GMT", date) == 30
