"""A scripted teacher in a process of its own, and a recipe that takes the whole line to it."""

import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest

from potstill.cli import main
from potstill.records import ANSWERED
from potstill.storage.journal import Journal
from potstill.storage.manifest import read_manifest

NAMES = ["Ana", "Bo", "Cem", "Dora", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jia"]
THINGS = ["apples", "marbles", "stamps", "shells", "cards", "coins", "books", "pencils"]


class Teacher(NamedTuple):
    """The scripted teacher."""

    base_url: str

    def stats(self) -> dict:
        url = self.base_url.removesuffix("/v1") + "/stats"
        with urllib.request.urlopen(url) as reply:
            return json.load(reply)


def problems(count: int = 40) -> list[dict]:
    """Word problems that no stage takes for one another."""
    rows = []
    for i in range(count):
        name, thing = NAMES[i % 10], THINGS[i % 8]
        question = (
            f"{name} has {i + 2} boxes with {3 * i + 1} {thing} in each of them, and gives away "
            f"{i} of the {thing} on day {i + 1}. How many {thing} are left in the end?"
        )
        rows.append({"question": question, "gold": (i + 2) * (3 * i + 1) - i})
    return rows


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teacher]:
    """A server that knows the answers to `problems()` and gives seven of ten right."""
    answers = tmp_path_factory.mktemp("teacher") / "answers.json"
    answers.write_text(json.dumps({row["question"]: str(row["gold"]) for row in problems(200)}))
    command = [sys.executable, "-m", "potstill", "serve-scripted", "--port", "0"]
    command += ["--accuracy", "0.7", "--switchable", "--answers", str(answers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield Teacher(server.stdout.readline().split()[-1])
        server.terminate()


RECIPE = """
name: words
sources:
  - {{use: jsonl, path: problems.jsonl, map: {{problem: question, reference_answer: gold}},
     set: {{category: math}}}}
dedup:
  - {{use: exact}}
  - {{use: minhash, threshold: 0.8}}
decontaminate:
  - {{use: ngram, against: [{{path: benchmark.jsonl, map: {{problem: question}}}}]}}
distil:
  samples: 2
  prompt: "{{problem}}\\nPut the answer in \\\\boxed{{}}."
  teachers:
    - {{model: scripted, base_url: "{base_url}", max_in_flight: 4, sampling: {{temperature: 0.6}}}}
verify:
  - {{use: math, where: "category = 'math'"}}
filter:
  - {{use: format}}
  - {{use: repetition}}
export:
  - {{use: messages, when: "outcome = 'pass'"}}
  - {{use: am-1.4m, when: "outcome = 'pass'"}}
"""


def write_project(folder: Path, base_url: str) -> None:
    """Write a recipe, 44 rows of which four are faulty, and a benchmark."""
    rows = problems()
    lines = [json.dumps(row) for row in rows]
    lines.insert(7, lines[2])  # an exact duplicate
    lines.insert(20, "not json")
    lines.insert(30, json.dumps({"question": ""}))
    lines.append(json.dumps({"question": BENCHMARK, "gold": 9}))
    (folder / "problems.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "benchmark.jsonl").write_text(json.dumps({"question": BENCHMARK}) + "\n")
    (folder / "recipe.yaml").write_text(RECIPE.format(base_url=base_url))


@pytest.fixture(scope="module")
def make_project(teacher: Teacher) -> Callable[[Path], None]:
    """Write a project into a folder."""
    return lambda folder: write_project(folder, teacher.base_url)


@pytest.fixture
def project(tmp_path: Path, teacher: Teacher, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that a run needs, which is the current one."""
    write_project(tmp_path, teacher.base_url)
    monkeypatch.chdir(tmp_path)
    return tmp_path


BENCHMARK = (
    "A gardener plants tulips in nine rows of equal length along the old stone wall behind the "
    "library, and waters each second row twice a day. How many rows does she plant?"
)


@pytest.fixture
def edit(project: Path) -> Callable[[str, str], None]:
    """Replace a text in the recipe."""

    def replace(old: str, new: str) -> None:
        recipe = (project / "recipe.yaml").read_text()
        assert old in recipe
        (project / "recipe.yaml").write_text(recipe.replace(old, new))

    return replace


class Runs:
    """Looks at a run directory from outside, whatever happened in it."""

    def content(self, run: Path) -> dict[str, str]:
        """Hash of every file that is not a log of what happened when."""
        found = {}
        for path in sorted(run.rglob("*")):
            name = os.fspath(path.relative_to(run))
            if path.is_file() and name not in ("events.jsonl", ".lock") and "journal/" not in name:
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def answers(self, run: Path) -> set[str]:
        """Keys of the answers that the run's own journal holds, after a look at all it holds."""
        path = run / "journal" / "calls.sqlite3"
        if not path.exists():
            return set()
        with sqlite3.connect(path) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        raw.close()
        with Journal(path) as journal:
            entries = [journal.get(key) for key in list(journal.keys())]
        return {entry.key for entry in entries if entry and entry.ending in ANSWERED}

    def events(self, run: Path) -> list[dict]:
        """The log, of which every line must be whole."""
        path = run / "events.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def check(self, run: Path) -> str | None:
        """Look whether anything is half-written; return the last stage that is complete."""
        self.answers(run)
        self.events(run)
        assert not (run / "manifest.json").exists()
        assert not list(run.rglob(".*.partial"))
        last = None
        for folder in sorted(run.glob("[0-9]*")):
            for path in folder.rglob("*.parquet"):
                pq.read_table(path)
            for path in folder.rglob("*.jsonl"):
                assert [json.loads(line) for line in path.read_text().splitlines()]
            if manifest := read_manifest(folder):
                last = manifest.stage
                for part in (*manifest.parts, *manifest.dropped):
                    found = hashlib.sha256((folder / part.name).read_bytes())
                    assert found.hexdigest() == part.sha256
        return last


@pytest.fixture(scope="session")
def runs() -> Runs:
    """Looks at run directories."""
    return Runs()


class Whole(NamedTuple):
    """A project, and what a run of it leaves to which nothing happened."""

    project: Path
    run: Path
    content: dict[str, str]

    def again(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the recipe in a process of its own, without progress."""
        command = [sys.executable, "-m", "potstill", "run", "recipe.yaml", "--quiet", *arguments]
        return subprocess.run(
            command, cwd=self.project, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, teacher: Teacher, runs: Runs) -> Whole:
    """A project and an uninterrupted run of it, with a journal of its own."""
    project = tmp_path_factory.mktemp("project")
    write_project(project, teacher.base_url)
    whole = Whole(project, project / "whole", {})
    assert whole.again("--out", "whole").returncode == 0
    return whole._replace(content=runs.content(whole.run))


@pytest.fixture
def type_command(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Type `potstill COMMAND recipe.yaml ...`, with an answer where there is a terminal."""

    def run(command: str, *options: str, typed: str | None = None) -> tuple[int, str, str]:
        stdin = io.StringIO(typed or "")
        monkeypatch.setattr(stdin, "isatty", lambda: typed is not None, raising=False)
        monkeypatch.setattr("sys.stdin", stdin)
        monkeypatch.setattr("sys.argv", ["potstill", command, "recipe.yaml", *options])
        with pytest.raises(SystemExit) as exit:
            main()
        return int(exit.value.code or 0), *capsys.readouterr()

    return run
