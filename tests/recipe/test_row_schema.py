"""The key `schema` of a source: by name, or a function in a file."""

from pathlib import Path

import pytest

from potstill.errors import RecipeError
from potstill.recipe import dump, load_recipe, read_dumped

SMALL = """\
name: small
sources: [{path: problems.jsonl, schema: alpaca}]
export: [{use: messages}]
"""
MINE = "def mine(row, /):\n    return {'messages': [], 'response': None}\n"


def load(folder: Path, text: str, **options: object):
    (folder / "recipe.yaml").write_text(text, encoding="utf-8")
    return load_recipe(folder / "recipe.yaml", **options)


def mistake(folder: Path, text: str, **options: object) -> str:
    with pytest.raises(RecipeError) as caught:
        load(folder, text, **options)
    (found,) = caught.value.mistakes
    return str(found)


def test_a_source_has_a_schema_by_name(folder: Path) -> None:
    recipe = load(folder, SMALL)
    assert recipe.sources[0].schema_ == "alpaca"
    assert recipe.sources[0].options == {}
    assert load(folder, SMALL.replace(", schema: alpaca", ", map: {response: r}"))


def test_the_dumped_recipe_has_the_key_as_it_was_written(folder: Path, tmp_path: Path) -> None:
    recipe = load(folder, SMALL)
    (tmp_path / "dumped.yaml").write_text(dump(recipe))
    assert "schema: alpaca" in dump(recipe)
    assert read_dumped(tmp_path / "dumped.yaml") == recipe


def test_an_unknown_schema_is_told_the_legal_ones(folder: Path) -> None:
    text = mistake(folder, SMALL.replace("alpaca", "alpacca"))
    assert text.endswith(
        "recipe.yaml:2: schemas has no 'alpacca' (did you mean 'alpaca'?): messages, sharegpt, "
        "alpaca, qa, am-1.4m, am-0528, nemotron-v1, chinese-110k, huatuo-o1, gsm8k, math, mcq, "
        "humaneval, mbpp, apps, code-contests, codeforces, deepcoder"
    )


def test_a_benchmark_has_one_too(folder: Path) -> None:
    rule = "decontaminate: [{use: ngram, against: [{path: benchmark.jsonl, schema: q}]}]\n"
    assert "recipe.yaml:4: schemas has no 'q'" in mistake(folder, SMALL + rule)
    recipe = load(folder, SMALL + rule.replace("schema: q", "schema: qa"))
    assert recipe.decontaminate[0].against[0].schema_ == "qa"


def test_a_key_that_is_nearly_it_is_told_its_name(folder: Path) -> None:
    text = mistake(folder, SMALL.replace("schema: alpaca", "schema: alpaca, shema: qa"))
    assert "'schema'" in text
    assert "schema_" not in text


def test_a_schema_that_is_no_text_is_refused(folder: Path) -> None:
    assert "sources.0.schema" in mistake(folder, SMALL.replace("alpaca", "[alpaca]"))


def test_a_schema_in_a_file_is_found_from_the_recipe_and_needs_leave(folder: Path) -> None:
    (folder / "mine.py").write_text(MINE)
    text = SMALL.replace("alpaca", "mine.py:mine")
    assert "allow it with --allow-code" in mistake(folder, text)
    recipe = load(folder, text, allow_code=True)
    assert recipe.sources[0].schema_ == f"{folder / 'mine.py'}:mine"


def test_without_responses_a_recipe_needs_a_teacher(folder: Path) -> None:
    text = mistake(folder, SMALL.replace(", schema: alpaca", ""))
    assert "schema: NAME or map: {response: COLUMN}" in text
