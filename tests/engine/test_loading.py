"""Plug-ins that can't be used are told before anything runs."""

from pathlib import Path

import pytest

from potstill.engine.loading import load
from potstill.errors import InputError
from potstill.registry import PLUGINS


@pytest.mark.parametrize("kind", PLUGINS)
def test_plugins_of_ours_can_be_used(kind: str) -> None:
    for name in PLUGINS[kind]:
        assert callable(load(kind, name))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\nimport sympyy\n", "own.py:2: ModuleNotFoundError: No module named 'sympyy'"),
        ("def judge(:\n", "own.py:1: SyntaxError: "),
        ("\n\n1 / 0\n", "own.py:3: ZeroDivisionError: division by zero"),
        ("def f():\n    raise OSError('no\\nway')\nf()\n", "own.py:2: OSError: no way"),
        ("import sys\nsys.exit('bye')\n", "own.py:2: SystemExit: bye"),
        ("def judge(p, r) -> Verdit: ...\n", "own.py:1: NameError: name 'Verdit' is not defined"),
        ("def judge(p, r, *, word): ...\n", "the option 'word' of judge needs a type: word: str"),
        ("def judge(p, r) -> bool: ...\n", "it must return a potstill.Verdict, not bool"),
        ("def judge(p, r, x): ...\n", "called with problem and response, but takes p, r, x; its"),
        ("def judge(p): ...\n", "called with problem and response, but takes p; its"),
        ("def judge(): ...\n", "called with problem and response, but takes nothing; its"),
        ("def other(): ...\n", "own.py has no function 'judge'"),
    ],
)
def test_a_file_of_ones_own_is_told_in_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "own.py").write_text(text)
    with pytest.raises(InputError) as caught:
        load("verifiers", "own.py:judge", allow_code=True, base=tmp_path)
    assert str(caught.value).startswith("'own.py:judge'")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "from potstill import Verdict\ndef judge(p, r, /, *, word: str = '') -> Verdict: ...\n",
        "def judge(p, r): ...\n",
        "def judge(*both): ...\n",
        "def judge(p, r, more=1): ...\n",
    ],
)
def test_what_can_be_called_is_taken(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.py").write_text(text)
    assert callable(load("verifiers", "own.py:judge", allow_code=True, base=tmp_path))


def test_a_format_names_its_record(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def row(sample): ...\n")
    with pytest.raises(InputError, match="must name what it returns, as in `-> Row`"):
        load("formats", "own.py:row", allow_code=True, base=tmp_path)


def test_a_file_that_loads_itself_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(
        "from potstill.engine.loading import load\n"
        f"load('verifiers', {str(path) + ':judge'!r}, allow_code=True)\n"
    )
    with pytest.raises(InputError, match="own.py calls potstill while it is imported: keep"):
        load("verifiers", "own.py:judge", allow_code=True, base=tmp_path)
