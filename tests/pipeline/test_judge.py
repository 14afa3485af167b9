"""A judge in a recipe: its calls are journaled, its word drops or clears suspects."""

import json
from pathlib import Path

import pytest

from potstill.errors import InputError
from potstill.pipeline.forecast import plan
from potstill.pipeline.runs import run
from potstill.records import Contamination, Dropped, Problem
from potstill.stages.decontaminate import Suspect
from potstill.stages.judge import _pair
from potstill.storage.manifest import read_manifest
from potstill.storage.parts import read_parts

RECIPE = """
name: judged
sources: [{{path: {folder}/data.jsonl, use: jsonl}}]
decontaminate:
  - use: {folder}/half.py:half
    against: [{{path: {folder}/bench.jsonl, use: jsonl}}]
    judge:
      reasoning: "off"
      teachers: [{{model: m, base_url: "{url}", sampling: {{max_tokens: 20}}{key}}}]
"""

HALF = '''
from potstill.protocols import Contamination

def half(items, /):
    """Suspect each problem that begins with an item's first word."""
    words = {item.text.split()[0]: item.row_id for item in items}
    def look(problems):
        found = [words.get(problem.text.split()[0]) for problem in problems]
        return [Contamination(f, 0.5, "word", "suspect") if f else None for f in found]
    return look
'''


@pytest.fixture
def recipe(tmp_path: Path):
    def recipe(url: str, key: str = "") -> Path:
        items = ["alpha one", "beta two"]
        rows = ["alpha again", "beta again", "gamma", "alpha third"]
        for name, texts in (("bench", items), ("data", rows)):
            lines = [json.dumps({"problem": text}) for text in texts]
            (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
        (tmp_path / "half.py").write_text(HALF)
        path = tmp_path / "recipe.yaml"
        path.write_text(RECIPE.format(folder=tmp_path, url=url, key=key))
        return path

    return recipe


@pytest.fixture
def judge(serve):
    """Serve a model that says yes of whatever is about alpha."""

    def asked(problem: str, item: str) -> str:
        match = Contamination(
            item="bench:b:1", benchmark="b", method="m", score=0.5, span="", verdict="suspect"
        )
        return _pair(Suspect(0, problem, match), item).text

    return serve(
        answers={
            asked("alpha again", "alpha one"): "yes",
            asked("alpha third", "alpha one"): "yes",
            asked("beta again", "beta two"): "no",
        },
        style="none",
    )


def test_a_judge_drops_and_clears_and_is_not_asked_again(recipe, judge, tmp_path: Path) -> None:
    path = recipe(judge.base_url)
    done = run(path, out=tmp_path / "run", allow_code=True)
    folder = tmp_path / "run" / "03-decontaminate"
    manifest = read_manifest(folder)
    dropped = list(read_parts(folder, manifest.dropped, Dropped))
    assert [(d.row_id, d.rule, d.reason) for d in dropped] == [
        ("data:data.jsonl:1", "judge", "contaminated"),
        ("data:data.jsonl:4", "judge", "contaminated"),
    ]
    kept = {row.text: row.contamination for row in read_parts(folder, manifest.parts, Problem)}
    assert (kept["beta again"].method, kept["beta again"].verdict) == ("judge", "clean")
    assert kept["gamma"] is None
    assert manifest.totals["judged_contaminated"] == 2
    asked = judge.requests
    assert asked == 3
    again = run(path, out=tmp_path / "run", allow_code=True, again="decontaminate")
    assert judge.requests == asked
    assert again.status().stages == done.status().stages


def test_a_plan_asks_no_judge(recipe, judge, tmp_path: Path) -> None:
    plan(recipe(judge.base_url), out=tmp_path / "run", allow_code=True)
    assert judge.requests == 0


def test_a_judges_key_is_looked_for_before_the_first_stage(recipe, judge, tmp_path: Path) -> None:
    path = recipe(judge.base_url, ", key_env: NO_SUCH_KEY_HERE")
    with pytest.raises(InputError, match="NO_SUCH_KEY_HERE"):
        run(path, out=tmp_path / "run", allow_code=True)
    assert not (tmp_path / "run").exists()
