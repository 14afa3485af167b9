"""A judge among the verifiers of a recipe."""

from pathlib import Path

import pytest

from potstill.errors import RecipeError
from potstill.recipe import JudgeSpec, Recipe, VerifySpec, dump, load_recipe, read_dumped

JUDGE = "verify:\n  - {use: math}\n  - {use: judge, %steachers: [%s]}\n"
TEACHER = '{model: m, base_url: "http://127.0.0.1:8000/v1"}'
HEAD = """\
name: judged
sources: [{path: problems.jsonl, map: {problem: q, reference_answer: a, response: r}}]
decontaminate: off
"""


def load(folder: Path, more: str = "", teachers: str = TEACHER, end: str = "") -> Recipe:
    path = folder / "judged.yaml"
    path.write_text(HEAD + JUDGE % (more, teachers) + end)
    return load_recipe(path)


def test_a_judge_stands_among_verifiers_and_is_written_out_whole(folder: Path) -> None:
    recipe = load(folder, "votes: 3, style: xverify, where: \"category = 'math'\", ")
    verifier, judge = recipe.verify
    assert isinstance(verifier, VerifySpec)
    assert isinstance(judge, JudgeSpec)
    assert (judge.name, judge.judges, judge.votes) == ("judge", "undecided", 3)
    [asked] = recipe.judges
    assert (asked.samples, asked.reasoning) == (3, "off")
    assert asked.teachers == judge.teachers
    dumped = folder / "dumped.yaml"
    dumped.write_text(dump(recipe))
    assert read_dumped(dumped) == recipe


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("voets: 3, ", "verify.1 has no key 'voets' (did you mean 'votes'?): use, name, where, "),
        ("votes: 0, ", "verify.1.votes must be at least 1, not 0"),
        ("judges: all, ", "verify.1.judges must be 'undecided' or 'not_passed', not 'all'"),
        ("style: gpt, ", "verify.1.style must be 'general', 'xverify' or 'compassverifier', not"),
        ("reasoning: both, ", "verify.1.reasoning must be 'on' or 'off', not 'both'"),
        ("name: math, ", "verify.1.name is 'math', which another rule is called: give it another"),
        ("name: 'my judge', ", "verify.1.name must be text that matches"),
        ("prompt: 'is {answer} right?', ", "verify.1.prompt does not contain {reference}"),
        ("where: 'colour = 1', ", "unknown column 'colour'"),
    ],
)
def test_a_mistake_in_a_judge_is_told(folder: Path, more: str, says: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load(folder, more)
    [mistake] = caught.value.mistakes
    assert says in mistake.text
    assert mistake.place.endswith("judged.yaml:6")


def test_two_judges_need_two_names(folder: Path) -> None:
    path = folder / "judged.yaml"
    second = f"  - {{use: judge, teachers: [{TEACHER}]}}\n"
    path.write_text(HEAD + JUDGE % ("", TEACHER) + second)
    with pytest.raises(RecipeError, match=r"verify\.2\.name is 'judge', which another rule"):
        load_recipe(path)
    named = second.replace("judge,", "judge, name: b,")
    path.write_text(HEAD + JUDGE % ("", TEACHER) + named)
    assert [spec.use for spec in load_recipe(path).verify] == ["math", "judge", "judge"]


def test_a_judge_without_models_and_with_broken_ones(folder: Path) -> None:
    with pytest.raises(RecipeError, match=r"verify\.1\.teachers is empty"):
        load(folder, teachers="")
    with pytest.raises(RecipeError, match=r"verify\.1\.teachers\.0\.base_url must be an address"):
        load(folder, teachers="{model: m, base_url: nowhere}")
    with pytest.raises(RecipeError, match=r"verify\.1\.teachers\.1\.model|teachers\.1"):
        load(folder, teachers=f"{TEACHER}, {TEACHER}")


def test_a_local_judge_is_looked_for_like_a_teacher(folder: Path) -> None:
    [asked] = load(folder, teachers="{local: tiny.gguf}").judges
    assert asked.teachers[0].local == str(folder / "tiny.gguf")
    with pytest.raises(RecipeError, match="there is no file or folder .*gone.gguf"):
        load(folder, teachers="{local: gone.gguf}")


def test_a_budget_in_money_wants_every_price(folder: Path) -> None:
    with pytest.raises(RecipeError, match="needs `prices: .* of m"):
        load(folder, end="budget: {usd: 1}\n")
    priced = TEACHER.replace("}", ", prices: {input: 1, output: 2}}")
    assert load(folder, teachers=priced, end="budget: {usd: 1}\n").prices["m"].output == 2
