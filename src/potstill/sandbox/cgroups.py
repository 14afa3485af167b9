"""Control groups, version 1 and 2: what the processes of a sandbox may use together.

One group is made for each sandbox below the group of this process (or beside it, where version 2
lets none be made below a group that has processes), and removed with it.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_PREFIX = "potstill-"
_NEEDED = ("memory", "pids")
_REMOVE_S = 5.0
"""Seconds that the kernel may take to let go of processes that are dead."""


@dataclass(frozen=True)
class Place:
    """Where groups can be made: one folder for version 2, one for each controller for version 1."""

    version: int
    folders: tuple[Path, ...]


class Group:
    """A group of one sandbox, which serves one submission after the other."""

    def __init__(self, place: Place, name: str) -> None:
        """Make it.

        Raises:
            OSError: It can't be made.
        """
        self._version = place.version
        self._folders = tuple(folder / name for folder in place.folders)
        for folder in self._folders:
            folder.mkdir()

    @property
    def entrances(self) -> list[str]:
        """The files into which a process writes `0` to join."""
        return [str(folder / "cgroup.procs") for folder in self._folders]

    def limit(self, memory_bytes: int, processes: int) -> None:
        """Set what the processes may use together; there is no swap.

        Raises:
            OSError: The kernel refuses.
        """
        memory, pids = self._folders[0], self._folders[-1]
        if self._version == 2:
            _write(memory / "memory.max", memory_bytes)
            with suppress(OSError):  # a kernel without swap
                _write(memory / "memory.swap.max", 0)
            with suppress(OSError):  # before Linux 4.19
                _write(memory / "memory.oom.group", 0)
        else:
            self._limit_v1(memory, memory_bytes)
        _write(pids / "pids.max", processes)

    def _limit_v1(self, folder: Path, memory_bytes: int) -> None:
        """Set memory, and memory with swap, which may never be less."""
        names = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
        if not (folder / names[1]).exists():
            names.pop()
        elif memory_bytes > int((folder / names[1]).read_text()):
            names.reverse()
        for name in names:
            _write(folder / name, memory_bytes)

    def kills(self) -> int:
        """Return how many processes were killed for memory so far."""
        name = "memory.events" if self._version == 2 else "memory.oom_control"
        for line in (self._folders[0] / name).read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == "oom_kill":
                return int(value)
        return 0

    def processes(self) -> list[int]:
        """Return the processes that are in it."""
        return [int(pid) for pid in (self._folders[0] / "cgroup.procs").read_text().split()]

    def empty(self) -> bool:
        """Wait until no process is left; return whether that came true."""
        end = time.monotonic() + _REMOVE_S
        while self.processes():
            if time.monotonic() > end:
                return False
            time.sleep(0.002)
        return True

    def remove(self) -> None:
        """Remove it; a group whose processes won't die is left to `sweep`."""
        for folder in self._folders:
            with suppress(OSError):
                folder.rmdir()


def _write(path: Path, value: int) -> None:
    path.write_text(str(value))


def group_name() -> str:
    """Return a name of a group that tells whose it is, and is no other's."""
    return f"{_PREFIX}{os.getpid()}-{os.urandom(4).hex()}"


def find(root: Path = _ROOT, own: Path = Path("/proc/self/cgroup")) -> Place | None:
    """Return where groups with memory and pids can be made; None if nowhere."""
    try:
        lines = [line.split(":", 2) for line in own.read_text().splitlines()]
    except OSError:
        return None
    unified = next((path for number, _, path in lines if number == "0"), None)
    named = {name: path for _, names, path in lines for name in names.split(",")}
    candidates = [] if unified is None else list(_places_v2(root, unified))
    if all(name in named for name in _NEEDED):
        folders = (root / name / named[name].lstrip("/") for name in _NEEDED)
        candidates.append(Place(1, tuple(folders)))
    return next((place for place in candidates if _works(place)), None)


def _places_v2(root: Path, path: str) -> Iterator[Place]:
    """Yield the group of this process and the one above, if they can hand out both controllers."""
    own = root / path.lstrip("/")
    for folder in (own, own.parent):
        if not folder.is_relative_to(root) or not (folder / "cgroup.controllers").exists():
            continue
        handed = folder / "cgroup.subtree_control"
        with suppress(OSError):
            missing = set(_NEEDED) - set(handed.read_text().split())
            if missing:  # refused where the group has processes and is not the machine's first
                handed.write_text(" ".join(f"+{name}" for name in sorted(missing)))
            yield Place(2, (folder,))


def _works(place: Place) -> bool:
    """Try it with a group, which is removed at once."""
    try:
        group = Group(place, group_name())
    except OSError:
        return False
    try:
        group.limit(64 << 20, 16)
        return all(os.access(path, os.W_OK) for path in group.entrances)
    except OSError:
        return False
    finally:
        group.remove()


def sweep(place: Place) -> None:
    """Remove groups whose makers were killed before they could."""
    for folder in place.folders:
        for left in folder.glob(f"{_PREFIX}*"):
            maker = left.name.removeprefix(_PREFIX).partition("-")[0]
            if maker.isdigit() and not Path("/proc", maker).exists():
                with suppress(OSError):
                    left.rmdir()
