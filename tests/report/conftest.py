"""A run to look at."""

from collections.abc import Callable
from pathlib import Path

import pytest

import potstill

ROWS: list[dict | str] = [
    {"q": "1 + 1?", "a": "2", "r": "It is \\boxed{2}."},
    "no json",
    {"q": "2 + 2?", "a": "4", "r": ["<think>Well, $2 + 2$.</think>\\boxed{4}", "\\boxed{5}"]},
    {"q": "1 + 1?", "a": "2", "r": "\\boxed{3}"},
    {"q": "3 + 3?", "a": "6", "r": ["\\boxed{6}, as everybody knows by now.", "\\boxed{7}"]},
    {"q": "Who?", "a": None, "r": "Nobody."},
]
"""A row that is no JSON, a duplicate, an answer that is too long, and one without a reference."""


@pytest.fixture(scope="session")
def run(make_run: Callable[..., potstill.Run]) -> potstill.Run:
    """A run over `ROWS`."""
    return make_run(ROWS)


@pytest.fixture
def directory(run: potstill.Run) -> Path:
    return run.directory
