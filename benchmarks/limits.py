"""What the limits make of endpoints of many kinds, in simulated time.

    python benchmarks/limits.py

Each endpoint is a model of one (slots and a queue, refusals above a number of calls, slowing down
under load, …) and each is asked through `potstill.models.endpoints.Pool` by as many calls as a
run has. Time is the event loop's and jumps from event to event, so that ten minutes take seconds.
Prints the table of `docs/limits.md`; seeded, so that it is the same each time. Last comes the
CPU time of `enter` and `leave` themselves.
"""

import asyncio
import math
import random
import selectors
import statistics
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from potstill.models.endpoints import Pool, Result, Sites
from potstill.models.limits import asked_wait, backoff
from potstill.models.teacher import Endpoint

T = TypeVar("T")
REFUSAL_S = 0.05
"""Seconds that a refusal takes."""


class _Jump(selectors.DefaultSelector):
    """Waits for nothing: time jumps to the next timer."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Let the time pass at once."""
        self.now += timeout or 0.0
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps, so that sleeping costs nothing."""

    def __init__(self) -> None:
        """Start at 0."""
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Return the seconds since it was made."""
        return self._jump.now


def run_virtually(main: Coroutine[object, object, T]) -> T:
    """Run a coroutine in virtual time, which starts at 0."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Server:
    """A model of an endpoint."""

    capacity: int
    """Calls that it works at together."""
    refuses: bool = False
    """Whether it refuses what is above its capacity; otherwise that waits in a queue."""
    thrashes: bool = False
    """Whether it works at all calls together, ever slower above its capacity."""
    rpm: float = 0.0
    """Requests a minute above which it refuses (a bucket of a tenth of a minute); 0 for any."""
    noise: float = 0.0
    """Part of the calls that it refuses by chance."""
    retry_after: str | None = None
    """The header that comes with a refusal."""
    spread: float = 0.0
    """Sigma of the logarithm of the answers' lengths; 0 for answers of one length."""
    token_s: float = 0.001
    """Seconds for a token."""
    tells_tokens: bool = True
    seed: int = 0
    in_flight: int = 0
    _bucket: float = field(default=0.0, init=False)
    _filled: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.queue: list[asyncio.Future[None]] = []
        self._bucket = self.rpm / 10

    @property
    def ideal(self) -> float:
        """Answers a second that it can give, of the requests that chance does not refuse."""
        answers = self.capacity / (math.exp(6.9 + self.spread**2 / 2) * self.token_s)
        return min(answers, self.rpm / 60) if self.rpm else answers

    async def ask(self) -> Result:
        """Answer or refuse one call."""
        if self._is_refused():
            await asyncio.sleep(REFUSAL_S)
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            return Result("rate_limited", 429, headers, REFUSAL_S, None)
        began, tokens = now(), max(1, round(self.random.lognormvariate(6.9, self.spread)))
        self.in_flight += 1
        await self._work(tokens)
        self.in_flight -= 1
        self._next()
        return Result("ok", 200, {}, now() - began, tokens if self.tells_tokens else None)

    async def _work(self, tokens: int) -> None:
        if self.in_flight > self.capacity and not self.thrashes:
            place = asyncio.get_running_loop().create_future()
            self.queue.append(place)
            await place
        slow = max(1.0, self.in_flight / self.capacity) ** 2 if self.thrashes else 1.0
        await asyncio.sleep(tokens * self.token_s * slow)

    def _next(self) -> None:
        if self.queue and self.in_flight - len(self.queue) < self.capacity:
            self.queue.pop(0).set_result(None)

    def _is_refused(self) -> bool:
        if self.random.random() < self.noise or (self.refuses and self.in_flight >= self.capacity):
            return True
        if self.rpm:
            filled = self._bucket + (now() - self._filled) * self.rpm / 60
            self._bucket, self._filled = min(self.rpm / 10, filled), now()
            if self._bucket < 1:
                return True
            self._bucket -= 1
        return False


class Seen(NamedTuple):
    """One request, or the window at one moment."""

    at: float
    window: int
    answered: bool = False
    refused: bool = False


@dataclass
class Trial:
    """A run of many calls against servers."""

    seen: list[Seen] = field(default_factory=list[Seen])

    def rate(self, start: float, end: float) -> float:
        """Return answers a second between two times."""
        return sum(s.answered for s in self.seen if start <= s.at < end) / (end - start)

    def refused(self, start: float, end: float) -> float:
        """Return the part of the requests that was refused."""
        sent = [s for s in self.seen if start <= s.at < end]
        return sum(s.refused for s in sent) / max(1, len(sent))

    def windows(self, start: float, end: float) -> list[int]:
        """Return the window once a second."""
        found: dict[int, int] = {int(s.at): s.window for s in self.seen}
        return [found[second] for second in sorted(found) if start <= second < end]

    def variation(self, start: float, end: float) -> float:
        """Return the window's standard deviation, as a part of its mean."""
        windows = self.windows(start, end)
        return statistics.pstdev(windows) / statistics.mean(windows)


def simulate(
    server: Server,
    seconds: float,
    *,
    endpoint: Endpoint | None = None,
    changes: dict[float, int] | None = None,
    callers: int = 1024,
) -> Trial:
    """Ask a server for so many seconds; `changes` are its capacities from later times on."""
    endpoint = endpoint or Endpoint("http://simulated/v1")

    async def main() -> Trial:
        trial = Trial()
        pool = Sites().pool([endpoint], clock=now)
        tasks = [asyncio.create_task(_caller(pool, server, trial)) for _ in range(callers)]
        for at, capacity in sorted((changes or {}).items()):
            await asyncio.sleep(at - now())
            server.capacity = capacity
            while server.queue and server.in_flight - len(server.queue) < capacity:
                server.queue.pop(0).set_result(None)
        await asyncio.sleep(seconds - now())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return trial

    random.seed(server.seed)
    return run_virtually(main())


async def _caller(pool: Pool, server: Server, trial: Trial) -> None:
    failed = 0
    while True:
        site = await pool.enter(0)
        result = Result("cancelled", None, {}, 0.0, None)
        try:
            result = await server.ask()
        finally:
            pool.leave(site, result, 0)
        answered = result.ending == "ok"
        trial.seen.append(Seen(now(), pool.window, answered, not answered))
        failed = 0 if answered else failed + 1
        if failed:
            await asyncio.sleep(max(backoff(1, failed), asked_wait(result.headers) or 0.0))


SECONDS = 600
CASES = {
    "100 slots and a queue, answers of equal length": Server(100),
    "100 slots and a queue": Server(100, spread=1),
    "the same, answers without token counts": Server(100, spread=1, tells_tokens=False),
    "4 slots and a queue": Server(4, spread=1),
    "429 above 100 calls": Server(100, refuses=True, spread=1),
    "429 above 100 calls, `Retry-After: 1`": Server(100, refuses=True, spread=1, retry_after="1"),
    "429 above 10 calls": Server(10, refuses=True, spread=1),
    "slows down above 100 calls": Server(100, thrashes=True, spread=1),
    "200 slots, 10% random 429": Server(200, noise=0.1, spread=1),
    "200 slots, 10% random 429, `Retry-After: 1`": Server(
        200, noise=0.1, spread=1, retry_after="1"
    ),
    "200 slots, 10% random 429, `Retry-After: 20`": Server(
        200, noise=0.1, spread=1, retry_after="20"
    ),
    "429 above 100 calls, and 10% random 429": Server(100, refuses=True, noise=0.1, spread=1),
    "429 above 3,000 requests a minute, no headers": Server(1000, rpm=3000),
}


def report(name: str, server: Server) -> str:
    """Return a row of the table."""
    trial = simulate(server, SECONDS)
    half = SECONDS / 2
    return (
        f"| {name} | {trial.rate(half, SECONDS) / server.ideal:.0%} "
        f"| {_reaches(trial, 0.8 * server.ideal)} s | {trial.refused(half, SECONDS):.1%} "
        f"| {statistics.mean(trial.windows(half, SECONDS)):.0f} "
        f"| {trial.variation(half, SECONDS):.0%} |"
    )


def _reaches(trial: Trial, rate: float) -> int:
    """Return after how many seconds ten seconds bring so many answers each."""
    return next(s for s in range(SECONDS) if trial.rate(s, s + 10) >= rate)


def recovery(refuses: bool) -> str:
    """Return a row about capacity that falls from 100 to 40 calls for 100 s."""
    server = Server(100, refuses=refuses, spread=1)
    trial, ideal = simulate(server, 600, changes={200: 40, 300: 100}), server.ideal
    back = next(s for s in range(300, 590) if trial.rate(s, s + 10) >= 0.9 * ideal) - 300
    kind = "429" if refuses else "a queue"
    return f"| {kind} | {trial.rate(230, 300) / (0.4 * ideal):.0%} | {back} s |"


def entering(calls: int = 1000, times: int = 50_000) -> float:
    """Return the CPU microseconds of an `enter` and a `leave` beside so many calls in flight."""

    async def main() -> float:
        pool = Sites().pool([Endpoint("http://simulated/v1", max_in_flight=2 * calls)])
        result = Result("ok", 200, {"content-type": "application/json"}, 1.0, 500)
        pool.leave(await pool.enter(500), result, 500)
        for _ in range(calls):
            await pool.enter(500)
        start = time.process_time()
        for _ in range(times):
            pool.leave(await pool.enter(500), result, 500)
        return (time.process_time() - start) / times * 1e6

    return asyncio.run(main())


if __name__ == "__main__":
    print("| endpoint | of what it can | 80% after | refused | window | varies by |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, server in CASES.items():
        print(report(name, server), flush=True)
    print("\n| above its capacity | while it is 40 | 90% again after |\n|---|---:|---:|")
    print(recovery(True), recovery(False), sep="\n")
    print(f"\nenter and leave: {entering():.1f} µs")
