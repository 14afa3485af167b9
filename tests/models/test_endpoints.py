import asyncio
import random
from collections import Counter

import pytest

from potstill.models.endpoints import Pool, Result, Sites
from potstill.models.health import DOWN_AFTER, LONGEST_TRIAL, Health
from potstill.models.teacher import Endpoint

OK = Result("ok", 200, {}, 0.5, 100)
BROKEN = Result("network", None, {}, 0.0, None)
REFUSED = Result("rate_limited", 429, {}, 0.0, None)


def endpoint(name="a", **fields):
    return Endpoint(f"http://{name}/v1", **{"max_in_flight": 16} | fields)


class Time:
    """A clock that moves when told to, and wakes those whose time has come."""

    def __init__(self):
        self.now = 0.0
        self.sleepers = []

    def clock(self):
        return self.now

    async def sleep(self, seconds):
        woken = asyncio.get_running_loop().create_future()
        self.sleepers.append((self.now + seconds, woken))
        await woken

    async def pass_by(self, seconds):
        end = self.now + seconds
        await settle()
        while due := [s for s in self.sleepers if s[0] <= end and not s[1].done()]:
            at, woken = min(due, key=lambda s: s[0])
            self.now = max(self.now, at)
            woken.set_result(None)
            await settle()
        self.now = end
        await settle()


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def pool_of(time):
    def make(*endpoints, sites=None):
        return (sites or Sites()).pool(endpoints, sleep=time.sleep, clock=time.clock)

    return make


async def fill(pool, calls):
    return [await pool.enter(1) for _ in range(calls)]


def enter_all(pool, calls, entered):
    async def call(number):
        site = await pool.enter(1)
        entered.append(number)
        return site

    return [asyncio.ensure_future(call(number)) for number in range(calls)]


def test_the_same_address_and_key_are_one_site():
    sites = Sites()
    first = sites.site(Endpoint("http://h/v1", max_in_flight=50, rpm=100))
    same = sites.site(Endpoint("http://h/v1/", max_in_flight=20))
    assert same is first
    assert (first.limits.window.most, first.limits.requests.limit) == (20, 100)
    assert sites.site(Endpoint("http://h/v1", key_env="KEY")) is not first
    assert sites.site(Endpoint("http://h/v1?api-version=2")) is not first


async def test_those_who_wait_enter_in_the_order_they_came(pool_of):
    pool = pool_of(endpoint(max_in_flight=2))
    held, entered = await fill(pool, 2), []
    waiting = enter_all(pool, 10, entered)
    await settle()
    assert entered == []
    for number in range(10):
        pool.leave(held[0], OK, 1)
        await settle()
        assert entered == list(range(number + 1))  # one for each place
    assert pool.in_flight == 2
    assert all(task.done() for task in waiting)


async def test_teachers_of_one_endpoint_share_its_places_in_turn(pool_of):
    sites = Sites()
    one, other = (pool_of(endpoint(max_in_flight=1), sites=sites) for _ in range(2))
    held, entered = (await fill(one, 1))[0], []
    tasks = []
    for number, pool in enumerate([other, one, other, one]):

        async def call(number=number, pool=pool):
            site = await pool.enter(1)
            entered.append(number)
            pool.leave(site, OK, 1)

        tasks.append(asyncio.ensure_future(call()))
        await settle()
    assert entered == []
    one.leave(held, OK, 1)
    await asyncio.gather(*tasks)
    assert entered == [0, 1, 2, 3]
    assert one.in_flight == other.in_flight == held.in_flight == 0


async def test_a_cancelled_waiter_loses_no_place(pool_of):
    pool = pool_of(endpoint(max_in_flight=1))
    held, entered = (await fill(pool, 1))[0], []
    waiting = enter_all(pool, 4, entered)
    await settle()
    waiting[0].cancel()  # while it waits
    waiting[2].cancel()
    await settle()
    pool.leave(held, OK, 1)
    waiting[1].cancel()  # after it was given the place, before it knows
    await settle()
    assert entered == [3]
    assert pool.in_flight == held.in_flight == 1
    pool.leave(held, OK, 1)
    assert await fill(pool, 1) == [held]


async def test_random_cancelling_never_loses_or_doubles_a_place(pool_of):
    dice = random.Random(4)
    sites = Sites()
    pools = [pool_of(endpoint("a"), endpoint("b", max_in_flight=3), sites=sites) for _ in range(2)]

    async def call(pool):
        for _ in range(dice.randrange(5)):
            site = await pool.enter(1)
            try:
                assert site.in_flight <= site.limits.window.most
                for _ in range(dice.randrange(4)):
                    await asyncio.sleep(0)
            finally:
                pool.leave(site, dice.choice([OK, Result("cancelled", None, {}, 0, None)]), 1)

    tasks = [asyncio.ensure_future(call(dice.choice(pools))) for _ in range(300)]
    while not all(task.done() for task in tasks):
        dice.choice(tasks).cancel()
        await asyncio.sleep(0)
    for pool in pools:
        assert pool.in_flight == 0
        for site in pool.sites:
            assert (site.in_flight, site.waiting) == (0, [])


async def test_a_pause_holds_everybody_and_then_lets_them_in(pool_of, time):
    pool = pool_of(endpoint())
    pool.sites[0].limits.pause(5, 0)
    entered = []
    enter_all(pool, 3, entered)
    await time.pass_by(4.9)
    assert entered == []
    await time.pass_by(0.2)
    assert entered == [0, 1, 2]


async def test_requests_a_minute_are_spread_over_it(pool_of, time):
    pool = pool_of(endpoint(rpm=60, max_in_flight=1000))
    pool.leave((await fill(pool, 1))[0], OK, 1)
    entered = []
    enter_all(pool, 200, entered)
    for minute in range(1, 4):
        await time.pass_by(30)
        assert len(entered) <= 60 * minute - 28
        await time.pass_by(30)
        assert 58 * minute <= len(entered) <= 60 * minute
    assert entered == sorted(entered)


async def test_calls_are_shared_by_weight_and_a_full_endpoint_is_left_out(pool_of):
    pool = pool_of(endpoint("a", weight=3), endpoint("b", weight=1), endpoint("c", weight=1))
    asked = Counter()
    for _ in range(500):
        site = await pool.enter(1)
        asked[site.endpoint.base_url] += 1
        pool.leave(site, OK, 1)
    assert [asked[f"http://{name}/v1"] for name in "abc"] == [300, 100, 100]
    held = await fill(pool, 48)  # every place there is
    assert Counter(site.endpoint.base_url for site in held).total() == pool.most == 48
    assert {site.in_flight for site in pool.sites} == {16}


async def test_an_endpoint_that_was_full_does_not_catch_up(pool_of):
    pool = pool_of(endpoint("a", max_in_flight=1), endpoint("b", max_in_flight=1000))
    first = await pool.enter(1)
    for _ in range(100):
        pool.leave(await pool.enter(1), OK, 1)
    pool.leave(first, OK, 1)
    turns = []
    for _ in range(10):
        site = await pool.enter(1)
        turns.append(site is first)
        pool.leave(site, OK, 1)
    assert 4 <= sum(turns) <= 6


async def test_a_retry_goes_elsewhere_if_it_can(pool_of):
    pool = pool_of(endpoint("a"), endpoint("b", max_in_flight=1))
    first, second = pool.sites
    for _ in range(5):
        site = await pool.enter(1, avoid=first)
        assert site is second
        pool.leave(site, OK, 1)
    held = await pool.enter(1, avoid=first)
    assert held is second
    assert await pool.enter(1, avoid=first) is first


async def test_a_broken_endpoint_is_left_to_the_others_and_tried_now_and_then(pool_of, time):
    pool = pool_of(endpoint("a"), endpoint("b"))
    broken, good = pool.sites
    asked = Counter()
    for _ in range(2000):
        site = await pool.enter(1)
        asked[site] += 1
        pool.leave(site, BROKEN if site is broken else OK, 1)
        await time.pass_by(0.1)
    # 200 s: the first ones, and trials after 1, 2, 4, … 60, 60 s
    assert DOWN_AFTER + 6 <= asked[broken] <= DOWN_AFTER + 9
    assert pool.away() is None  # the other one answers
    await time.pass_by(LONGEST_TRIAL)
    sites = await fill(pool, 10)
    assert sites.count(broken) == 1  # one trial at a time
    pool.leave(broken, OK, 1)
    assert (await fill(pool, 6)).count(broken) >= 2


async def test_when_all_are_broken_one_call_at_a_time_tries(pool_of, time):
    pool = pool_of(endpoint("a"))
    (site,) = pool.sites
    for _ in range(DOWN_AFTER):
        await fill(pool, 1)
        pool.leave(site, BROKEN, 1)
    assert pool.away() == 0
    entered = []
    enter_all(pool, 5, entered)
    await time.pass_by(0.9)
    assert entered == []
    await time.pass_by(0.2)
    assert entered == [0]
    pool.leave(site, BROKEN, 1)
    await time.pass_by(1.9)
    assert entered == [0]
    await time.pass_by(0.2)
    assert entered == [0, 1]
    pool.leave(site, BROKEN, 1)
    assert pool.away() == pytest.approx(time.now)
    await time.pass_by(4)
    pool.leave(site, OK, 1)
    await settle()
    assert entered == [0, 1, 2, 3, 4]
    assert pool.away() is None


def test_an_answer_to_an_older_call_shows_that_it_is_there():
    health = Health()
    for _ in range(DOWN_AFTER):
        health.leave(BROKEN, 10.0, is_last=False)
    assert health.ready_at() == 11
    health.enter(11.0)
    health.leave(BROKEN._replace(seconds=10.0), 12.0, is_last=False)  # sent before the trial
    assert health.ready_at() == float("inf")
    health.leave(OK, 13.0, is_last=False)
    assert not health.is_down
    assert health.ready_at() < 13


def test_refusals_are_no_absence_but_are_asked_ever_more_rarely():
    health = Health()
    for _ in range(100):
        health.leave(REFUSED, 1.0, is_last=False)
    assert not health.is_down  # others may be being answered
    for _ in range(DOWN_AFTER):
        health.leave(REFUSED, 1.0, is_last=True)
    assert health.ready_at() == 2
    assert health.away() is None
    health.leave(Result("bad_request", 400, {}, 0.1, None), 1.5, is_last=True)
    assert not health.is_down


def test_sites_outlive_an_event_loop():
    sites = Sites()

    async def stage(cancelled):
        pool = sites.pool([endpoint(max_in_flight=2, rpm=6000)])
        held = await fill(pool, 2)
        waiting = enter_all(pool, 3, [])
        await asyncio.sleep(0)
        if cancelled:  # asyncio.run cancels those who still wait
            return pool
        for _ in range(3):
            pool.leave(held[0], OK, 1)
            await asyncio.sleep(0.02)
        await asyncio.gather(*waiting)
        for site in held:
            pool.leave(site, OK, 1)
        return pool

    for cancelled in (False, True):
        pool = asyncio.run(stage(cancelled))
        (site,) = pool.sites
        assert site.waiting == []
        for _ in range(pool.in_flight):
            pool.leave(site, OK, 1)
    assert asyncio.run(stage(False)).sites[0].in_flight == 0


async def test_a_waiter_wakes_when_headers_free_the_rate_or_time_does(pool_of, time):
    pool = pool_of(endpoint())
    (site,) = await fill(pool, 1)
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6s"}
    pool.leave(site, OK._replace(headers=headers), 1)
    entered = []
    enter_all(pool, 2, entered)
    await time.pass_by(5.9)
    assert entered == []
    await time.pass_by(0.2)
    assert entered == [0, 1]


def test_a_pool_by_itself_has_the_endpoints_weights():
    sites = Sites()
    pool = Pool([sites.site(endpoint("a", weight=2.0)), sites.site(endpoint("b"))])
    assert pool.most == 32
    assert pool.window <= pool.most
