"""The made-up rows of the benchmarks are what they say."""

import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from potstill.text.ngrams import ngrams, words
from potstill.text.normalise import normalise

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import plants
import scale_report
import sentences
import synthetic
from peers.dedup.common import jaccard, shingles

NUMBERS = np.arange(5000)


@pytest.mark.parametrize("length", sentences.LENGTHS)
def test_rows_that_are_not_planted_are_far_from_each_other(length: str):
    rows = sentences.texts(NUMBERS[:300], length).to_pylist()
    sets = [frozenset(shingles(row)) for row in rows]
    assert max(jaccard(one, other) for one, other in combinations(sets, 2)) < 0.45


def test_two_rows_share_the_words_of_two_slots_at_most():
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, sentences.MOST_ROWS, (2, 20_000))
    near = np.arange(20_000)  # numbers that follow each other
    for a, b in ((one, other), (near, near + 1), (near, near * 997 + 1)):
        shared = sum(
            sentences._code(a, slot, 0) == sentences._code(b, slot, 0) for slot in range(1, 150)
        )
        assert shared[a != b].max() <= 2


@pytest.mark.parametrize("length", ["short", "medium"])
def test_what_is_planted_is_as_similar_as_it_says(length: str):
    rows, truth = synthetic.table(NUMBERS, synthetic.Spec(5000, length, items=100))
    items = sentences.texts(synthetic._ITEMS_FROM + np.arange(100), length).to_pylist()
    questions, kinds = rows["question"].to_pylist(), set[str]()
    for planted in truth.to_pylist():
        text, kind = questions[planted["number"]], planted["kind"]
        of = planted["of"]
        base = items[of - synthetic._ITEMS_FROM] if of >= 5000 else questions[of]
        kinds.add(kind)
        found = jaccard(ngrams(words(base), 2), ngrams(words(text), 2))
        assert found == pytest.approx(planted["similarity"], abs=1e-6), (base, text)
        assert (normalise(base) == normalise(text)) == (kind in ("repeat", "conflict", "item"))
        assert kind != "embedded" or normalise(base) in normalise(text)
    assert kinds == {*plants.KINDS} - {"plain"}


def test_a_copy_has_the_answer_of_its_row_unless_it_is_another_problem():
    rows, truth = synthetic.table(NUMBERS, synthetic.Spec(5000))
    answers = rows["answer"].to_pylist()
    for planted in truth.to_pylist():
        if planted["kind"] in ("repeat", "near", "number", "conflict"):
            same = answers[planted["number"]] == answers[planted["of"]]
            assert same == (planted["kind"] in ("repeat", "near"))


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_rows_do_not_depend_on_parts(tmp_path: Path, form: str):
    spec = synthetic.Spec(3000, items=50, response=200)
    for name, part_rows in (("one", 3000), ("many", 700)):
        synthetic.write(tmp_path / name, spec, form=form, part_rows=part_rows)
    one, many = (synthetic.read_truth(tmp_path / name) for name in ("one", "many"))
    assert all(np.array_equal(one[column], many[column]) for column in one)
    read = {
        name: [_rows(file) for file in sorted((tmp_path / name / "rows").iterdir())]
        for name in ("one", "many")
    }
    assert [len(part) for part in read["many"]] == [700, 700, 700, 700, 200]
    assert sum(read["many"], []) == sum(read["one"], [])


def _rows(file: Path) -> list[object]:
    if file.suffix == ".jsonl":
        return [*file.read_text().splitlines()]
    return pq.read_table(file).to_pylist()


def test_what_is_dropped_is_judged_by_what_is_planted():
    truth = {
        "number": np.array([10, 11, 12, 13, 14]),
        "kind": np.array(
            [plants.KINDS.index(k) for k in ("near", "near", "repeat", "item", "near")]
        ),
        "of": np.array([0, 1, 2, 3, 4]),
        "similarity": np.array([0.9, 0.6, 1.0, 1.0, 0.8], dtype=np.float32),
    }
    found = synthetic.judged(np.array([10, 11, 12, 13, 99]), truth, 0.8)
    assert (found["near"], found["near_of"]) == (1, 2)
    assert (found["repeat"], found["repeat_of"]) == (1, 1)
    assert found["false"] == 3  # one below the threshold, an item, and a row that is not planted


def _run(rows: int, response: int = 0) -> scale_report.Run:
    phases = {
        "gather": {"seconds": 2e-5 * rows, "cpu_s": 1.0, "rss_mb": 200.0, "own_mb": 100.0},
        "dedup": {
            "seconds": 1e-6 * rows**1.1,
            "cpu_s": 1.0,
            "rss_mb": 500.0,
            "own_mb": 100 + rows * 200 / 2**20,
        },
    }
    found = dict.fromkeys(("near", "repeat", "items", "near_of", "repeat_of", "items_of"), 1)
    return scale_report.Run(
        rows=rows,
        length="long" if response else "short",
        response=response,
        items=10,
        engine="local",
        seconds=3e-5 * rows,
        given_bytes=50 * rows,
        most_bytes=300 * rows,
        stages={name: {"seconds": 1.0, "bytes": 100.0 * rows} for name in phases},
        phases=phases,
        found=found | {"false": 0, "false_items": 0},
    )


def test_fits_give_back_the_law_of_the_figures():
    runs = [_run(rows) for rows in (100_000, 1_000_000, 10_000_000)]
    sizes = [float(run.rows) for run in runs]
    power = scale_report.fitted(sizes, [run.phase("dedup", "seconds") for run in runs])
    assert power.exponent == pytest.approx(1.1)
    memory = scale_report.line(sizes, [run.phase("dedup", "own_mb") for run in runs])
    assert memory.each * 2**20 == pytest.approx(200)
    text = "\n".join(
        scale_report.report(
            [*runs, _run(20_000, 16_000)], {"cores": 2, "memory_gb": 4, "system": "Linux"}
        )
    )
    assert "| dedup | 1.10 | 100 | 200 |" in text
    plan = scale_report._planned(25_700_000, _run(20_000, 16_000), runs)
    assert plan[0]["gather"] == pytest.approx(25.7e6 * 2e-5 / 60)
    assert plan[0]["dedup"] == pytest.approx(1e-6 * 25.7e6**1.1 / 60)
    assert plan[1] == pytest.approx(100 + 25.7e6 * 200 / 2**20, rel=1e-6)


def test_a_size_is_predicted_from_the_largest_of_its_kind():
    spec = synthetic.Spec(2_000_000, "short")
    assert scale_report.predicted([], spec).seconds == 0
    found = scale_report.predicted([_run(100_000), _run(1_000_000), _run(20_000, 16_000)], spec)
    assert found.seconds == pytest.approx(1.2 * 2 * (30 + 20))
    assert found.bytes == pytest.approx(1.2 * 2 * 350e6)
