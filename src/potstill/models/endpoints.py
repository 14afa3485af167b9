"""The endpoints of the teachers: which one a call goes to, and which one is down.

Calls wait in the order in which they came, and each place that gets free wakes one of them.
"""

import asyncio
import itertools
import math
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from potstill.models.health import Health
from potstill.models.limits import CLOCK, SLEEP, Clock, Limits, Result, Sleep
from potstill.models.teacher import Endpoint

_tickets = itertools.count()


class NotSent(Exception):
    """A call was not sent after all: nothing more is to be sent."""


class Site:
    """One endpoint with its limits and its health, shared by all teachers that ask it."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Start with nothing known but what the recipe says."""
        self.endpoint = endpoint
        self.limits = Limits(endpoint)
        self.health = Health()
        self.waiting: list[Pool] = []
        """The pools in which calls wait for this endpoint or another one."""

    @property
    def in_flight(self) -> int:
        """Calls to this endpoint now, of all teachers."""
        return self.limits.in_flight

    def ready_at(self) -> float:
        """Return when a call may be sent: a time, maybe past, or infinity: one must end first."""
        return max(self.limits.ready_at(), self.health.ready_at())

    def enter(self, tokens: int, now: float) -> None:
        """Take a place."""
        self.limits.enter(tokens, now)
        self.health.enter(now)

    def withdraw(self, tokens: int, now: float) -> None:
        """Free a place from which nothing was sent."""
        self.limits.withdraw(tokens, now)
        self.health.withdraw()

    def leave(self, result: Result, tokens: int, now: float) -> None:
        """Free a place, and learn from the result."""
        self.limits.leave(result, tokens, now)
        self.health.leave(result, now, is_last=not self.in_flight)

    def serve(self) -> None:
        """Give free places to those who wait, in the order in which they came."""
        while self.waiting and min(self.waiting, key=Pool.oldest).serve_one():
            pass


class Sites:
    """The endpoints of a process: each has one `Site`, whichever teacher or stage asks it.

    It holds nothing of an event loop, so that stages may each run in their own.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._sites: dict[tuple[str, str | None], Site] = {}

    def site(self, endpoint: Endpoint) -> Site:
        """Return the site of the endpoint's address and key; of limits the smaller ones hold."""
        key = (str(endpoint.url), endpoint.key_env)
        site = self._sites.get(key)
        if site is None:
            site = self._sites[key] = Site(endpoint)
        else:
            site.limits.tighten(endpoint)
        return site

    def pool(
        self, endpoints: Sequence[Endpoint], *, sleep: Sleep = SLEEP, clock: Clock = CLOCK
    ) -> "Pool":
        """Return a pool over these endpoints, with their weights."""
        weights = [endpoint.weight for endpoint in endpoints]
        sites = [self.site(endpoint) for endpoint in endpoints]
        return Pool(sites, weights=weights, sleep=sleep, clock=clock)


class _Waiter(NamedTuple):
    """A call that waits for a place."""

    ticket: int
    place: asyncio.Future[Site]
    tokens: int
    avoid: Site | None


class Pool:
    """The sites of one teacher."""

    def __init__(
        self,
        sites: Sequence[Site],
        *,
        weights: Sequence[float] | None = None,
        sleep: Sleep = SLEEP,
        clock: Clock = CLOCK,
    ) -> None:
        """Start with no call.

        Args:
            sites: At least one.
            weights: Share of the calls of each; None for those of the endpoints.
            sleep: Waits so many seconds; replaced in tests.
            clock: Counts seconds; replaced in tests.
        """
        self.sites = tuple(sites)
        self.in_flight = 0
        """Calls of this teacher that entered and did not leave."""
        given = weights or [site.endpoint.weight for site in sites]
        self._strides = [1 / weight for weight in given]
        self._turns = [0.0] * len(given)
        self._turn = 0.0
        self._sleep = sleep
        self._clock = clock
        self._queue: deque[_Waiter] = deque()
        self._timer: asyncio.Task[None] | None = None
        self._timer_at = math.inf

    @property
    def most(self) -> int:
        """Most calls at a time, whatever is learned."""
        return sum(site.limits.window.most for site in self.sites)

    @property
    def window(self) -> int:
        """Calls at a time that the endpoints bear, as far as is known now."""
        return sum(site.limits.window.size for site in self.sites)

    def away(self) -> float | None:
        """Return for how many seconds every site has failed, or None while one may answer."""
        shortest = math.inf
        for site in self.sites:
            if (away := site.health.away()) is None:
                return None
            shortest = min(shortest, away)
        return shortest

    async def enter(self, tokens: int, *, avoid: Site | None = None) -> Site:
        """Wait for a place, and return the site that has it.

        Args:
            tokens: What the call may cost, prompt and answer; `leave` corrects it.
            avoid: A site that is taken only if no other has a place, as it failed just now.

        Raises:
            NotSent: `dismiss` was called meanwhile.
        """
        if not self._queue:
            now = self._clock()
            site = self._choose(avoid, now)
            if site is not None:
                self._take(site, tokens, now)
                return site
        waiter = self._join(tokens, avoid)
        try:
            return await waiter.place
        except asyncio.CancelledError:
            self._quit(waiter)
            raise

    def leave(self, site: Site, result: Result, tokens: int) -> None:
        """Free the place, let its limits learn, and let the next call in.

        Args:
            site: As `enter` returned it.
            result: How the request ended.
            tokens: As given to `enter`.
        """
        self.in_flight -= 1
        site.leave(result, tokens, self._clock())
        site.serve()

    def dismiss(self) -> None:
        """Let nobody wait any more: those who do get no place."""
        for waiter in self._queue:
            if not waiter.place.done():
                waiter.place.set_exception(NotSent())
        self._skip()

    def _choose(self, avoid: Site | None, now: float) -> Site | None:
        """Return the site whose turn it is, of those with a place.

        Start-time fair queueing (Goyal et al., SIGCOMM 1996): each has its share by weight, and
        one that had no place for a while does not catch up.
        """
        ready = [i for i, site in enumerate(self.sites) if site.ready_at() <= now]
        if len(ready) > 1:
            ready = [i for i in ready if self.sites[i] is not avoid]
        elif not ready:
            return None
        chosen = min(ready, key=self._turns.__getitem__)
        self._turn = max(self._turn, self._turns[chosen])
        self._turns[chosen] = self._turn + self._strides[chosen]
        return self.sites[chosen]

    def _take(self, site: Site, tokens: int, now: float) -> None:
        site.enter(tokens, now)
        self.in_flight += 1

    def _join(self, tokens: int, avoid: Site | None) -> _Waiter:
        place: asyncio.Future[Site] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(next(_tickets), place, tokens, avoid)
        if not self._queue:
            for site in self.sites:
                site.waiting.append(self)
        self._queue.append(waiter)
        self._set_timer()
        return waiter

    def _quit(self, waiter: _Waiter) -> None:
        """Undo what a cancelled waiter holds; in the queue it is skipped when its turn comes."""
        place = waiter.place
        if place.done() and not place.cancelled() and place.exception() is None:
            self.in_flight -= 1
            place.result().withdraw(waiter.tokens, self._clock())
            place.result().serve()
        self._skip()

    def _skip(self) -> None:
        """Drop those from the queue's head who no longer wait; when none is left, rest."""
        while self._queue and self._queue[0].place.done():
            self._queue.popleft()
        if not self._queue:
            for site in self.sites:
                if self in site.waiting:
                    site.waiting.remove(self)
            self._stop_timer()

    def oldest(self) -> int:
        """Return the number of the call that has waited longest."""
        return self._queue[0].ticket

    def serve_one(self) -> bool:
        """Give a place to the first who waits; return False if there is none to give."""
        self._skip()
        if not self._queue:
            return True
        now = self._clock()
        waiter = self._queue[0]
        site = self._choose(waiter.avoid, now)
        if site is None:
            self._set_timer()
            return False
        self._take(site, waiter.tokens, now)
        waiter.place.set_result(site)
        self._skip()
        return True

    def _set_timer(self) -> None:
        """Wake up when a site gets ready by time alone."""
        at = min(site.ready_at() for site in self.sites)
        if at < self._timer_at:
            self._stop_timer()
            self._timer_at = at
            self._timer = asyncio.get_running_loop().create_task(self._wake(at))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = None, math.inf

    async def _wake(self, at: float) -> None:
        while (left := at - self._clock()) > 0:
            await self._sleep(left)
        self._timer, self._timer_at = None, math.inf
        for site in self.sites:
            site.serve()
