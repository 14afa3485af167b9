"""What a shell is told to complete."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from potstill.cli import COMMANDS, cli

Run = Callable[..., tuple[int, str, str]]


def completed(*words: str) -> list[str]:
    """Return what is offered for the last word of a command."""
    shell = ShellComplete(cli, {}, "potstill", "_POTSTILL_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


def test_commands_are_offered() -> None:
    assert completed("") == list(COMMANDS)
    assert completed("ex") == ["explain"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["explain", "min"], ["minhash"]),
        (["explain", "verifiers/"], ["verifiers/math", "verifiers/choice"]),
        (["explain", "distil.teachers.s"], ["distil.teachers.sampling"]),
        (["list", "ver"], ["verifiers"]),
        (["dedup", "a.jsonl", "b.jsonl", "--use", ""], ["exact", "minhash", "semantic"]),
        (["verify", "--use", "m"], ["math"]),
        (["init", "--verify", ""], ["math", "choice", "nothing"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_names_are_offered(words: list[str], offered: list[str]) -> None:
    assert completed(*words) == offered


@pytest.mark.parametrize("command", ["status", "why", "show", "diff"])
def test_runs_are_offered_by_name(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("school-math", "quickstart", "journal"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    for name in ("school-math", "quickstart"):
        (tmp_path / "runs" / name / "recipe.yaml").touch()
    assert completed(command, "") == ["quickstart", "school-math"]
    assert completed(command, "sch") == ["school-math"]
    assert completed(command, "other/") == ["other/"]  # a folder, which the shell completes


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_says_how_to_install_it(potstill: Run, shell: str) -> None:
    code, out, _ = potstill("completion", shell)
    assert code == 0
    assert out.splitlines()[0].startswith("# To install: ")
    assert "_POTSTILL_COMPLETE" in out


BIN = Path(sys.executable).parent
"""Where `potstill` is installed, whatever the path says."""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes(potstill: Run, tmp_path: Path) -> None:
    _, script, _ = potstill("completion", "bash")
    wanted = "COMP_WORDS=(potstill explain minh); COMP_CWORD=2; _potstill_completion potstill"
    found = subprocess.run(
        ["bash", "-c", f'{script}\n{wanted}\necho "${{COMPREPLY[@]}}"'],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "80", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
    )
    assert found.stdout.split() == ["minhash"], found.stderr
