import statistics

import pytest
from pydantic import ValidationError

from potstill.models.script import FAULTS, QUIRKS, Script, fault_of
from potstill.models.script.script import quirks_of


def test_faults_come_in_their_shares_and_differ_between_attempts():
    script = Script(faults={"rate_limited": 0.1, "empty": 0.2})
    drawn = [fault_of(script, f"{i}", attempt) for i in range(1000) for attempt in range(2)]
    assert 150 < drawn.count("rate_limited") < 250
    assert 340 < drawn.count("empty") < 460
    assert drawn[::2] != drawn[1::2]
    assert fault_of(Script(), "a", 0) is None
    assert {fault_of(Script(faults={fault: 1.0}), "a", 0) for fault in FAULTS} == set(FAULTS)


def test_quirks_are_drawn_one_by_one():
    script = Script(quirks={"crlf": 0.5, "split": 0.5, "comments": 0.0})
    drawn = [quirks_of(script, f"{i}", 0) for i in range(1000)]
    assert 200 < drawn.count(frozenset({"crlf", "split"})) < 300
    assert 200 < drawn.count(frozenset()) < 300
    assert quirks_of(Script(quirks=dict.fromkeys(QUIRKS, 1.0)), "a", 0) == set(QUIRKS)


@pytest.mark.parametrize("faults", [{"rate_limit": 0.1}, {"cancelled": 1}, {"empty": 0.6, "ok": 0}])
def test_an_unknown_fault_is_refused(faults):
    with pytest.raises(ValidationError, match="'over_context'"):
        Script(faults=faults)


def test_more_faults_than_requests_are_refused():
    with pytest.raises(ValidationError, match="add up to more than 1"):
        Script(faults={"empty": 0.6, "malformed": 0.6})
    # Ten tenths are a little more than 1 in binary.
    Script(faults=dict.fromkeys(FAULTS[:10], 0.1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"latency": -1},
        {"latency": float("nan")},
        {"chunk_s": float("inf")},
        {"accuracy": 1.1},
        {"rpm": 0},
        {"time_scale": 0},
        {"minute_s": 0},
        {"words": -1},
        {"quirks": {"crlf": 2}},
        {"speed": 1},
    ],
)
def test_values_out_of_their_range_are_refused(wrong):
    with pytest.raises(ValidationError):
        Script.model_validate(wrong)


def test_latencies_spread_around_their_median():
    script = Script(latency=2, latency_spread=0.5, time_scale=0.1)
    times = [script.latency_of(f"{i}") for i in range(2000)]
    assert 0.19 < statistics.median(times) < 0.21
    assert 0.48 < statistics.quantiles(times, n=40)[-1] < 0.59  # 0.2 · exp(0.5 · 1.96) = 0.53
    assert times[0] == script.latency_of("0")
    assert Script(latency=2).latency_of("0") == 2
    assert Script(latency_spread=1).latency_of("0") == 0
