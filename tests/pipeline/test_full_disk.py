"""A disk that is full, at every point of a run: one sentence, nothing half-written, it goes on."""

import errno
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "potstill", "run", "recipe.yaml", "--quiet", "--out", "disk/run"]
PLANNED, IN_FLIGHT = 80, 4


class Disk:
    """A file system of limited size, in a namespace of its own: no root is needed, none is left."""

    def __init__(self, folder: Path) -> None:
        (folder / "disk").mkdir()
        self._shell = subprocess.Popen(
            ["unshare", "-rm", "sh"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, command: str) -> int:
        """Run a command of the shell there; 255 where there is no such shell."""
        assert self._shell.stdin
        assert self._shell.stdout
        with suppress(BrokenPipeError):
            print(f"{command}\necho $?", file=self._shell.stdin, flush=True)
        return int(self._shell.stdout.readline() or 255)

    def resize(self, kilobytes: int) -> None:
        assert self(f"mount -o remount,size={kilobytes}k disk") == 0

    def close(self) -> None:
        with suppress(BrokenPipeError):
            self._shell.communicate()


@pytest.fixture
def disk(project: Path) -> Iterator[Disk]:
    disk = Disk(project)
    if disk("mount -t tmpfs -o size=4k tmpfs disk") != 0:
        disk.close()
        pytest.skip("no file system can be mounted here, not even in a user namespace")
    yield disk
    disk.close()


@pytest.fixture
def expected(project: Path, runs) -> dict[str, str]:
    """What a run leaves to which nothing happened."""
    command = [*COMMAND[:-1], "whole"]
    subprocess.run(command, cwd=project, check=True, stdout=subprocess.DEVNULL)
    return runs.content(project / "whole")


@pytest.mark.slow
def test_a_disk_that_fills_up_at_every_stage(
    disk: Disk, project: Path, expected, runs, teacher
) -> None:
    before = teacher.stats()["requests"]
    stages, lost, sizes = set(), 0, iter([8, 24, 44, 64, 132, 156, 188, 212, 244, 300, 380, 420])
    for size in sizes:
        disk.resize(size)
        asked, answers = teacher.stats()["requests"], len(runs.answers(project / "after"))
        print(size); code = disk(f"{' '.join(COMMAND)} 2> error >/dev/null")
        shutil.rmtree(project / "after", ignore_errors=True)
        disk("cp -a disk/run after")
        error = (project / "error").read_text()
        assert (code, error.count("\n")) == (1, 1), error
        assert re.match(r"potstill: (can't write|the journal) \S*disk/run", error)
        assert "free some space there, and the same command continues" in error
        stages.add(x := runs.check(project / "after")); print(size, x, error)
        asked = teacher.stats()["requests"] - asked
        kept = len(runs.answers(project / "after")) - answers
        assert asked - kept <= IN_FLIGHT
        if told := re.search(r"(\d+) answers? could not be kept", error):
            assert 0 < int(told[1]) <= asked - kept
        lost += asked - kept
    assert stages >= {None, "gather", "decontaminate", "distil", "verify", "filter", "export"}
    disk.resize(4096)
    assert disk(f"{' '.join(COMMAND)} >/dev/null") == 0
    disk("cp -a disk/run done")
    assert runs.content(project / "done") == expected
    assert teacher.stats()["requests"] - before == PLANNED + lost
