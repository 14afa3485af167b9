"""Fixtures for all tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from potstill.records import Message, Problem, Response, Sample

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of outside data that some tests use: real problems and labelled cases."""
    folder = Path(os.environ.get("POTSTILL_TEST_DATA", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no outside test data: {folder} is missing (set POTSTILL_TEST_DATA)")
    return folder


@pytest.fixture(scope="session")
def make_sample() -> Callable[..., Sample]:
    """A function that makes a sample of a prompt, a reference answer, and a response's fields."""

    def make(prompt: str = "1 + 1 = ?", reference_answer: str | None = "2", **response) -> Sample:
        problem = Problem(
            source="school",
            file="a.jsonl",
            line=7,
            messages=(Message(role="user", content=prompt),),
            reference_answer=reference_answer,
        )
        fields = {"reasoning": "off", "ending": "ok", "think": None, "answer": "2"} | response
        made = Response(
            id="r", problem_id=problem.id, call="c", teacher="t", sample=0, round=0, **fields
        )
        return Sample(problem=problem, response=made)

    return make
