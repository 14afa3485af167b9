"""A full or read-only disk, at every point of a run: one sentence, nothing half-written."""

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import potstill
from potstill.errors import EndpointError, StorageError
from potstill.models.client import Client
from potstill.storage.events import LOG, EventLog

PLANNED, IN_FLIGHT = 80, 4
PREPARED = 6  # half as many again: an answer is committed when its place is free already


class Disk:
    """A file system of limited size, in a namespace of its own: no root is needed, none is left."""

    def __init__(self, project: Path, folder: Path) -> None:
        self._place, self._folder = folder / "disk", folder
        self._place.mkdir()
        self._shell = subprocess.Popen(
            ["unshare", "-rm", "sh"],
            cwd=project,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"DISK": os.fspath(self._place), "HERE": os.fspath(folder)},
        )
        self.works = self("mount -t tmpfs -o size=4k tmpfs $DISK") == 0

    def __call__(self, command: str) -> int:
        """Run a command of the shell there, by $DISK and $HERE; 255 where there is no shell."""
        assert self._shell.stdin
        assert self._shell.stdout
        with suppress(BrokenPipeError):
            print(f"{command}\necho $?", file=self._shell.stdin, flush=True)
        return int(self._shell.stdout.readline() or 255)

    def leave(self, kilobytes: int) -> None:
        """Leave so much free."""
        used = "$(df --output=used $DISK | tail -n 1)"
        assert self(f"mount -o remount,size=$(({used} + {kilobytes}))k $DISK") == 0

    def run(self, command: str) -> tuple[int, str]:
        """Run a command of potstill's; return its exit code and what it said of errors."""
        code = self(f"{sys.executable} -m potstill {command} 2>$HERE/error >/dev/null")
        return code, (self._folder / "error").read_text()

    def copy(self) -> Path:
        """Return a copy of the run as it lies there, for a look from outside."""
        shutil.rmtree(self._folder / "copy", ignore_errors=True)
        assert self("cp -a $DISK/run $HERE/copy") == 0
        return self._folder / "copy"

    def close(self) -> None:
        with suppress(BrokenPipeError):
            self._shell.communicate()


@pytest.fixture
def disk(whole, tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(whole.project, tmp_path)
    if not disk.works:
        disk.close()
        pytest.skip("no file system can be mounted here, not even in a user namespace")
    yield disk
    disk.close()


RUN = "run recipe.yaml --quiet --out $DISK/run"
UNOPENED = re.compile(
    r"potstill: the journal \S+ can't be used: disk I/O error; see to the disk, .* and the same "
    r"command continues\n"
)
"""What is said where even the journal's files have no place."""
FULL = re.compile(
    r"potstill: (can't write|the journal) /.*/disk/run.* free some space there, and the same "
    r"command continues(; (?P<lost>\d+) answers? could not be kept)?\n"
)


@pytest.mark.slow
def test_a_disk_that_is_full_until_the_teachers_have_answered(
    disk: Disk, whole, runs, teacher
) -> None:
    before = teacher.stats()["requests"]
    stages, lost, copy = [], 0, Path()
    for free in (8, 30, 70, 120, 230):
        disk.leave(free)
        asked, answers = teacher.stats()["requests"], len(runs.answers(copy))
        code, error = disk.run(RUN)
        assert code == 1
        found = FULL.fullmatch(error)
        assert found or UNOPENED.fullmatch(error), error
        copy = disk.copy()
        stages.append(runs.check(copy))
        asked = teacher.stats()["requests"] - asked
        missing = asked - (len(runs.answers(copy)) - answers)
        assert (
            int((found and found["lost"]) or 0) <= missing <= PREPARED
        )  # no request after the first failure
        lost += missing
    assert stages[0] is None
    assert {"gather", "dedup"} & {*stages}
    assert stages[-2:] == ["decontaminate"] * 2
    assert lost > 0
    disk.leave(4096)
    assert disk.run(RUN) == (0, "")
    assert runs.content(disk.copy()) == whole.content
    assert teacher.stats()["requests"] - before == PLANNED + lost


@pytest.mark.slow
def test_a_disk_that_is_full_when_the_answers_are_there(disk: Disk, whole, runs, teacher) -> None:
    disk.leave(1024)
    assert disk("cp -a whole $DISK/run && cd $DISK/run && rm -r manifest.json 0[678]*") == 0
    assert disk("cd $OLDPWD") == 0
    before = teacher.stats()["requests"]
    said = ""
    for free in (12, 40, 80, 100):
        disk.leave(free)
        code, error = disk.run(RUN)
        assert code == 1
        assert FULL.fullmatch(error), error
        runs.check(disk.copy())
        said += error
    for place in ("06-verify/part", "07-filter/part", "08-export/.*jsonl", "08-export/.*parquet"):
        assert re.search(f"can't write .*/disk/run/{place}", said), said
    disk.leave(1024)
    assert disk.run(RUN) == (0, "")
    assert runs.content(disk.copy()) == whole.content
    assert teacher.stats()["requests"] == before


@pytest.mark.slow
def test_a_limit_on_the_size_of_files(whole, runs, teacher, tmp_path: Path) -> None:
    before, out, said = teacher.stats()["requests"], tmp_path / "run", ""
    for limit in (8, 60):
        command = f"ulimit -f {limit}; {sys.executable} -m potstill run recipe.yaml --quiet"
        done = subprocess.run(
            ["bash", "-c", f"{command} --out {out}"],
            cwd=whole.project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        runs.check(out)
        said += done.stderr
    assert "01-gather/part-00000.parquet: File too large; raise the limit on the size" in said
    assert "calls.sqlite3 can't be used: disk I/O error; see to the disk, or to the limit" in said
    asked, kept = teacher.stats()["requests"] - before, len(runs.answers(out))
    assert 0 < asked - kept <= PREPARED
    assert whole.again("--out", str(out)).returncode == 0
    assert runs.content(out) == whole.content
    assert teacher.stats()["requests"] - before - asked == PLANNED - kept


def test_the_output_of_a_stage_alone(disk: Disk) -> None:
    options = "--quiet --use exact --map problem=question --run $HERE/books"
    for ending in ("jsonl", "parquet"):
        command = f"dedup problems.jsonl $DISK/out.{ending} {options}"
        disk.leave(4)
        code, said = disk.run(command)
        assert code == 1
        assert said.startswith("potstill: can't write /")
        assert said.endswith(
            f"disk/out.{ending}: No space left on device; free some space there, and the same "
            "command continues\n"
        )
        assert disk("test -z $(ls -A $DISK)") == 0
        disk.leave(64)
        assert disk.run(command) == (0, "")
        assert disk("rm $DISK/*") == 0


@pytest.mark.slow
def test_a_read_only_file_system(disk: Disk, whole, runs, teacher) -> None:
    before = teacher.stats()["requests"]
    disk.leave(2048)
    assert disk("cp -a whole $DISK/run && rm -r $DISK/run/05-distil") == 0
    assert disk("mount -o remount,ro $DISK") == 0
    code, said = disk.run(RUN)
    assert code == 1
    assert said.startswith("potstill: can't write /")
    assert said.endswith(
        "disk/run: Read-only file system; make it writable, and the same command continues\n"
    )
    assert disk.run("status $DISK/run") == (0, "")
    assert disk("mount -o remount,rw $DISK") == 0
    assert disk("mount --bind $DISK/run/journal $DISK/run/journal") == 0
    assert disk("mount -o remount,bind,ro $DISK/run/journal") == 0
    code, said = disk.run(RUN)
    assert code == 1
    assert re.fullmatch(
        r"potstill: the journal /.*/calls\.sqlite3 can't be used: .*; make it and its folder "
        r"writable, and the same command continues\n",
        said,
    )
    assert disk("umount $DISK/run/journal") == 0
    assert disk.run(RUN) == (0, "")
    assert runs.content(disk.copy()) == whole.content
    assert teacher.stats()["requests"] == before


def test_a_log_that_can_not_be_written_stops_the_run(project: Path) -> None:
    folder = project / "runs" / "words"
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").touch()
    (folder / LOG).symlink_to("/dev/full")
    with pytest.raises(StorageError, match=f"{LOG}: No space left on device; free some space"):
        potstill.run("recipe.yaml")


def test_a_log_that_can_not_be_written_does_not_hide_what_happened(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(events: EventLog, line: bytes) -> None:
        if b'"asked"' in line or b'"run_stopped"' in line:
            raise OSError(errno.ENOSPC, "")

    async def refuse(client: Client, request: object) -> None:
        raise EndpointError("the host is on fire")

    monkeypatch.setattr(EventLog, "_append", full)
    monkeypatch.setattr(Client, "ask", refuse)
    with pytest.raises(EndpointError, match="the host is on fire"):
        potstill.run("recipe.yaml")
