"""Commits that many askers share."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from potstill.storage.commits import PACE_S, Committer, Pace


class Sink:
    """Takes batches, one after the other, once `open` is set."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = threading.Event()
        self.open.set()

    def __call__(self, items: Sequence[int]) -> None:
        self.open.wait()
        self.batches.append([*items])
        if -13 in items:
            raise ValueError("-13")


async def test_what_comes_together_is_committed_together() -> None:
    sink = Sink()
    sink.open.clear()
    committer = Committer(sink)
    putting = [asyncio.ensure_future(committer.put(i)) for i in range(600)]
    await asyncio.sleep(0)
    sink.open.set()
    await asyncio.gather(*putting)
    committer.close()
    assert sum(sink.batches, []) == [*range(600)]
    assert len(sink.batches) < 10


async def test_an_error_reaches_every_asker_of_its_batch_and_no_other() -> None:
    sink = Sink()
    committer = Committer(sink)
    with pytest.raises(ValueError, match="-13"):
        await committer.put(-13)
    await committer.put(14)
    committer.close()


def test_askers_of_several_loops_are_served_and_one_that_is_gone_harms_nobody() -> None:
    sink = Sink()
    sink.open.clear()
    committer = Committer(sink)

    async def leave() -> None:
        asking = asyncio.ensure_future(committer.put(1))
        await asyncio.sleep(0)
        asking.cancel()

    async def stay() -> None:
        asking = asyncio.ensure_future(committer.put(2))
        await asyncio.sleep(0)
        sink.open.set()
        await asking

    asyncio.run(leave())
    asyncio.run(stay())
    committer.close()
    assert sum(sink.batches, []) == [1, 2]


class Time:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def commit(self, pace: Pace, items: int) -> None:
        pace.wait()
        pace.learn(items)


def test_a_first_or_a_rare_commit_does_not_wait() -> None:
    time = Time()
    pace = Pace(sleep=time.sleep, clock=lambda: time.now)
    for _ in range(10):
        time.commit(pace, 1)
        time.now += PACE_S
    assert not time.slept


def test_commits_that_have_company_keep_their_pace() -> None:
    time = Time()
    pace = Pace(sleep=time.sleep, clock=lambda: time.now)
    for _ in range(10):
        time.commit(pace, 8)
        time.now += PACE_S / 5
    assert time.slept == [pytest.approx(PACE_S * 4 / 5)] * 9


def test_a_single_asker_waits_for_company_ever_more_rarely() -> None:
    time = Time()
    pace = Pace(sleep=time.sleep, clock=lambda: time.now)
    for _ in range(2000):
        time.commit(pace, 1)
    assert len(time.slept) < 20
    time.commit(pace, 2)  # company at last
    slept = len(time.slept)
    time.commit(pace, 2)
    assert len(time.slept) == slept + 1
