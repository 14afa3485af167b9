import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.models.script import Script
from potstill.models.script.limits import ScriptLimits, duration


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_requests_are_taken_up_to_the_limit_and_then_as_they_refill():
    clock = Clock()
    limits = ScriptLimits(Script(rpm=60), clock)
    assert [limits.refuses(1, 0) for _ in range(60)] == [None] * 60
    assert limits.refuses(1, 0) == pytest.approx(1)
    assert limits.headers() == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m0s",
    }
    clock.now = 1.0
    assert limits.refuses(1, 0) is None
    assert limits.refuses(1, 0) == pytest.approx(1)


def test_a_refused_request_takes_nothing_from_either_allowance():
    clock = Clock()
    limits = ScriptLimits(Script(rpm=10, tpm=100, minute_s=10, time_scale=0.1), clock)
    assert limits.refuses(1, 90) is None
    assert limits.refuses(1, 20) == pytest.approx(0.1)
    assert limits.headers()["x-ratelimit-remaining-requests"] == "9"
    assert limits.headers()["x-ratelimit-remaining-tokens"] == "10"
    assert limits.headers()["x-ratelimit-reset-tokens"] == "900ms"
    clock.now = 0.1
    assert limits.refuses(1, 20) is None


def test_more_tokens_than_a_minute_has_are_taken_when_all_are_there():
    clock = Clock()
    limits = ScriptLimits(Script(tpm=100), clock)
    assert limits.refuses(1, 250) is None
    assert limits.headers()["x-ratelimit-remaining-tokens"] == "0"
    assert limits.refuses(1, 10) == pytest.approx(96)
    clock.now = 96.0
    assert limits.refuses(1, 10) is None


def test_requests_at_a_time_are_counted_with_the_one_that_comes():
    limits = ScriptLimits(Script(max_in_flight=2, retry_after=3))
    assert limits.refuses(2, 0) is None
    assert limits.refuses(3, 0) == 3
    assert limits.headers() == {}


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 50)), max_size=60))
def test_who_comes_back_as_told_is_taken_on_and_the_rate_holds(asked):
    clock = Clock()
    limits = ScriptLimits(Script(tpm=100, minute_s=10), clock)
    taken = 0
    for pause, tokens in asked:
        clock.now += pause
        if (wait := limits.refuses(1, tokens)) is not None:
            clock.now += wait
            assert limits.refuses(1, tokens) is None
        taken += tokens
        assert taken <= 100 + 10 * clock.now + 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0ms"),
        (-1, "0ms"),
        (0.017, "17ms"),
        (0.9999, "1s"),
        (1, "1s"),
        (8.64, "8.64s"),
        (60, "1m0s"),
        (360, "6m0s"),
        (3600, "1h0m0s"),
        (3661.5, "1h1m1.5s"),
    ],
)
def test_times_are_written_as_openai_does(seconds, text):
    assert duration(seconds) == text
