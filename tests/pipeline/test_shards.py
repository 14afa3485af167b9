"""Stages that work shard by shard: any number of processes, killed anywhere, the same bytes."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from potstill.errors import SourceError
from potstill.pipeline import gathering, runs
from potstill.pipeline.runs import run
from potstill.recipe import load_recipe
from potstill.storage.shards import LOG

WORDS = ["apple", "river", "seven", "stone", "cloud", "winter", "paper", "lantern", "copper"]

RECIPE = """
name: shards
sources: [{{path: {data}, use: jsonl}}]
dedup: [{{use: exact}}, {{use: minhash}}]
decontaminate: [{{use: ngram, against: [{{path: {benchmark}, use: jsonl}}]}}]
label: [{{use: language}}]
engine: {{workers: {workers}}}
"""

SCRIPT = """
import sys
from potstill.pipeline import gathering
gathering.PART_ROWS = 25
from potstill.pipeline.runs import run
if __name__ == "__main__":
    run(sys.argv[1], out=sys.argv[2])
"""


def text(i: int) -> str:
    chosen = [WORDS[(i * (k + 3) + k * k) % len(WORDS)] for k in range(12)]
    return f"How many {' '.join(chosen)} are there, if there are {i} of them and {i % 7} more?"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return 200 rows: repeats, near repeats, a benchmark's items and rows that can't be read."""
    lines = []
    for i in range(200):
        problem = text(i // 2).upper() if i % 9 == 0 else text(i)
        lines.append("{" if i % 50 == 49 else json.dumps({"problem": problem}))
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(lines) + "\n")
    (tmp_path / "bench.jsonl").write_text(json.dumps({"problem": text(77)}) + "\n")
    return path


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "PART_ROWS", 25)


def recipe(data: Path, workers: int = 1) -> Path:
    path = data.with_name("recipe.yaml")
    benchmark = data.with_name("bench.jsonl")
    path.write_text(RECIPE.format(data=data, benchmark=benchmark, workers=workers))
    return path


def digests(directory: Path) -> dict[str, str]:
    """Return the hash of every file of the stages."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.glob("0*/**/*"))
        if path.is_file()
    }


@pytest.fixture
def undisturbed(data: Path, small_shards: None, tmp_path: Path) -> dict[str, str]:
    run(recipe(data), out=tmp_path / "one")
    return digests(tmp_path / "one")


def test_the_books_of_the_shards_are_those_of_the_stage(
    data: Path, small_shards: None, tmp_path: Path
) -> None:
    stages = {s.stage: s.accounts[0] for s in run(recipe(data), out=tmp_path / "r").status().stages}
    gather, dedup = stages["gather"], stages["dedup"]
    assert (gather.entered, gather.dropped) == (200, {"not_json": 4})
    assert gather.kept == dedup.entered
    assert dedup.dropped["duplicate"] == dedup.entered - dedup.kept > 0
    assert stages["decontaminate"].dropped["contaminated"] >= 1
    assert len(list((tmp_path / "r" / "01-gather").glob("part-*"))) == 8


def test_two_processes_make_the_same_bytes_as_one(
    data: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    run(recipe(data, workers=2), out=tmp_path / "two")
    assert digests(tmp_path / "two") == undisturbed


def test_nothing_of_the_work_is_left(undisturbed: dict[str, str]) -> None:
    kinds = {Path(name).name.split("-")[0] for name in undisturbed}
    assert kinds == {"part", "dropped", "manifest.json"}


@pytest.mark.parametrize("stage", ["01-gather", "02-dedup", "03-decontaminate", "04-label"])
def test_a_run_that_is_killed_in_a_stage_goes_on_at_the_next_shard(
    stage: str, data: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    out = tmp_path / "killed"
    command = [sys.executable, os.fspath(script), os.fspath(recipe(data)), os.fspath(out)]
    process = subprocess.Popen(command)
    log = out / stage / LOG
    while process.poll() is None and not (log.exists() and log.read_bytes().count(b"\n") > 2):
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    subprocess.run(command, check=True)
    assert digests(out) == undisturbed


def test_shards_that_are_done_are_not_read_again(
    data: Path, undisturbed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    work = runs.Session.work

    def listen(event: dict) -> None:
        if event["event"] == "progress" and event["stage"] == "gather":
            done.append(event["done"])
            raise KeyboardInterrupt

    monkeypatch.setattr("potstill.stages.io.PROGRESS_SECONDS", 0.0)
    with pytest.raises(KeyboardInterrupt):
        run(recipe(data), out=tmp_path / "r", listener=listen)
    assert done == [25]
    assert work is runs.Session.work
    events: list[dict] = []
    run(recipe(data), out=tmp_path / "r", listener=events.append)
    started = next(event for event in events if event["event"] == "stage_started")
    assert started["why"] == "not complete; what is done of it is kept"
    assert digests(tmp_path / "r") == undisturbed


def test_a_changed_recipe_starts_a_stage_anew(
    data: Path, small_shards: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listen(event: dict) -> None:
        if event["event"] == "progress" and event["stage"] == "gather":
            raise KeyboardInterrupt

    monkeypatch.setattr("potstill.stages.io.PROGRESS_SECONDS", 0.0)
    with pytest.raises(KeyboardInterrupt):
        run(recipe(data), out=tmp_path / "r", listener=listen)
    events: list[dict] = []
    changed = load_recipe(recipe(data), sets=["sources.0.set.category=math"])
    run(changed, out=tmp_path / "r", listener=events.append)
    assert next(e for e in events if e["event"] == "stage_started")["why"] == "not complete"


def test_a_source_without_a_usable_row_is_found_out_over_many_shards(
    data: Path, small_shards: None, tmp_path: Path
) -> None:
    lines = [json.dumps({"text": i}) for i in range(60)]
    data.write_text("\n".join(lines) + "\n")
    with pytest.raises(SourceError, match=r"none of the 60 rows .*missing_field 60.*'problem'"):
        run(recipe(data), out=tmp_path / "r")


@pytest.mark.parametrize("limit", [10, 25, 60])
def test_a_limit_is_one_of_rows_whatever_the_shards(
    limit: int, data: Path, small_shards: None, tmp_path: Path
) -> None:
    [gather, *_] = run(recipe(data), out=tmp_path / "r", limit=limit).status().stages
    assert gather.accounts[0].entered == limit


def test_a_plugin_from_a_file_works_over_many_shards(
    data: Path, small_shards: None, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text(
        "from potstill.protocols import Contamination, Duplicate\n"
        "def same(problems, /):\n"
        '    """Find equal texts."""\n'
        "    seen = {}\n"
        "    for i, problem in enumerate(problems):\n"
        "        if seen.setdefault(problem.text.upper(), i) != i:\n"
        "            yield Duplicate(i, seen[problem.text.upper()], 1.0)\n"
        "def bench(items, /):\n"
        '    """Find equal texts."""\n'
        "    texts = {item.text: item.row_id for item in items}\n"
        "    def look(problems):\n"
        "        found = [texts.get(p.text) for p in problems]\n"
        '        return [Contamination(f, 1.0, "all") if f else None for f in found]\n'
        "    return look\n"
    )
    text = recipe(data, workers=2).read_text()
    text = text.replace("use: exact", f"use: {tmp_path}/own.py:same").replace(
        "use: ngram", f"use: {tmp_path}/own.py:bench"
    )
    data.with_name("recipe.yaml").write_text(text)
    stages = run(data.with_name("recipe.yaml"), out=tmp_path / "r", allow_code=True).status().stages
    accounts = {stage.stage: stage.accounts[0] for stage in stages}
    assert accounts["dedup"].dropped["duplicate"] > 0
    assert accounts["decontaminate"].dropped == {"contaminated": 1}
