"""A run never spends more than its budget, in all its sessions, and pauses cleanly."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import potstill
from potstill.cli import main
from potstill.storage.journal import Journal

Edit = Callable[[str, str], None]
PLANNED = 40 * 2


@pytest.fixture
def priced(project: Path, edit: Edit) -> None:
    """Give the teacher prices, and answers that are short enough for many to be in flight."""
    edit(
        "max_in_flight: 4, sampling: {temperature: 0.6}",
        "max_in_flight: 50, prices: {input: 1.0, output: 4.0}, sampling: {max_tokens: 200}",
    )


def spent(project: Path) -> tuple[float, int]:
    """What the journal's attempts cost, and their tokens."""
    usd, tokens = 0.0, 0
    with Journal(project / "runs/journal/calls.sqlite3") as journal:
        for key in list(journal.keys()):
            entry = journal.get(key)
            for attempt in entry.attempts if entry else ():
                assert attempt.run == "words"
                prompt, completion = attempt.prompt_tokens or 0, attempt.completion_tokens or 0
                usd += (prompt + 4 * completion) / 1e6
                tokens += prompt + completion
    return usd, tokens


@pytest.mark.parametrize("cap", [0.002, 0.004, 0.009])
def test_the_money_is_never_exceeded(project: Path, priced: None, cap: float) -> None:
    with pytest.raises(potstill.Paused, match=rf"budget.usd is {cap}: .* goes on"):
        potstill.run("recipe.yaml", sets=[f"budget.usd={cap}"])
    usd, _ = spent(project)
    assert 0 < usd <= cap
    assert cap - usd < 0.002  # less than two calls' most


def test_a_higher_budget_asks_only_what_is_left(project: Path, priced: None, teacher) -> None:
    before = teacher.stats()["requests"]
    with pytest.raises(potstill.Paused):
        potstill.run("recipe.yaml", sets=["budget.tokens=3k"])
    first = teacher.stats()["requests"] - before
    assert 0 < first < PLANNED
    assert spent(project)[1] <= 3000

    with pytest.raises(potstill.Paused, match="budget.tokens is 3,000"):
        potstill.run("recipe.yaml", sets=["budget.tokens=3k"])
    assert teacher.stats()["requests"] - before <= first + 1  # nothing but small change was left

    done = potstill.run("recipe.yaml", sets=["budget.tokens=10M"])
    assert teacher.stats()["requests"] - before == PLANNED
    assert done.status().state == "complete"
    again = potstill.run("recipe.yaml", sets=["budget.tokens=1k"])  # nothing is left to ask
    assert again.status().state == "complete"


def test_what_another_run_paid_costs_nothing(project: Path, priced: None, edit: Edit) -> None:
    potstill.run("recipe.yaml")
    edit("name: words", "name: others")
    done = potstill.run("recipe.yaml", sets=["budget.usd=0.0000001"])
    assert done.status().state == "complete"
    found = potstill.costs(done.directory)
    assert found.reused_usd == found.total.usd
    assert potstill.costs(project / "runs/words").reused_usd == 0


def test_the_probe_spends_from_the_same_budget(project: Path, priced: None) -> None:
    potstill.probe("recipe.yaml", 20)
    usd, _ = spent(project)
    with pytest.raises(potstill.Paused, match=rf": {usd:.4f} so far"):
        potstill.run("recipe.yaml", sets=[f"budget.usd={usd}"])


def test_the_command_ends_with_3_and_one_sentence(
    project: Path,
    priced: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        "sys.argv", ["potstill", "run", "recipe.yaml", "--quiet", "--set", "budget.usd=0.002"]
    )
    with pytest.raises(SystemExit) as exit:
        main()
    assert exit.value.code == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("potstill: the budget is spent: budget.usd is 0.002: ")
    assert "Traceback" not in line


def test_a_killed_run_has_spent_what_the_journal_says(project: Path, priced: None) -> None:
    code = (
        "import os, potstill\n"
        "from potstill.stages import io\n"
        "io.PROGRESS_SECONDS = 0\n"
        "def kill(event):\n"
        "    if event['event'] == 'progress' and event.get('endings', {}).get('ok', 0) >= 10:\n"
        "        os._exit(9)\n"
        "potstill.run('recipe.yaml', listener=kill)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code], cwd=project, check=False)
    assert killed.returncode == 9
    before, _ = spent(project)
    with pytest.raises(potstill.Paused):
        potstill.run("recipe.yaml", sets=[f"budget.usd={before + 0.002}"])
    assert spent(project)[0] <= before + 0.002


def test_the_status_tells_the_money(project: Path, priced: None) -> None:
    done = potstill.run("recipe.yaml")
    assert done.status().asked.usd == pytest.approx(spent(project)[0])


def test_usd_needs_prices(project: Path) -> None:
    with pytest.raises(potstill.RecipeError, match=r"needs `prices: .*` of scripted"):
        potstill.run("recipe.yaml", sets=["budget.usd=1"])


@pytest.mark.parametrize("value", ["lots", "10m", "0"])
def test_an_illegal_budget_is_told_with_its_place(project: Path, value: str) -> None:
    with pytest.raises(potstill.RecipeError, match=r"--set budget\.tokens"):
        potstill.run("recipe.yaml", sets=[f"budget.tokens={value}"])


def test_prices_and_budget_make_no_stage_run_again(project: Path, priced: None, edit: Edit) -> None:
    potstill.run("recipe.yaml")
    edit("output: 4.0", "output: 8.0")
    plan = potstill.plan("recipe.yaml")
    assert {stage.due for stage in plan.stages} == {None}
