"""Whatever stands in a recipe: it is read, or its mistakes are told."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potstill.errors import Mistake, RecipeError
from potstill.recipe import load_recipe

settings.register_profile(
    "recipes", deadline=None, max_examples=3000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
recipes = settings(settings.get_profile("recipes"))

WORDS = (
    ["name", "sources", "distil", "teachers", "use", "path", "where", "jsonl", "problems.jsonl"]
    + [": ", ":", "- ", "-", "\n", "\n  ", "\t", "#", "{", "}", "[", "]", ",", '"', "'", "\\"]
    + ["&a ", "*a", "!x ", "!!int ", "!!set", "<<: ", "? ", "| ", "> ", "---", "...", "%YAML 1.1\n"]
    + ["null", "true", "0x", "1e9", ".nan", "2020-01-01", "0", "-1", "=", "\x00", "\x85", "é"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(WORDS), inner),
    max_leaves=5,
)


def mistakes(path: Path, sets: Sequence[str] = ()) -> Sequence[Mistake]:
    try:
        load_recipe(path, sets=sets)
    except RecipeError as error:
        return error.mistakes
    return ()


def try_to_load(folder: Path, text: str, sets: Sequence[str] = ()) -> None:
    path = folder / "recipe.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    for mistake in mistakes(path, sets):
        assert str(mistake).isprintable()
        assert "pydantic" not in mistake.text
        assert "Input should" not in mistake.text


@recipes
@given(text=st.text() | st.lists(st.sampled_from(WORDS)).map("".join))
def test_any_text(folder: Path, text: str):
    try_to_load(folder, text)


@recipes
@given(data=st.binary())
def test_any_bytes(folder: Path, data: bytes):
    (folder / "recipe.yaml").write_bytes(data)
    with suppress(RecipeError):
        load_recipe(folder / "recipe.yaml")


@recipes
@given(data=st.data())
def test_a_damaged_recipe(folder: Path, good: str, data: st.DataObject):
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(good)))
        end = start + data.draw(st.integers(0, 12))
        new = data.draw(st.sampled_from(["", *WORDS]) | st.text(max_size=3))
        good = good[:start] + new + good[end:]
    try_to_load(folder, good)


KEYS = ["name", "sources", "dedup", "decontaminate", "distil", "verify", "filter", "export"]
KEYS += ["engine", "0", "1", "use", "path", "map", "set", "against", "where", "when", "threshold"]
KEYS += ["samples", "system", "prompt", "template", "reasoning", "teachers", "model", "base_url"]
KEYS += ["local", "key_env", "sampling", "stop", "extra_body", "stall_s", "workers", "", "x", "é"]
assignments = st.builds(
    "{}={}".format, st.lists(st.sampled_from(KEYS), max_size=5).map(".".join), values
)


@recipes
@given(sets=st.lists(assignments | st.text(), max_size=3))
def test_any_change(folder: Path, good: str, sets: list[str]):
    try_to_load(folder, good, sets)
