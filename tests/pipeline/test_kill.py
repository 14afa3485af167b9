"""Kill -9 at any instant: the same dataset in the end, and no journaled call asked again."""

import hashlib
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from potstill.records import content_hash
from potstill.report.status import status
from potstill.storage.journal import Journal

KILLS = 32

# Python calls the hook at every file that is opened, renamed or removed, every connection, every
# thread and process that is started: counting these gives moments spread over all stages.
KILLER = """
import os, signal, sys
from potstill.cli import main
import potstill.cli.progress, potstill.cli.run, potstill.cli.summary, potstill.pipeline

left = int(sys.argv.pop(1))
seen = 0

def count(event, arguments):
    global seen
    seen += 1
    if seen == left:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
try:
    main()
finally:
    print("events", seen, file=sys.stderr)
"""


def start(project: Path, out: Path, left: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", KILLER, str(left), "run", "recipe.yaml", "--out", str(out)]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def content(out: Path) -> dict[str, str]:
    """Hash of every file that is not a log of what happened when."""
    found = {}
    for path in sorted(out.rglob("*")):
        name = os.fspath(path.relative_to(out))
        if path.is_file() and name not in ("events.jsonl", ".lock") and "journal/" not in name:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def journaled(out: Path) -> set[str]:
    path = out / "journal" / "calls.sqlite3"
    if not path.exists():
        return set()
    with Journal(path) as journal:
        entries = [journal.get(key) for key in journal.keys()]  # noqa: SIM118
    return {content_hash(entry.request) for entry in entries if entry is not None}


class Whole(NamedTuple):
    """An uninterrupted run: the project, what it left, and how many events it took."""

    project: Path
    content: dict[str, str]
    events: int


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, teacher, make_project) -> Whole:
    project = tmp_path_factory.mktemp("project")
    make_project(project)
    done = start(project, project / "whole", 0)
    assert done.returncode == 0, done.stderr
    events = int(done.stderr.split("events ")[-1])
    return Whole(project, content(project / "whole"), events)


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_run_continues(whole: Whole, teacher, seed: int) -> None:
    project, expected, events = whole
    # One moment in each of KILLS equal stretches, so that every stage is hit.
    left = int((seed + random.Random(seed).random()) * events / KILLS) + 1
    out = project / f"killed-{seed}"
    killed = start(project, out, left)
    assert killed.returncode == -9
    answered = journaled(out)
    before = Counter(teacher.stats()["by_request"])
    resumed = start(project, out, 0)
    assert resumed.returncode == 0, resumed.stderr
    assert content(out) == expected
    asked_again = Counter(teacher.stats()["by_request"]) - before
    assert not answered & asked_again.keys()
    assert status(out).state == "complete"
