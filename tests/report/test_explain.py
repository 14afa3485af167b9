"""What `explain` says is what the code does."""

import inspect
import re
from pathlib import Path

import pytest

from potstill import registry
from potstill.errors import InputError
from potstill.recipe import COLUMNS, Recipe, load_recipe
from potstill.report.explain import explain, topics, type_text

PLUGINS = [(kind, name) for kind in registry.PLUGINS for name in registry.PLUGINS[kind]]

FRAME = {
    "name": "name: example",
    "sources": "sources:\n- {path: problems.jsonl}",
    "distil": "distil:\n  teachers:\n  - {local: smollm2-135m}",
    "export": "export:\n- {use: messages}",
}


def load_example(folder: Path, example: str) -> Recipe:
    """Load a recipe that is made of an example and what every recipe needs."""
    given = {line.partition(":")[0] for line in example.splitlines() if line[:1].isalpha()}
    parts = [text for section, text in FRAME.items() if section not in given]
    for path in ["problems.jsonl", *re.findall(r"path: ([^,}\s]+)", example)]:
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).touch()
    if given == {"distil"} and "teachers:" not in example:
        example += "\n  teachers: [{local: smollm2-135m}]"
    recipe = folder / "recipe.yaml"
    recipe.write_text("\n".join([*parts, example, ""]))
    return load_recipe(recipe)


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_every_option_has_its_meaning(kind: str, name: str) -> None:
    page = explain(f"{kind}/{name}")
    parameters = inspect.signature(registry.load(kind, name)).parameters.values()
    options = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
    assert [entry.name for entry in page.entries] == options
    for entry in page.entries:
        assert entry.doc.endswith("."), f"{entry.name} has no doc in the docstring's Args"
        assert entry.type != "anything"
    assert page.summary.endswith(".")


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_every_plugin_has_an_example_that_loads(kind: str, name: str, tmp_path: Path) -> None:
    page = explain(f"{kind}/{name}")
    assert f": {name}" in page.example, "the docstring has no Example"
    recipe = load_example(tmp_path, page.example)
    assert name in str(recipe.model_dump(include={page.section}))


@pytest.mark.parametrize("topic", topics())
def test_an_example_is_a_part_of_a_recipe(topic: str, tmp_path: Path) -> None:
    if example := explain(topic).example:
        load_example(tmp_path, example)


@pytest.mark.parametrize("topic", [each for each in topics() if "/" not in each])
def test_every_key_of_a_section_has_its_meaning(topic: str) -> None:
    page = explain(topic)
    assert page.summary
    assert page.entries
    for entry in page.entries:
        assert entry.doc.endswith("."), entry.name


def test_every_part_of_a_recipe_is_a_topic() -> None:
    assert set(Recipe.model_fields) - {"name"} <= set(topics())
    assert "distil.teachers.sampling" in topics()
    assert {entry.topic for entry in explain("distil.teachers").entries} <= {*topics(), ""}


def test_every_kind_leads_to_the_section_that_names_it() -> None:
    for kind in registry.PLUGINS:
        page = explain(kind)
        named = [topic for topic, _ in page.plugins]
        assert {f"{kind}/{name}" for name in registry.PLUGINS[kind]} <= set(named)


def test_the_columns_are_all_there() -> None:
    assert [entry.name for entry in explain("columns").entries] == list(COLUMNS)


@pytest.mark.parametrize(
    ("topic", "full"),
    [
        ("minhash", "dedup/minhash"),
        ("verifiers/math", "verifiers/math"),
        ("verify", "verify"),
        ("verifiers", "verify"),
        ("teachers", "distil.teachers"),
        ("teacher", "distil.teachers"),
        ("column", "columns"),
        ("where", "columns"),
        ("when", "columns"),
        ("conditions", "columns"),
        ("dedup", "dedup"),
    ],
)
def test_a_name_that_is_unique_is_enough(topic: str, full: str) -> None:
    assert explain(topic).topic == full


def test_a_name_of_several_names_them() -> None:
    with pytest.raises(InputError, match="'am-1.4m' may mean schemas/am-1.4m or formats/am-1.4m"):
        explain("am-1.4m")


@pytest.mark.parametrize("topic", ["maths", "verifiers/mth", ""])
def test_an_unknown_name_is_one_sentence(topic: str) -> None:
    with pytest.raises(InputError, match=r"nothing here is called .*potstill explain") as raised:
        explain(topic)
    assert ("did you mean" in str(raised.value)) == bool(topic)


def test_types_are_in_words() -> None:
    entries = {entry.name: entry for entry in explain("minhash").entries}
    assert entries["threshold"].type == "number > 0 and <= 1"
    assert entries["threshold"].default == 0.8
    assert entries["same_numbers"].type == "true or false"
    entries = {entry.name: entry for entry in explain("distil").entries}
    assert entries["reasoning"].type == "on, off, both, prompted, true or false"
    assert entries["teachers"].type == "list of mappings"
    assert entries["teachers"].required
    assert {entry.name: entry.type for entry in explain("dedup").entries}["where"] == "condition"


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({}, "mapping"),
        ({"type": "array", "items": {"type": "string"}}, "list of text"),
        ({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}, "whole number >= 1"),
        ({"enum": ["a", "b"]}, "a or b"),
        ({"const": 3}, "3"),
    ],
)
def test_a_type_of_each_form(schema: dict, text: str) -> None:
    assert type_text(schema) == text
