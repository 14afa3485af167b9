"""Preferred sources that are none, or that count for nothing."""

from pathlib import Path

import pytest

from potstill.errors import RecipeError
from potstill.recipe import load_recipe

RECIPE = """
name: r
sources:
  - {path: one.jsonl}
  - {path: two.jsonl}
dedup:
"""


@pytest.fixture(scope="module", autouse=True)
def fakes() -> None:
    """None here: the options are those of the real plug-ins."""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        (tmp_path / f"{name}.jsonl").write_text("{}")
    return tmp_path / "r.yaml"


@pytest.mark.parametrize("use", ["exact", "minhash", "semantic"])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            "keep: [priority], priority: [tow]",
            "r.yaml:7: dedup.0.priority names 'tow', which is no source (did you mean 'two'?): "
            "one, two",
        ),
        (
            "priority: [two]",
            "r.yaml:7: dedup.0.priority counts for nothing unless `keep` has it: "
            "[priority, reference, first]",
        ),
        (
            "keep: [longest, priority]",
            "r.yaml:7: dedup.0.keep has priority: name the sources in `priority`, too",
        ),
    ],
)
def test_a_preference_that_changes_nothing_is_a_mistake(recipe, use, options, said):
    recipe.write_text(f"{RECIPE}  - {{use: {use}, {options}}}\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe)
    assert str(caught.value) == f"{recipe.parent}/{said}"


def test_sources_are_preferred_by_name(recipe):
    recipe.write_text(f"{RECIPE}  - {{use: exact, keep: [priority], priority: [two, one]}}\n")
    assert load_recipe(recipe).dedup[0].options["priority"] == ["two", "one"]
