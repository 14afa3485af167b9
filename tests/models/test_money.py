"""Tokens as each kind of endpoint counts them, and what they cost."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.models.money import NOTHING, Prices, Usage, cost, usage_of, usage_of_attempt
from potstill.storage.journal import Attempt

SAID = {
    "bare": ({"prompt_tokens": 5, "completion_tokens": 7}, Usage(5, 7)),
    "openai": (
        {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "total_tokens": 150,
            "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 40},
        },
        Usage(100, 50, 64, 40),
    ),
    "vllm": (
        {"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": None},
        Usage(9, 3),
    ),
    "deepseek": (
        {
            "prompt_tokens": 90,
            "prompt_cache_hit_tokens": 64,
            "prompt_cache_miss_tokens": 26,
            "completion_tokens": 8,
            "completion_tokens_details": {"reasoning_tokens": 5},
        },
        Usage(90, 8, 64, 5),
    ),
    "anthropic": (
        {
            "input_tokens": 10,
            "cache_read_input_tokens": 80,
            "cache_creation_input_tokens": 4,
            "output_tokens": 6,
        },
        Usage(94, 6, 80),
    ),
    "xai": (
        {
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "total_tokens": 115,
            "completion_tokens_details": {"reasoning_tokens": 100},
        },
        Usage(10, 105, 0, 100),
    ),
    "gemini": (
        {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 40},
        Usage(10, 30, 0, 25),
    ),
}


@pytest.mark.parametrize("endpoint", SAID)
def test_each_endpoint_says_it_in_its_own_way(endpoint: str) -> None:
    said, wanted = SAID[endpoint]
    assert usage_of({"usage": said}) == wanted


@pytest.mark.parametrize(
    "usage",
    [
        None,
        [],
        {},
        {"prompt_tokens": 5},
        {"prompt_tokens": "5", "completion_tokens": 7},
        {"prompt_tokens": -1, "completion_tokens": 7},
        {"prompt_tokens": True, "completion_tokens": 7},
        {"prompt_tokens": 2**41, "completion_tokens": 7},
        {"prompt_tokens": 1.5, "completion_tokens": 7},
    ],
)
def test_what_is_no_count_is_not_said(usage) -> None:
    assert usage_of({"usage": usage}) is None
    assert usage_of({}) is None


def test_a_part_is_never_more_than_its_whole() -> None:
    said = {
        "prompt_tokens": 5,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 99},
        "completion_tokens_details": {"reasoning_tokens": 99},
    }
    assert usage_of({"usage": said}) == Usage(5, 7, 5, 7)


KEYS = [
    *("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens"),
    *("prompt_tokens_details", "completion_tokens_details", "cached_tokens", "reasoning_tokens"),
    *("prompt_cache_hit_tokens", "cache_read_input_tokens"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_whatever_an_endpoint_says_costs_no_less_than_nothing(usage) -> None:
    found = usage_of({"usage": usage})
    if found is not None:
        assert 0 <= found.cached <= found.prompt
        assert 0 <= found.reasoning <= found.completion
        assert cost(found, Prices(input=1, output=2, cached_input=0.1)) >= 0


def test_each_kind_of_token_has_its_price() -> None:
    prices = Prices(input=0.55, cached_input=0.14, output=2.19, reasoning=1.0)
    usage = Usage(prompt=1000, completion=300, cached=400, reasoning=200)
    assert cost(usage, prices) == Decimal("0.000805")  # (600×.55 + 400×.14 + 100×2.19 + 200)/1e6
    assert cost(usage, Prices(input=0.55, output=2.19)) == Decimal("0.001207")


@given(
    st.lists(st.tuples(*[st.integers(0, 10**6)] * 4), max_size=20),
    st.tuples(*[st.floats(0, 1000).map(lambda price: round(price, 6))] * 4),
)
def test_the_cost_of_a_sum_is_the_sum_of_the_costs(counts, amounts) -> None:
    usages = [Usage(p + c, o + r, c, r) for p, c, o, r in counts]
    names = ("input", "output", "cached_input", "reasoning")
    prices = Prices(**dict(zip(names, amounts, strict=True)))
    each = [cost(usage, prices) for usage in usages]
    random.Random(1).shuffle(each)
    assert sum(each) == cost(sum(usages, NOTHING), prices)


def test_an_attempt_without_a_count_used_nothing() -> None:
    attempt = Attempt(at="2026-01-01T00:00:00+00:00", ending="network")
    assert usage_of_attempt(attempt) == NOTHING
    counted = attempt.model_copy(update={"prompt_tokens": 3, "completion_tokens": 4})
    assert usage_of_attempt(counted.model_copy(update={"estimated": True})) == Usage(
        3, 4, estimated=True
    )
