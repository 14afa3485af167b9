"""Counting tokens without the endpoint."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.models.money import Usage
from potstill.models.tokens import count, count_usage, estimate

DATA = Path(os.environ.get("POTSTILL_TEST_DATA", "../shared")) / "data"


def test_known_texts_have_the_tokens_that_qwen_gives_them() -> None:
    assert count("") == 0
    assert count("Hello, world!") == 4
    assert count("1234") == 4
    assert count("你好，世界") == 3
    assert count("<think>") == 1


def test_what_an_endpoint_did_not_count_is_marked() -> None:
    assert count_usage("Hello, world!", "") == Usage(4, 0, estimated=True)


@given(st.text())
def test_any_text_can_be_counted(text: str) -> None:
    assert 0 <= count(text) <= 3 * len(text.encode(errors="replace"))
    assert 0 <= estimate(text) <= 2 * len(text) + 1


def test_half_a_character_is_counted_too() -> None:
    assert count("a\ud800b") > 0
    assert estimate("a\ud800b") > 0


@pytest.mark.parametrize(
    ("file", "column", "most"),
    [
        ("gsm8k/test.jsonl", "question", 0.05),
        ("math_test5000/test.jsonl", "problem", 0.05),
        ("agieval_en/logiqa-zh.jsonl", "passage", 0.05),
        ("agieval_zh/gaokao-history.jsonl", "question", 0.1),
    ],
)
def test_the_estimate_is_close(file: str, column: str, most: float) -> None:
    path = DATA / file
    if not path.is_file():
        pytest.skip(f"no {path}")
    texts = [json.loads(line)[column] for line in path.read_text().splitlines()[:200]]
    counted, estimated = sum(map(count, texts)), sum(map(estimate, texts))
    assert abs(estimated / counted - 1) < most
