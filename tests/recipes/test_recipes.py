"""Every recipe that ships, or that `init` writes, is valid and says what each line is for."""

from pathlib import Path

import pytest

from potstill import load_recipe
from potstill.recipe.starter import CHECKS, Answers, Check, File, Teacher, starter

ROOT = Path(__file__).parent.parent.parent
RECIPES = sorted((ROOT / "recipes").glob("*.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_a_shipped_recipe_loads_from_anywhere(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = load_recipe(path)
    assert recipe.name == path.stem
    assert all(Path(source.path).exists() for source in recipe.sources)


def test_there_are_recipes() -> None:
    assert {path.name for path in RECIPES} >= {"quickstart.yaml", "gsm8k.yaml"}


def uncommented(text: str) -> list[str]:
    """Return the lines without a comment, except those of a text over several lines."""
    found: list[str] = []
    block = None
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if block is not None and indent > block:
            continue
        block = indent if "|-" in line else None
        if line.strip() and "# " not in line:
            found.append(line)
    return found


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_each_line_of_a_shipped_recipe_has_a_comment(path: Path) -> None:
    assert uncommented(path.read_text(encoding="utf-8")) == []


REMOTE = Teacher("http://127.0.0.1:8000/v1", "org/model: large", "KEY", "prompted")


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("teacher", [Teacher("smollm2-135m"), REMOTE], ids=["local", "remote"])
def test_what_init_writes_is_a_commented_recipe(
    check: Check, teacher: Teacher, tmp_path: Path
) -> None:
    odd = 'null # 问题: \\ "x".jsonl'
    columns = {"problem": "- a\tb", "reference_answer": "reference_answer", "category": "on"}
    (tmp_path / odd).touch()
    answers = Answers("x", File(odd, "jsonl", columns), File(odd, "jsonl", columns), teacher, check)
    text = starter(answers)
    assert uncommented(text) == []
    assert max(map(len, text.splitlines())) <= 100
    (tmp_path / "recipe.yaml").write_text(text, encoding="utf-8")
    recipe = load_recipe(tmp_path / "recipe.yaml")
    assert Path(recipe.sources[0].path) == tmp_path / odd
    assert recipe.sources[0].map == {"problem": "- a\tb", "category": "on"}
    assert recipe.decontaminate[0].against[0].map == {"problem": "- a\tb"}
    assert [rule.use for rule in recipe.verify] == ([] if check == "nothing" else [check])
    assert recipe.distil is not None
    (asked,) = recipe.distil.teachers
    if teacher.remote:
        assert (asked.model, asked.key_env) == (teacher.model, teacher.key_env)
    assert asked.base_url or asked.local == teacher.address
    assert recipe.distil.reasoning == teacher.reasoning
