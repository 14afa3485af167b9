"""A judge among a recipe's verifiers: journaled, within the budget, and left out of rehearsals."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import potstill
from potstill.cli.plan import _show
from potstill.errors import InputError, Paused, RecipeError
from potstill.models.judges import question
from potstill.models.scripted import Scripted
from potstill.records import content_hash
from potstill.storage.journal import Journal

ROWS = 12
PLUGIN = '''
from potstill import Verdict

def parity(problem, response) -> Verdict:
    """Pass what is even, and be undecided else."""
    even = int(response.answer) % 2 == 0
    return Verdict(outcome="pass" if even else "undecided", reason="even" if even else "odd")
'''
RECIPE = """
name: judged
sources:
  - {{path: rows.jsonl, map: {{problem: q, reference_answer: a, response: r}}}}
decontaminate: off
verify:
  - {{use: plugin.py:parity}}
  - use: judge
    style: compassverifier
    votes: 2
    teachers:
      - {{model: m, base_url: "{url}", sampling: {{max_tokens: 50}}, max_in_flight: 2{more}}}
export: [{{use: messages, when: "outcome = 'pass' and verifier <> 'judge'"}}]
engine: {{use: local, workers: 1}}
"""


def answers() -> dict[str, str]:
    """What the judge's model says: A and B in turn."""
    odd = range(1, ROWS, 2)
    prompts = [
        question("compassverifier", f"What is {n}?", str(n), str(n), longest=2000) for n in odd
    ]
    return {prompt: "AB"[i % 2] for i, prompt in enumerate(prompts)}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write a project whose judge is at an address, in the current folder."""
    rows = [{"q": f"What is {n}?", "a": str(n), "r": str(n)} for n in range(ROWS)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    (tmp_path / "plugin.py").write_text(PLUGIN)
    monkeypatch.chdir(tmp_path)

    def project(server: Scripted, more: str = "", end: str = "") -> None:
        text = RECIPE.format(url=server.base_url, more=more) + end
        (tmp_path / "recipe.yaml").write_text(text)

    return project


def run() -> potstill.Run:
    return potstill.run("recipe.yaml", out="run", allow_code=True)


def test_a_judge_decides_what_a_verifier_left_and_is_asked_once(serve, project, capsys) -> None:
    server = serve(answers=answers(), style="none")
    project(server)
    found = potstill.plan("recipe.yaml", out="run", allow_code=True)
    rule, judge = found.verifiers
    assert (rule.models, rule.most_calls) == ((), 0)
    assert (judge.use, judge.at_most, judge.models) == ("judge", ROWS, ("m",))
    assert (judge.most_calls, judge.most_completion_tokens) == (2 * ROWS, 2 * ROWS * 50)
    _show(found)
    assert "judge: at most 12 responses, 24 calls to m and 1,200 tokens" in capsys.readouterr().out
    assert server.requests == 0
    done = run()
    assert server.requests == ROWS
    by = Counter((row.outcome, row.verdict.verifier.rpartition(":")[2]) for row in done.rows())
    assert by == {("pass", "parity"): 6, ("pass", "judge"): 3, ("fail", "judge"): 3}
    assert len(list(done.rows(stage="export"))) == 6
    assert len(list(done.rows("verifier = 'judge' and reason = 'judged_correct'"))) == 3
    [verify] = [stage for stage in done.status().stages if stage.stage == "verify"]
    [rows, calls] = verify.accounts
    assert (rows.kept, calls.entered, calls.kept) == (ROWS, ROWS, ROWS)
    assert not (done.directory / verify.folder / "scratch").exists()
    again = potstill.run("recipe.yaml", out="run", allow_code=True, again="verify")
    assert again.status().stages == done.status().stages
    assert server.requests == ROWS


def test_another_address_of_a_judge_makes_no_stage_run_again(serve, project) -> None:
    project(serve(answers=answers(), style="none"))
    run()
    project(serve(style="none"))
    assert potstill.plan("recipe.yaml", out="run", allow_code=True).stages[-2].due is None


def test_a_budget_that_is_spent_pauses_and_a_higher_one_goes_on(serve, project) -> None:
    server = serve(answers=answers(), style="none")
    project(server, end="budget: {tokens: 1500}")
    with pytest.raises(Paused, match="budget"):
        run()
    asked = server.requests
    assert 0 < asked < ROWS
    project(server, end="budget: {tokens: 1M}")
    assert Counter(row.outcome for row in run().rows()) == {"pass": 9, "fail": 3}
    assert server.requests == ROWS


def test_a_budget_in_money_wants_the_prices_of_a_judge(serve, project) -> None:
    project(serve(), end="budget: {usd: 1}")
    with pytest.raises(RecipeError, match="needs `prices: .* of m"):
        run()
    project(
        serve(answers=answers(), style="none"),
        ", prices: {input: 1, output: 1}",
        "budget: {usd: 1}",
    )
    assert run().status().asked.usd > 0


def test_the_key_of_a_judge_is_looked_for_first(serve, project) -> None:
    project(serve(), ", key_env: NO_SUCH_KEY_HERE")
    with pytest.raises(InputError, match="NO_SUCH_KEY_HERE"):
        run()
    assert not Path("run").exists()
    plan = potstill.plan("recipe.yaml", out="run", allow_code=True)
    assert any("NO_SUCH_KEY_HERE" in text for text in plan.cautions)


def test_a_preview_asks_the_teacher_but_no_judge(serve, project, tmp_path: Path) -> None:
    judge, teacher = serve(), serve(style="none")
    project(judge)
    recipe = (tmp_path / "recipe.yaml").read_text().replace(", response: r", "")
    distil = {"teachers": [{"model": "t", "base_url": teacher.base_url}], "reasoning": "off"}
    (tmp_path / "recipe.yaml").write_text(recipe + f"distil: {json.dumps(distil)}\n")
    found = potstill.preview("recipe.yaml", 2, out="run", allow_code=True)
    assert len(found.rows) == 2
    assert all(len(row.sample.verdicts) == 1 for row in found.rows)
    assert (judge.requests, teacher.requests) == (0, 2)


def test_a_killed_run_asks_nothing_twice(serve, project) -> None:
    server = serve(answers=answers(), style="none", latency=0.2)
    project(server)
    command = [sys.executable, "-m", "potstill", "run", "recipe.yaml", "--out", "run"]
    with subprocess.Popen([*command, "--allow-code", "--quiet"]) as process:
        journal = Path("run/journal/calls.sqlite3")
        while len(journaled(journal)) < 3 and process.poll() is None:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
    answered, before = journaled(journal), Counter(server.stats.by_request)
    assert 3 <= len(answered) < ROWS
    assert Counter(row.outcome for row in run().rows()) == {"pass": 9, "fail": 3}
    again = Counter(server.stats.by_request) - before
    assert not answered & again.keys()


def journaled(path: Path) -> set[str]:
    if not path.exists():
        return set()
    with Journal(path) as journal:
        entries = [journal.get(key) for key in list(journal.keys())]
    return {content_hash(entry.request) for entry in entries if entry is not None}
