"""The pages that come from the code are what the code says now."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from potstill.cli import COMMANDS

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """The script `docs/generate.py`."""
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["cli.md", "recipe.schema.json"])
def test_a_generated_page_is_up_to_date(generate: ModuleType, name: str) -> None:
    there = (DOCS / name).read_text(encoding="utf-8")
    assert there == generate.pages()[name], "run: python docs/generate.py"


def test_the_terminal_does_not_matter(
    generate: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = generate.pages()
    monkeypatch.setenv("COLUMNS", "40")
    assert generate.pages() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(generate: ModuleType, command: str) -> None:
    page: str = generate.pages()["cli.md"]
    _, _, own = page.partition(f"\n## potstill {command}\n")
    own = own.partition("\n## ")[0]
    examples = own.partition("\n  Example")[2]
    assert f"potstill {command}" in examples
