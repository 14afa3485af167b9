"""What the documents say is what the code does."""

import inspect
import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from potstill import registry
from potstill.cli import COMMANDS
from potstill.protocols import FIELDS
from potstill.recipe.columns import COLUMNS
from potstill.records import Ending

ROOT = Path(__file__).parent.parent
RECIPE_PAGE = (ROOT / "docs" / "recipe.md").read_text(encoding="utf-8")


def shell_lines(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.S)
    return [line for block in blocks for line in block.splitlines() if "venv" in line]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_both_readmes_have_the_two_lines(name: str) -> None:
    install = [line for line in shell_lines(name) if "pip" in line]
    assert len(install) == 2
    assert install == [line for line in shell_lines("README.md") if "pip" in line]
    assert install[0].endswith("potstill run recipes/quickstart.yaml")


def test_ci_runs_the_second_line_word_for_word() -> None:
    second = shell_lines("README.md")[-1]
    assert second in (ROOT / ".ci" / "run").read_text().splitlines()


def test_the_readmes_name_every_command() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for command in COMMANDS.keys() - {"dedup"}:
            assert f"`potstill {command}" in text, (name, command)


@pytest.mark.parametrize("kind", list(registry.PLUGINS))
def test_the_recipe_page_names_every_plugin_and_option(kind: str) -> None:
    for name in registry.PLUGINS[kind]:
        assert f"`{name}`" in RECIPE_PAGE
        plugin = registry.load(kind, name)
        for option, parameter in inspect.signature(plugin).parameters.items():
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                assert f"`{option}`" in RECIPE_PAGE, (name, option)


def test_the_recipe_page_names_every_column_field_and_ending() -> None:
    for name in (*COLUMNS, *FIELDS, *get_args(Ending)):
        assert f"`{name}`" in RECIPE_PAGE, name


def test_every_dependency_has_its_reason() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lists = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    for requirement in (each for one in lists for each in one):
        name = re.split(r"[\[<>=]", requirement)[0]
        assert re.search(rf"^\|[^\n]*\b{re.escape(name)}[ ,]", page, re.M), name


def test_no_lock_names_an_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / name).read_text()
