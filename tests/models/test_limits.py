from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.models.limits import (
    LONGEST_BACKOFF,
    LONGEST_PAUSE,
    Limits,
    Result,
    asked_wait,
    backoff,
    retry_after,
)
from potstill.models.teacher import Endpoint

OK = Result("ok", 200, {}, 1.0, 100)


def refused(headers, seconds=0.1):
    return Result("rate_limited", 429, headers, seconds, None)


def limits(**fields):
    return Limits(Endpoint("http://h/v1", **fields))


def test_no_more_than_the_limit_are_in_flight():
    some = limits(max_in_flight=3)
    for _ in range(3):
        assert some.ready_at() <= 0
        some.enter(1, 0)
    assert some.ready_at() == float("inf")
    some.leave(OK, 1, 1)
    assert some.ready_at() <= 1
    assert some.in_flight == 2


def test_a_pause_holds_all_calls_and_the_longest_counts():
    some = limits()
    some.pause(5, 0)
    some.pause(2, 0)
    assert some.ready_at() == 5
    some.pause(1e9, 0)
    assert some.ready_at() == LONGEST_PAUSE


def test_one_refusal_with_retry_after_does_not_hold_the_others():
    some = limits(max_in_flight=100)
    now = 0.0
    for _ in range(100):
        now += 1
        some.enter(1, now)
        some.leave(OK, 1, now + 0.5)
    some.enter(1, now)
    some.leave(refused({"Retry-After": "30"}), 1, now + 0.1)
    assert some.ready_at() <= now + 0.1


def test_refusals_in_a_row_with_retry_after_hold_all():
    some = limits(max_in_flight=100)
    now, asked = 0.0, 0
    while some.ready_at() <= now:
        some.enter(1, now)
        some.leave(refused({"Retry-After": "30"}), 1, now + 0.1)
        now += 0.2
        asked += 1
    assert asked <= 5
    assert some.ready_at() == pytest.approx(now - 0.1 + 30)


def test_tokens_are_corrected_when_the_call_ends():
    some = limits(tpm=6000)
    some.enter(600, 0)
    held = some.ready_at()
    assert held > 4  # 600 of 6000 are a tenth of a minute, less the burst
    some.leave(Result("ok", 200, {}, 1.0, 60), 600, 0)
    assert some.ready_at() <= 0
    some.enter(600, 0)
    some.leave(Result("server_error", 500, {}, 1.0, None), 600, 0)
    assert some.ready_at() <= 0  # a refused call costs none
    some.enter(600, 0)
    some.leave(Result("network", None, {}, 1.0, None), 600, 0)
    assert some.ready_at() > 4  # but who knows what a lost one cost


def test_a_call_that_was_not_sent_costs_nothing():
    some = limits(rpm=1, tpm=60)
    some.enter(600, 0)
    assert some.ready_at() > 500
    some.withdraw(600, 0)
    assert some.ready_at() <= 0
    assert some.in_flight == 0


def test_headers_tell_the_limit_where_the_recipe_does_not():
    headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59"}
    told, given = limits(), limits(rpm=600)
    for some in (told, given):
        some.enter(1, 0)
        some.leave(Result("ok", 200, headers, 1.0, 5), 1, 1)
    assert told.requests.limit == pytest.approx(60, rel=0.05)
    assert told.requests.limit < 60
    assert given.requests.limit == 600


def test_of_two_teachers_limits_the_smaller_hold():
    some = limits(max_in_flight=50, rpm=100)
    some.tighten(Endpoint("http://h/v1", max_in_flight=20, rpm=300, tpm=1000))
    some.tighten(Endpoint("http://h/v1"))
    assert (some.window.most, some.requests.limit, some.tokens.limit) == (20, 100, 1000)


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


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "3"}, 3),
        ({"Retry-After": "3", "retry-after-ms": "2500"}, 2.5),
        ({"Retry-After": "3", "retry-after-ms": "soon"}, 3),
        ({"Retry-After": "1e9"}, LONGEST_PAUSE),
    ],
)
def test_asked_wait(headers, seconds):
    assert asked_wait(headers) == seconds


@given(st.text(), st.text(), st.text())
def test_no_header_breaks_it(wait, milliseconds, date):
    found = asked_wait({"Retry-After": wait, "retry-after-ms": milliseconds, "Date": date})
    assert found is None or 0 <= found <= LONGEST_PAUSE
