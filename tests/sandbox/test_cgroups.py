"""Control groups, on files that look like the kernel's."""

import os
from pathlib import Path

import pytest

from potstill.sandbox import cgroups
from potstill.sandbox.cgroups import Group, Place


def own(path: Path, *lines: str) -> Path:
    file = path / "cgroup"
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def unified(tmp_path: Path) -> Path:
    """Version 2: a group for this process below one that hands out both controllers."""
    root = tmp_path / "fs"
    for folder in (root, root / "slice", root / "slice" / "mine"):
        folder.mkdir()
        (folder / "cgroup.controllers").write_text("cpu memory pids\n")
        (folder / "cgroup.subtree_control").write_text("memory pids\n")
    return root


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have new folders come with the files that the kernel puts into them."""
    mkdir = Path.mkdir

    def make(folder: Path, *args, **kwargs) -> None:
        mkdir(folder, *args, **kwargs)
        if folder.name.startswith("potstill-"):
            (folder / "cgroup.procs").touch()
            (folder / "memory.events").write_text("low 0\noom 2\noom_kill 3\n")

    monkeypatch.setattr(Path, "mkdir", make)
    monkeypatch.setattr(Path, "rmdir", lambda folder: os.rename(folder, f"{folder}.gone"))


def test_version_2_below_this_process(tmp_path, unified, made):
    place = cgroups.find(unified, own(tmp_path, "0::/slice/mine"))
    assert place == Place(2, (unified / "slice" / "mine",))


def test_version_2_beside_this_process(tmp_path, unified, made, monkeypatch):
    """Groups with processes can't hand out controllers, but the one above already does."""
    mine = unified / "slice" / "mine"
    (mine / "cgroup.subtree_control").write_text("\n")
    write = Path.write_text

    def busy(path: Path, text: str) -> int:
        if path == mine / "cgroup.subtree_control":
            raise OSError(16, "Device or resource busy")
        return write(path, text)

    monkeypatch.setattr(Path, "write_text", busy)
    place = cgroups.find(unified, own(tmp_path, "0::/slice/mine"))
    assert place == Place(2, (unified / "slice",))


def test_version_1(tmp_path, made):
    for name in ("memory", "pids"):
        (tmp_path / name / "a").mkdir(parents=True)
    lines = "4:memory:/a", "3:cpu,pids:/a", "0::/"
    place = cgroups.find(tmp_path, own(tmp_path, *lines))
    assert place == Place(1, (tmp_path / "memory" / "a", tmp_path / "pids" / "a"))


def test_nowhere(tmp_path):
    assert cgroups.find(tmp_path, own(tmp_path, "0::/")) is None
    assert cgroups.find(tmp_path, own(tmp_path, "1:cpu:/", "0::/elsewhere")) is None
    assert cgroups.find(tmp_path, tmp_path / "missing") is None


def test_limits_of_version_2(unified, made):
    group = Group(Place(2, (unified,)), "potstill-1-x")
    group.limit(1 << 20, 9)
    folder = unified / "potstill-1-x"
    assert (folder / "memory.max").read_text() == str(1 << 20)
    assert (folder / "memory.swap.max").read_text() == "0"
    assert (folder / "pids.max").read_text() == "9"
    assert group.kills() == 3
    assert group.entrances == [str(folder / "cgroup.procs")]
    assert group.empty()


@pytest.mark.parametrize("sizes", [(10, 20), (20, 10)])
def test_limit_with_swap_is_never_less(tmp_path, made, monkeypatch, sizes):
    """The kernel refuses a limit of memory above that of memory with swap, at any time."""
    place = Place(1, (tmp_path / "memory", tmp_path / "pids"))
    for folder in place.folders:
        folder.mkdir()
    group = Group(place, "potstill-1-x")
    memory = place.folders[0] / "potstill-1-x"
    files = [memory / "memory.limit_in_bytes", memory / "memory.memsw.limit_in_bytes"]
    for file in files:
        file.write_text("100")
    seen = []
    write = Path.write_text

    def note(path: Path, text: str) -> int:
        count = write(path, text)
        seen.append([int(file.read_text()) for file in files])
        return count

    monkeypatch.setattr(Path, "write_text", note)
    for size in sizes:
        group.limit(size, 5)
    assert all(limit <= with_swap for limit, with_swap in seen)
    assert seen[-1] == [sizes[1], sizes[1]]


def test_groups_of_the_dead_are_swept(tmp_path):
    for name in ("potstill-999999999-a", f"potstill-{os.getpid()}-b", "other"):
        (tmp_path / name).mkdir()
    cgroups.sweep(Place(2, (tmp_path,)))
    assert {path.name for path in tmp_path.iterdir()} == {f"potstill-{os.getpid()}-b", "other"}
