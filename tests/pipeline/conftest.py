"""A scripted teacher in a process of its own, and a recipe that takes the whole line to it."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

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
    command += ["--accuracy", "0.7", "--answers", str(answers)]
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
