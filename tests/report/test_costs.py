"""What a run cost adds up, and says for what it was paid."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import potstill
from potstill.cli import main
from potstill.records import ANSWERED, Ending
from potstill.report.costs import FATES, costs
from potstill.storage.journal import Attempt, Entry, Journal

RECIPE = """
name: words
sources:
  - {path: problems.jsonl, map: {problem: question, reference_answer: gold, category: category}}
distil:
  salvage: 0
  teachers:
    - model: scripted
      base_url: "BASE_URL"
      max_in_flight: 8
      prices: {input: 1.0, output: 4.0}
      endings: {server_error: {retries: 1, delay_s: 0}, truncated: {then: drop}}
verify: [{use: math}]
filter: [{use: format}]
export: [{use: messages, when: "outcome = 'pass'"}]
"""
ROWS = 60


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run whose teacher fails in every way that costs money."""
    folder = tmp_path_factory.mktemp("costs")
    rows = [
        {"question": f"What is {i} + 1?", "gold": i + 1, "category": "ab"[i % 2]}
        for i in range(ROWS)
    ]
    rows.append(rows[0])  # an equal problem is asked once
    (folder / "problems.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "answers.json").write_text(json.dumps({r["question"]: str(r["gold"]) for r in rows}))
    command = [sys.executable, "-m", "potstill", "serve-scripted", "--port", "0"]
    command += ["--accuracy", "0.7", "--answers", str(folder / "answers.json")]
    command += ["--fault", "server_error", "0.2", "--fault", "truncated", "0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        base_url = server.stdout.readline().split()[-1]
        (folder / "recipe.yaml").write_text(RECIPE.replace("BASE_URL", base_url))
        yield folder
        server.terminate()


@pytest.fixture(scope="module")
def run(project: Path) -> Path:
    potstill.run(project / "recipe.yaml", out=project / "run")
    return project / "run"


def entries(run: Path) -> list[Entry]:
    with Journal(run / "journal" / "calls.sqlite3") as journal:
        found = [journal.get(key) for key in list(journal.keys())]
    return [entry for entry in found if entry is not None]


def test_the_books_balance(run: Path) -> None:
    found = costs(run)
    total = found.total
    attempts = [attempt for entry in entries(run) for attempt in entry.attempts]
    assert total.calls == ROWS
    assert total.attempts == len(attempts) == sum(fate.attempts for fate in found.fates)
    assert total.prompt_tokens == sum(a.prompt_tokens or 0 for a in attempts)
    assert total.completion_tokens == sum(a.completion_tokens or 0 for a in attempts)
    assert total.usd == (total.prompt_tokens + 4 * total.completion_tokens) / 1e6
    assert sum(fate.usd or 0 for fate in found.fates) == pytest.approx(total.usd)
    assert sum(f.tokens for f in found.fates) == total.prompt_tokens + total.completion_tokens
    for name in ("calls", "attempts", "kept", "prompt_tokens", "completion_tokens"):
        assert sum(getattr(line, name) for line in found.lines) == getattr(total, name)
    assert [(line.teacher, line.category) for line in found.lines] == [
        ("scripted", "a"),
        ("scripted", "b"),
    ]


def test_what_was_kept_is_what_was_exported(run: Path) -> None:
    found = costs(run)
    status = potstill.status(run)
    exported = status.stages[-1].accounts[-1].kept
    assert found.total.kept == exported
    assert found.total.usd_per_kept == pytest.approx((found.total.usd or 0) / exported)


def test_each_fate_is_told(run: Path) -> None:
    found = {fate.fate: fate for fate in costs(run).fates}
    endings = [entry.ending for entry in entries(run)]
    answered: dict[Ending, int] = {ending: endings.count(ending) for ending in ANSWERED}
    assert set(found) == {"kept", "truncated", "failed", "retried"} | (
        {"unanswered"} if "server_error" in endings else set()
    )
    assert found["truncated"].attempts == answered["truncated"] > 0
    assert found["kept"].attempts + found["failed"].attempts == answered["ok"]
    assert found["retried"].attempts == sum(len(e.attempts) - 1 for e in entries(run))
    assert [fate.fate for fate in costs(run).fates] == [f for f, _ in FATES if f in found]


def test_without_prices_the_tokens_are_told(run: Path) -> None:
    text = (run / "recipe.yaml").read_text()
    start = text.index("prices:")
    try:
        lines = text[start:].splitlines()
        prices = [line for line in lines[1:5] if ":" in line]
        (run / "recipe.yaml").write_text(
            text.replace("\n".join(["prices:", *prices]), "prices: null")
        )
        found = costs(run)
    finally:
        (run / "recipe.yaml").write_text(text)
    assert (found.total.usd, found.total.usd_per_kept, found.reused_usd) == (None, None, None)
    assert found.without_prices == ("scripted",)
    assert found.total.completion_tokens > 0


def test_before_the_stages_are_done_answers_are_open(
    tmp_path: Path, project: Path, run: Path
) -> None:
    import shutil

    half = tmp_path / "half"
    shutil.copytree(run, half)
    for folder in ("08-export", "07-filter", "06-verify", "05-distil"):
        shutil.rmtree(half / folder)
        (half / "manifest.json").unlink(missing_ok=True)
        found = {fate.fate: fate.attempts for fate in costs(half).fates}
        assert sum(found.values()) == costs(run).total.attempts
        assert "kept" not in found
        assert found["open"] > 0
    assert set(found) - {"unanswered"} == {"open", "retried"}


def test_the_command_shows_it(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr("sys.argv", ["potstill", "costs", str(run)])
    with pytest.raises(SystemExit) as exit:
        main()
    out = capsys.readouterr().out
    assert exit.value.code in (None, 0)
    for text in ("scripted", "kept", "answers that a verifier failed", "total"):
        assert text in out
    monkeypatch.setattr("sys.argv", ["potstill", "costs", str(run), "--json"])
    with pytest.raises(SystemExit):
        main()
    assert json.loads(capsys.readouterr().out)["total"]["calls"] == ROWS


def test_a_run_without_teachers_has_no_costs(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text('{"problem": "Why?"}\n')
    (tmp_path / "r.yaml").write_text("name: r\nsources: [{path: p.jsonl}]\n")
    done = potstill.run(tmp_path / "r.yaml", out=tmp_path / "run")
    with pytest.raises(potstill.InputError, match="asks no teachers"):
        potstill.costs(done.directory)


async def test_estimates_and_other_runs_are_told(run: Path, tmp_path: Path) -> None:
    import shutil

    other = tmp_path / "other"
    shutil.copytree(run, other)
    with Journal(other / "journal" / "calls.sqlite3") as journal:
        for key in list(journal.keys())[:10]:
            entry = journal.get(key)
            assert entry is not None
            last: Attempt = entry.attempts[-1].model_copy(update={"estimated": True, "run": "x"})
            attempts = (*entry.attempts[:-1], last)
            await journal.put(entry.model_copy(update={"attempts": attempts}))
    (other / "recipe.yaml").write_text((run / "recipe.yaml").read_text())
    found = costs(other)
    assert found.total.estimated == 10
    assert found.reused_usd == found.total.usd  # the directory has another name
