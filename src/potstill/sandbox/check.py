"""What this machine gives: which level of sandbox, what is missing, and what to do about it."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from potstill.sandbox.local import Local
from potstill.sandbox.machine import Finding, Machine, look
from potstill.sandbox.runs import Limits, Program
from potstill.sandbox.submission import NO_COMPILER, LocalSubmission

Level = Literal["full", "limited", "none"]
_REMOTE = "or have programs run by a SandboxFusion server (docs/sandbox.md)"
_NAMESPACES = (
    "allow user namespaces: sysctl user.max_user_namespaces=10000; on Ubuntu from 23.10 on also "
    "sysctl kernel.apparmor_restrict_unprivileged_userns=0; in a container, start it with a "
    f"seccomp profile that allows them; {_REMOTE}"
)
_GROUPS = (
    "run as root, or by `systemd-run --user --scope -p Delegate=yes potstill ...`; in a container "
    "with cgroup 2, as its root: mkdir /sys/fs/cgroup/init, write each number in "
    "/sys/fs/cgroup/cgroup.procs into init/cgroup.procs, then write '+memory +pids' into "
    "/sys/fs/cgroup/cgroup.subtree_control"
)


@dataclass(frozen=True)
class Report:
    """What `potstill doctor` prints."""

    level: Level
    """`full`: namespaces, a filter of system calls, limits of each process, and of all together by
    control groups. `limited`: without control groups, so that what all use together is only looked
    at now and then. `none`: nothing is run on this machine."""
    findings: tuple[Finding, ...]


def check(interpreter: Path | None = None) -> Report:
    """Look what is here, and run a program in a sandbox to see that it holds."""
    with ExitStack() as stack:
        machine, found = look(stack, interpreter)
        findings = list(found)
        if not machine:
            return Report("none", tuple(findings))
        started = _started(machine)
        findings += [started, _groups(machine), _compiler(machine)]
        if not started.works:
            return Report("none", tuple(findings))
        return Report("full" if machine.place else "limited", tuple(findings))


def missing(findings: Sequence[Finding]) -> str:
    """Return what is not here, and what to do, in one sentence."""
    lacking = [f"{each.name}: {each.found} ({each.remedy})" for each in findings if not each.works]
    return "; ".join(lacking) or f"control groups: {_GROUPS}"


def _started(machine: Machine) -> Finding:
    local = Local(machine, full=bool(machine.place), packages=(), cpp_flags=())
    try:
        program = Program("python", "print(6 * 7)")
        with LocalSubmission(local, program, Limits(), lambda: None) as submission:
            run = submission.run()
    finally:
        local.close()
    works = run.status == "ok" and run.stdout == "42\n"
    said = (run.detail or run.stderr or run.status).strip()
    return Finding("namespaces", works, "a program ran in its own" if works else said, _NAMESPACES)


def _groups(machine: Machine) -> Finding:
    place = machine.place
    found = f"version {place.version}, in {place.folders[0]}" if place else "none can be made"
    return Finding("control groups", place is not None, found, _GROUPS)


def _compiler(machine: Machine) -> Finding:
    found = str(machine.compiler) if machine.compiler else "not installed"
    return Finding("C++", machine.compiler is not None, found, NO_COMPILER)
