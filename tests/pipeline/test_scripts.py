"""Whole runs from scripts that guard nothing, and own functions in them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

RECIPE = """
name: given
sources: [{path: rows.jsonl, map: {problem: q, reference_answer: a, response: r}}]
verify: [{use: USE}]
export: [{use: messages, when: "outcome = 'pass'"}]
"""
SCRIPT = """
import potstill
from potstill import Problem, Response, Verdict

print("main")

def own(problem: Problem, response: Response) -> Verdict:
    return Verdict(outcome="pass", reason="own")

def odd(problem, response):
    return True
"""
CALL = """
run = potstill.run("recipe.yaml", out="run", allow_code=True)
print(*(sample.verdicts[-1].reason for sample in run.rows()))
print(potstill.verify("42", use=own).reason)
"""


def write(folder: Path, use: str, script: str) -> None:
    (folder / "rows.jsonl").write_text(json.dumps({"q": "1 + 1?", "a": "2", "r": "2"}) + "\n")
    (folder / "recipe.yaml").write_text(RECIPE.replace("USE", use))
    (folder / "script.py").write_text(script)


def run(folder: Path, how: str, script: str) -> subprocess.CompletedProcess[str]:
    arguments = {"script": ["script.py"], "command": ["-c", script], "input": ["-"]}[how]
    return subprocess.run(
        [sys.executable, *arguments],
        input=script if how == "input" else None,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.mark.parametrize("how", ["script", "command", "input"])
def test_a_script_needs_no_guard(tmp_path: Path, how: str) -> None:
    write(tmp_path, "math", SCRIPT + CALL)
    done = run(tmp_path, how, SCRIPT + CALL)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["main", "equal", "own"]


def test_an_own_verifier_of_the_script_needs_one(tmp_path: Path) -> None:
    write(tmp_path, "script.py:own", SCRIPT + CALL)
    done = run(tmp_path, "script", SCRIPT + CALL)
    assert done.returncode == 1
    assert "script.py calls potstill while it is imported: keep the function" in done.stderr
    guarded = "if __name__ == '__main__':\n" + CALL.replace("\n", "\n    ")
    write(tmp_path, "script.py:own", SCRIPT + guarded)
    done = run(tmp_path, "script", "")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split("\n", 1)[1].split()[-2:] == ["own", "own"]


def test_a_verifier_that_returns_no_verdict_decides_nothing(tmp_path: Path) -> None:
    look = "print(*((s.outcome, v.reason, v.evidence) for s in run.rows() for v in s.verdicts))\n"
    write(tmp_path, "other.py:odd", "")
    (tmp_path / "other.py").write_text(SCRIPT)
    done = run(tmp_path, "command", SCRIPT + CALL + look)
    assert (
        "('undecided', 'error', {'detail': 'returned a value of type bool, no Verdict'})"
        in done.stdout
    )
