"""The JSON Schema takes the recipes that load, and refuses mistakes that an editor can see."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from potstill import registry
from potstill.recipe.places import KINDS
from potstill.recipe.schema import recipe_schema

ROOT = Path(__file__).parent.parent.parent
RECIPES = sorted((ROOT / "recipes").glob("*.yaml"))
VALIDATOR = Draft202012Validator(recipe_schema())

Change = Callable[[Any], Any]

GOOD = """
name: example
sources:
  - {path: problems.jsonl, map: {problem: question}, set: {category: math}}
  - {use: parquet, path: data, schema: qa}
dedup: [{use: exact}, {use: minhash, threshold: 0.7, where: "category = 'math'"}]
decontaminate: [{use: ngram, n: 10, against: [{path: test.jsonl}]}]
distil:
  prompt: [{where: "language = 'zh'", template: "{problem}"}]
  reasoning: off
  teachers:
    - {model: a, base_url: "http://127.0.0.1:8000/v1", sampling: {max_tokens: 10, stop: [x]}}
    - {local: smollm2-135m}
verify: [{use: mine.py:check, strict: true}, {use: math}]
filter: [{use: length, max_tokens: 100}, {use: from-a-package, anything: [1]}]
export: [{use: messages, when: "outcome = 'pass'"}]
engine: {workers: null}
"""


def read(text: str) -> Any:
    yaml = YAML(typ="safe", pure=True)
    return yaml.load(text)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_a_shipped_recipe_is_valid(path: Path) -> None:
    VALIDATOR.validate(read(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_a_shipped_recipe_names_the_schema_in_its_first_line(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    head, _, schema = first.partition("$schema=")
    assert head == "# yaml-language-server: "
    assert (path.parent / schema).samefile(ROOT / "docs" / "recipe.schema.json")


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(recipe_schema())


def test_what_is_right_is_valid() -> None:
    VALIDATOR.validate(read(GOOD))


MISTAKES: dict[str, Change] = {
    "no name": lambda r: r.pop("name"),
    "no source": lambda r: r.update(sources=[]),
    "an unknown section": lambda r: r.update(filters=[]),
    "an unknown key of a teacher": lambda r: r["distil"]["teachers"][0].update(url="x"),
    "an unknown key of sampling": lambda r: r["distil"]["teachers"][0]["sampling"].update(top=1),
    "text for a number": lambda r: r["distil"].update(samples="four"),
    "no sample": lambda r: r["distil"].update(samples=0),
    "no teacher": lambda r: r["distil"].update(teachers=[]),
    "a reasoning that isn't": lambda r: r["distil"].update(reasoning="maybe"),
    "a template without text": lambda r: r["distil"].update(prompt=[{"where": "line = 1"}]),
    "an option of another plug-in": lambda r: r["dedup"][0].update(threshold=0.8),
    "an option that is too large": lambda r: r["dedup"][1].update(threshold=8),
    "an option that is a text": lambda r: r["dedup"][1].update(threshold="0.8"),
    "an unknown option": lambda r: r["filter"][0].update(longest=3),
    "an unknown choice": lambda r: r.update(filter=[{"use": "format", "think": "never"}]),
    "a condition that is a list": lambda r: r["export"][0].update(when=["outcome"]),
    "an item without use": lambda r: r["dedup"].append({"threshold": 0.8}),
    "a section that is a mapping": lambda r: r.update(dedup={"use": "exact"}),
    "a benchmark without a path": lambda r: r["decontaminate"][0].update(against=[{}]),
    "no benchmark": lambda r: r["decontaminate"][0].update(against=[]),
    "a field that isn't": lambda r: r["sources"][0].update(map={"question": "problem"}),
    "an unknown key of a source": lambda r: r["sources"][0].update(file="x.jsonl"),
    "an unknown key of a source with use": lambda r: r["sources"][1].update(file="x.jsonl"),
    "a number of workers that isn't": lambda r: r.update(engine={"workers": 0}),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_not_valid(mistake: Change) -> None:
    recipe = copy.deepcopy(read(GOOD))
    mistake(recipe)
    assert list(VALIDATOR.iter_errors(recipe))


@pytest.mark.parametrize("section", KINDS)
def test_every_plugin_is_offered_with_all_its_options(section: str) -> None:
    schema = recipe_schema()
    names = re.findall(r"#/\$defs/(\w+)", json.dumps(schema["properties"][section]))
    item = schema["$defs"][next(name for name in names if name != "JudgeSpec")]
    offered = {each.get("const"): each for each in item["properties"]["use"]["anyOf"]}
    for plugin in registry.PLUGINS[KINDS[section]]:
        assert offered[plugin]["description"]
        named = {"use": {"const": plugin}}
        (then,) = [r["then"] for r in item["allOf"] if r["if"].get("properties") == named]
        options = registry.options(registry.load(KINDS[section], plugin)).model_fields
        assert then["properties"].keys() >= options.keys()
        assert all("description" in then["properties"][option] for option in options)


def test_every_condition_is_text() -> None:
    properties = recipe_schema()["$defs"]["ExportSpec"]["properties"]
    assert {"type": "string", "format": "condition"} in properties["when"]["anyOf"]


def test_the_texts_have_no_line_breaks_of_the_code() -> None:
    texts: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> None:
        texts.extend(value for key, value in pairs if key == "description")

    json.loads(json.dumps(recipe_schema()), object_pairs_hook=collect)
    assert len(texts) > 50
    assert not [
        text for text in texts if isinstance(text, str) and "\n" in text.replace("\n\n", "")
    ]
