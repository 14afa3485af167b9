"""What a process and its children take: CPU time and memory, read from /proc while they run."""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Use(NamedTuple):
    """What processes take."""

    cpu_s: float
    """User and system time, with that of ended children which their parent has waited for."""
    rss_mb: float
    """Sum of the resident sets; a page that two processes map counts twice."""
    own_mb: float
    """The part of it that is not mapped from files, and which must be in memory."""


def pids(root: int) -> list[int]:
    """Return the process and all below it."""
    children: dict[int, list[int]] = defaultdict(list)
    for name in os.listdir("/proc"):
        if name.isdecimal() and (fields := _stat(int(name))):
            children[int(fields[1])].append(int(name))
    found = [root]
    for pid in found:
        found += children[pid]
    return found


def use(root: int) -> Use:
    """Return what the process and all below it take now."""
    cpu = rss = own = 0.0
    for pid in pids(root):
        if fields := _stat(pid):
            cpu += sum(map(int, fields[11:15])) / _TICK
            resident, mapped = _memory(pid)
            rss, own = rss + resident, own + resident - mapped
    return Use(cpu, rss / 2**20, own / 2**20)


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat behind the command's name; none where it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _memory(pid: int) -> tuple[int, int]:
    """Return the bytes in memory, and those of them that are mapped from files."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    return int(fields[1]) * _PAGE, int(fields[2]) * _PAGE


class Phase(NamedTuple):
    """What processes took while they did one thing."""

    seconds: float = 0.0
    """By the clock, to the accuracy of a reading."""
    cpu_s: float = 0.0
    """User and system time."""
    rss_mb: float = 0.0
    """The most that `Use.rss_mb` was."""
    own_mb: float = 0.0
    """The most that `Use.own_mb` was."""


class Watch:
    """Reads a process's tree again and again until it is left."""

    def __init__(self, pid: int, phase: Callable[[], str] = str, every: float = 0.1) -> None:
        """Choose what to watch.

        Args:
            pid: The process.
            phase: Says what it is doing now.
            every: Seconds between two readings.
        """
        self._pid, self._phase, self._every = pid, phase, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.phases: dict[str, Phase] = {}
        """What was seen of each phase."""

    def __enter__(self) -> Self:
        """Begin to read."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        last, at = 0.0, time.monotonic()
        while not self._stop.wait(self._every):
            now, name = use(self._pid), self._phase()
            seen = self.phases.get(name, Phase())
            self.phases[name] = Phase(
                seen.seconds + time.monotonic() - at,
                # Processes that end between two readings take their figures with them.
                seen.cpu_s + max(0.0, now.cpu_s - last),
                max(seen.rss_mb, now.rss_mb),
                max(seen.own_mb, now.own_mb),
            )
            last, at = max(last, now.cpu_s), time.monotonic()

    def whole(self) -> Phase:
        """Return the sums and the peaks of all phases."""
        every = [Phase(), *self.phases.values()]
        return Phase(
            sum(p.seconds for p in every),
            sum(p.cpu_s for p in every),
            max(p.rss_mb for p in every),
            max(p.own_mb for p in every),
        )


def size(folder: Path) -> int:
    """Return the bytes on disk of all files below a folder."""
    return sum(_size(Path(place, name)) for place, _, names in os.walk(folder) for name in names)


def _size(path: Path) -> int:
    try:
        return path.stat().st_blocks * 512
    except FileNotFoundError:  # renamed meanwhile
        return 0
