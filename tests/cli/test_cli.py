"""The command line: what a person types, and what they then read."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parent.parent.parent

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "missing.yaml"],
        ["status", "missing"],
        ["why", "missing", "x"],
        ["list", "verifier"],
        ["explain", "maths"],
        ["completion", "csh"],
        ["init"],
        ["frobnicate"],
        ["run"],
        ["verify", "missing.jsonl", "out.jsonl", "--use", "math"],
        ["verify", "in.xml", "out.jsonl", "--use", "math"],
        ["verify", "in.jsonl", "out.csv", "--use", "math"],
        ["verify", "in.jsonl", "gone/out.jsonl", "--use", "math"],
        ["verify", "in.jsonl", "out.jsonl", "--use", "maths"],
        ["verify", "in.jsonl", "out.jsonl", "--use", "math", "--set", "speed=1"],
        ["verify", "in.jsonl", "out.jsonl", "--use", "math", "--map", "gold"],
        ["verify", "in.jsonl", "out.jsonl", "--use", "math", "--map", "golden=x"],
        ["verify", "in.jsonl", "out.jsonl", "--use", "math", "--where", "category == "],
        ["dedup", "in.jsonl", "out.jsonl", "--use", "minhash", "--set", "threshold=7"],
        ["dedup", "in.jsonl", "out.jsonl", "--use", "mine.py:find"],
    ],
    ids=" ".join,
)
def test_wrong_input_is_one_sentence(potstill: Run, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "in.jsonl").write_text('{"problem": "1 + 1?", "gold": 2, "response": "2"}\n')
    (tmp_path / "in.xml").write_text("<problem/>\n")
    before = sorted(tmp_path.iterdir())
    code, out, err = potstill(*arguments)
    assert code == 2
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) <= 4  # click adds the usage
    assert out == ""
    assert sorted(tmp_path.iterdir()) == before


def test_a_near_miss_is_told(potstill: Run) -> None:
    _, _, err = potstill("list", "verifier")
    assert "did you mean 'verifiers'?" in err


def test_list_names_every_plugin_with_a_line(potstill: Run) -> None:
    code, out, _ = potstill("list")
    assert code == 0
    for name in ("jsonl", "minhash", "ngram", "math", "choice", "repetition", "am-1.4m"):
        lines = [line for line in out.splitlines() if line.strip().startswith(name + " ")]
        assert lines
        assert all(len(line.split()) > 3 for line in lines)


def test_doctor_says_what_is_there(potstill: Run) -> None:
    code, out, _ = potstill("doctor")
    assert code == 0
    assert "python" in out
    assert "smollm2-135m" in out


PAIRS = [
    {"gold": "42", "answer": "So the answer is \\boxed{42}.", "id": 7},
    {"gold": "42", "answer": "<think>42?</think> The answer is 43.", "id": 8},
    {"gold": None, "answer": "7", "id": 9},
    {"gold": "1", "id": 10},
]


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".parquet"])
def test_verify_adds_its_columns_and_keeps_the_others(
    potstill: Run, tmp_path: Path, ending: str
) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in PAIRS) + "no\n")
    mapped = "--map=reference_answer=gold,response=answer"
    code, out, _ = potstill("verify", "in.jsonl", f"out{ending}", "--use", "math", mapped)
    assert code == 0
    rows = _read(tmp_path / f"out{ending}")
    assert [row["id"] for row in rows] == [7, 8, 9]
    assert [row["answer"] for row in rows] == [row["answer"] for row in PAIRS[:3]]
    assert [row["outcome"] for row in rows] == ["pass", "fail", "undecided"]
    assert [row["reason"] for row in rows] == ["equal", "different", "no_reference"]
    assert {row["verifier"] for row in rows} == {"math"}
    dropped = _read(tmp_path / f"out.dropped{ending}")
    assert [row["reason"] for row in dropped] == ["missing_field", "not_json"]
    assert "pass 1, fail 1, undecided 1\nfail      different 1\nundecided no_reference 1\n" in out
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        ["in.jsonl", f"out{ending}", f"out{ending}.run", f"out.dropped{ending}"]
    )


def _read(path: Path) -> list[dict]:
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    if path.suffix == ".json":
        return json.loads(path.read_text())
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_dedup_alone_names_the_row_that_is_repeated(potstill: Run, tmp_path: Path) -> None:
    rows = [{"q": "What is 2 + 2?", "n": 1}, {"q": "what  is 2 + 2?", "n": 2}, {"q": "x?", "n": 3}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, _, _ = potstill("dedup", "in.jsonl", "out.jsonl", "--use", "exact", "--map", "problem=q")
    assert code == 0
    assert _read(tmp_path / "out.jsonl") == [rows[0], rows[2]]
    (drop,) = _read(tmp_path / "out.dropped.jsonl")
    assert drop["evidence"]["of"] == "in:in.jsonl:1"


def test_dedup_needs_a_problem(potstill: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"q": 1}\n{"q": 2}\n')
    code, _, err = potstill("dedup", "in.jsonl", "out.jsonl", "--use", "exact")
    assert code == 2
    assert "the first has no column 'problem', the columns are q" in err
    assert not (tmp_path / "out.jsonl").exists()
