"""All processes of a sandbox, as its first one sees them: what they use, and their end."""

from __future__ import annotations

import os
import resource
import signal
from contextlib import suppress

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TMPFS = ("/tmp", "/dev/shm")


def others() -> list[int]:
    """Return the processes besides the first."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]


def cpu_seconds() -> float:
    """Return the CPU time of all processes since the start, of the living and the dead.

    Lost is that of a process whose parent neither waits for it nor leaves it to the first one.
    """
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = sum(sum(map(int, _stat(pid)[11:15])) for pid in others())
    return usage.ru_utime + usage.ru_stime + ticks / _TICKS


def memory_bytes() -> int:
    """Return what all processes together hold in memory, with the files in it."""
    pids = others()
    resident = sum(_resident(pid) for pid in pids)
    return resident + sum(_used(folder) for folder in _TMPFS)


def files() -> int:
    """Return how many files there are in the folders that can be written."""
    found = 0
    for folder in _TMPFS:
        with suppress(OSError):
            about = os.statvfs(folder)
            found += about.f_files - about.f_ffree
    return found


def reap() -> dict[int, tuple[int, resource.struct_rusage]]:
    """Wait for all that have ended; return the status and usage of each by its number."""
    ended: dict[int, tuple[int, resource.struct_rusage]] = {}
    with suppress(ChildProcessError):
        while True:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if not pid:
                break
            ended[pid] = status, usage
    return ended


def kill_all() -> None:
    """End all processes but the first, and wait until they are gone."""
    while True:
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        try:
            os.wait4(-1, 0)
        except ChildProcessError:
            return


def kill_all_but(keep: int) -> bool:
    """End all processes but the first and one more; return whether that one lives.

    All are stopped first, at once, so that none can start another in the meantime.
    """
    while left := [pid for pid in others() if pid != keep and not _is_zombie_of(pid, keep)]:
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGSTOP)
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        reap()
    try:
        os.kill(keep, signal.SIGCONT)
    except ProcessLookupError:
        return False
    return _stat(keep)[0] not in "ZX"


def _is_zombie_of(pid: int, parent: int) -> bool:
    fields = _stat(pid)
    return fields[0] == "Z" and fields[1] == str(parent)


def _stat(pid: int) -> list[str]:
    """Return the fields of `/proc/PID/stat` from the third, the state, on."""
    text = _text(f"/proc/{pid}/stat")
    return text.rpartition(") ")[2].split() if text else ["X", "0", *["0"] * 40]


def _resident(pid: int) -> int:
    """Return a process's share of memory: what it shares with others counts in part."""
    rollup = _text(f"/proc/{pid}/smaps_rollup") or ""
    for line in rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    statm = _text(f"/proc/{pid}/statm")
    return int(statm.split()[1]) * _PAGE if statm else 0


def _used(folder: str) -> int:
    try:
        about = os.statvfs(folder)
    except OSError:
        return 0
    return (about.f_blocks - about.f_bfree) * about.f_frsize


def _text(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None
