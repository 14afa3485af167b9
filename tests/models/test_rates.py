from bisect import bisect_left
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.models.rates import BURST_S, LONGEST_RESET, MARGIN, Quota, Rate, quotas, seconds

DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


def ask_all(rate, arrivals, cost=1):
    """Send one call after another as soon as each may be; return when each was sent."""
    sent, now = [], 0.0
    for arrival in arrivals:
        now = max(now, arrival, rate.ready_at())
        rate.take(cost, now)
        sent.append(now)
    return sent


def most_in_a_minute(sent):
    return max(bisect_left(sent, start + 60 - 1e-6) - i for i, start in enumerate(sent))


@given(
    st.integers(1, 3000),
    st.lists(st.floats(0, 300), min_size=1, max_size=300),
)
def test_no_minute_has_more_requests_than_the_limit(rpm, arrivals):
    assert most_in_a_minute(ask_all(Rate(rpm), sorted(arrivals))) <= rpm


@pytest.mark.parametrize("rpm", [1, 3, 60, 500, 6000])
def test_nearly_all_of_the_limit_is_used_and_evenly(rpm):
    sent = ask_all(Rate(rpm), [0.0] * (rpm * 10))
    assert most_in_a_minute(sent) <= rpm
    assert len(sent) / rpm >= 0.98 * sent[-1] / 60
    assert bisect_left(sent, 1.0) <= 2 + 2 * BURST_S * rpm / 60


def test_a_late_timer_costs_nothing():
    rate, sent, now = Rate(600), 0, 0.0
    while now < 120:
        if rate.ready_at() <= now:
            rate.take(1, now)
            sent += 1
        else:
            now = rate.ready_at() + 0.3  # the loop was busy
    assert sent >= 0.97 * 1200


@given(st.integers(1, 100_000), st.lists(st.integers(0, 50_000), min_size=1, max_size=100))
def test_no_minute_has_more_tokens_than_the_limit_and_one_call(tpm, costs):
    rate, sent, now = Rate(tpm), [], 0.0
    for cost in costs:
        now = max(now, rate.ready_at())
        rate.take(cost, now)
        sent.append((now, cost))
    for start, _ in sent:
        spent = [cost for at, cost in sent if start <= at < start + 60 - 1e-6]
        assert sum(spent) <= tpm + max(spent) + 1


def test_what_was_not_used_is_given_back():
    rate = Rate(60)
    rate.take(100, 0)
    assert rate.ready_at() > 90
    rate.take(-100, 5)
    assert rate.ready_at() <= 0


def test_a_limit_of_the_headers_is_used_with_a_margin_and_follows_them():
    rate = Rate(None)
    assert rate.ready_at() <= 0
    rate.learn(Quota(limit=600), 0)
    assert rate.limit == 600 * MARGIN
    rate.learn(Quota(limit=0), 0)
    assert rate.limit == 600 * MARGIN
    rate.learn(Quota(limit=60), 0)
    assert rate.limit == 60 * MARGIN


def test_when_nothing_is_left_it_waits_for_the_reset():
    for rate in (Rate(None), Rate(100)):
        rate.learn(Quota(limit=100, remaining=0, reset_s=12), 5)
        assert rate.ready_at() == 17
        rate.learn(Quota(limit=100, remaining=3, reset_s=30), 6)
        assert rate.ready_at() == 17
        rate.learn(Quota(remaining=0, reset_s=86400), 20)
        assert rate.ready_at() == 20 + LONGEST_RESET


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1s", 1),
        ("6m0s", 360),
        ("12ms", 0.012),
        ("1h2m3.5s", 3723.5),
        ("2m59.56s", 179.56),
        ("1d", 86400),
        ("59.5", 59.5),
        ("0", 0),
        (" 7 ", 7),
        ("2026-01-01T00:00:30Z", 30),
        ("2026-01-01T01:00:30+01:00", 30),
        ("2026-01-01T00:00:30", 30),
        ("2025-01-01T00:00:30Z", 0),
        ("1767225660", 60),
        ("soon", None),
        ("1x", None),
        ("s", None),
        ("-5", None),
        ("1e400", None),
        ("٣s", None),
        ("", None),
        (None, None),
    ],
)
def test_a_reset_is_read(text, found):
    assert seconds(text, DATE) == (None if found is None else pytest.approx(found))


def test_a_time_without_a_date_counts_from_now():
    later = datetime.now(UTC) + timedelta(hours=1)
    assert seconds(later.isoformat()) == pytest.approx(3600, abs=60)


@pytest.mark.parametrize(
    ("headers", "requests", "tokens"),
    [
        ({}, None, None),
        ({"x-ratelimit-limit": "5"}, None, None),
        (
            {
                "x-ratelimit-limit-requests": "60",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-limit-tokens": "150000",
                "x-ratelimit-remaining-tokens": "149984",
                "x-ratelimit-reset-tokens": "6m0s",
            },
            Quota(60, 0, 1),
            Quota(150000, 149984),
        ),
        (
            {
                "Date": DATE,
                "anthropic-ratelimit-requests-limit": "50",
                "anthropic-ratelimit-requests-remaining": "49",
                "anthropic-ratelimit-tokens-limit": "80000",
                "anthropic-ratelimit-tokens-remaining": "0",
                "anthropic-ratelimit-tokens-reset": "2026-01-01T00:00:09Z",
            },
            Quota(50, 49),
            Quota(80000, 0, 9),
        ),
        ({"x-ratelimit-remaining-tokens": "-1"}, None, Quota()),
        ({"x-ratelimit-limit-requests": "10, 10;w=60"}, Quota(), None),
    ],
)
def test_quotas_of_several_dialects(headers, requests, tokens):
    assert quotas(headers) == (requests, tokens)


NAMES = [
    f"{family}-{what}"
    for family in ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
    for what in ("requests", "tokens")
]
PIECES = st.lists(st.sampled_from("0123456789.smhdn-+:TZ eE,") | st.text(max_size=2), max_size=24)


@given(
    st.dictionaries(
        st.sampled_from([*NAMES, "Date"]),
        PIECES.map("".join) | st.sampled_from(["0", "1s", "1767225660", DATE]),
    )
)
def test_nonsense_is_ignored(headers):
    rate = Rate(None)
    for quota in quotas(headers):
        if quota is not None:
            rate.learn(quota, 0)
            rate.take(1, 0)
    assert rate.ready_at() <= max(LONGEST_RESET, 70)
