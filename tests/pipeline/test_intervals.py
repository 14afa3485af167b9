"""Forecasts hold what it turns out to be, as often as they say."""

import math
import random

import pytest

from potstill.pipeline.intervals import Range, quantile, together, total


@pytest.mark.parametrize(
    ("freedom", "wanted"),
    [(1, 6.314), (2, 2.920), (3, 2.353), (5, 2.015), (10, 1.812), (19, 1.729), (math.inf, 1.645)],
)
def test_the_quantiles_are_students(freedom: float, wanted: float) -> None:
    assert quantile(freedom) == pytest.approx(wanted, rel=0.005)


def test_what_is_known_whole_has_no_interval() -> None:
    assert total([1, 2, 3], 3).range() == Range(expected=6, low=6, high=6)
    assert total([], 0).range() == Range(expected=0, low=0, high=0)
    assert total([5, 5, 5], 10).range() == Range(expected=50, low=50, high=50)


def test_the_closed_form() -> None:
    found = total([1, 3], 10)
    assert found.expected == 4 + 8 * 2
    assert found.spread == pytest.approx(8**2 * 2 * (1 / 2 + 1 / 8))
    assert found.range().high == pytest.approx(20 + quantile(1) * math.sqrt(80))
    assert found.range().low == 4  # what is spent already


def test_the_variances_of_independent_sums_add_up() -> None:
    one, other = total([1, 3, 2], 10), total([10, 30, 20, 40], 50)
    both = together([one, other])
    assert both.expected == one.expected + other.expected
    assert both.spread == one.spread + other.spread
    assert min(one.freedom, other.freedom) <= both.freedom <= one.freedom + other.freedom


def covered(draw, *, calls: int = 400, asked: int = 20, seeds: int = 600) -> float:
    hits = 0
    for seed in range(seeds):
        rng = random.Random(seed)
        values = [draw(rng) for _ in range(calls)]
        found = total(values[:asked], calls).range()
        hits += found.low <= sum(values) <= found.high
    return hits / seeds


def test_nine_of_ten_forecasts_hold() -> None:
    assert 0.87 <= covered(lambda rng: rng.gauss(100, 20)) <= 0.93
    assert 0.82 <= covered(lambda rng: rng.lognormvariate(7, 0.5)) <= 0.93


def test_forecasts_of_several_teachers_hold_too() -> None:
    hits = 0
    for seed in range(600):
        rng = random.Random(seed)
        cheap = [rng.gauss(1, 0.3) for _ in range(300)]
        dear = [rng.gauss(10, 4) for _ in range(100)]
        found = together([total(cheap[:15], 300), total(dear[:5], 100)]).range()
        hits += found.low <= sum(cheap) + sum(dear) <= found.high
    assert 0.86 <= hits / 600 <= 0.94
