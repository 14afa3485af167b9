"""Fixtures for all tests."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import potstill
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


GIVEN = """
name: given
sources:
  - {path: rows.jsonl, map: {problem: q, reference_answer: a, response: r}, set: {category: math}}
dedup: [{use: exact}]
verify: [{use: math}]
filter: [{use: length, max_answer_chars: 30}]
export: [{use: messages, when: "outcome = 'pass'"}, {use: am-1.4m}]
"""


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., potstill.Run]:
    """A function that runs a recipe over responses that come with the rows: no teacher is asked.

    It takes the rows (a text stands for itself), and texts of the recipe to replace.
    """

    def make(rows: list[dict | str], replace: dict[str, str] | None = None) -> potstill.Run:
        folder = tmp_path_factory.mktemp("given")
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (folder / "rows.jsonl").write_text("\n".join(lines) + "\n")
        recipe = GIVEN
        for old, new in (replace or {}).items():
            assert old in recipe
            recipe = recipe.replace(old, new)
        (folder / "recipe.yaml").write_text(recipe)
        return potstill.run(folder / "recipe.yaml", out=folder / "run")

    return make
