"""Programs of others that try to get out, to take everything, or to lie."""

import json
import os
import socket
from pathlib import Path

import pytest

from potstill.sandbox import Limits, Program, Sandbox

NAMES = [
    "fork_bomb",
    "memory_bomb",
    "memory_bomb_children",
    "disk_fill_tmp",
    "inode_fill",
    "infinite_stdout",
    "infinite_stderr",
    "read_shadow",
    "read_expected_file",
    "read_proc_env_fds",
    "net_tcp_loopback",
    "net_external",
    "unix_abstract",
    "kill_parent",
    "kill_all",
    "kill_host_pid",
    "ptrace",
    "write_outside",
    "symlink",
    "orphan_daemon",
    "ignore_signals",
    "catch_baseexc",
    "sleep_forever",
    "multi_cpu_burn",
    "os_exit0",
    "sys_exit",
    "fake_pass_print",
    "deep_recursion",
    "zombies",
    "userns_mount",
    "setuid0",
    "kernel_surface",
    "tiocsti",
    "chroot_break",
    "suid_exec",
    "open_files",
    "sysv_shm",
    "memfd_fill",
]

STATUSES = {
    "memory_bomb": "memory_limit",
    "memory_bomb_children": "memory_limit",
    "inode_fill": "output_limit",
    "infinite_stdout": "output_limit",
    "infinite_stderr": "output_limit",
    "ignore_signals": "time_limit",
    "catch_baseexc": "time_limit",
    "sleep_forever": "time_limit",
    "multi_cpu_burn": "time_limit",
    "deep_recursion": "memory_limit",
    "memfd_fill": "runtime_error",
}
"""Of the others it is `ok`: they find every door closed, and end."""


@pytest.fixture(scope="module")
def hostile(shared: Path) -> dict[str, str]:
    lines = (shared / "cases" / "hostile.jsonl").read_text().splitlines()
    return {case["name"]: case["src"] for case in map(json.loads, lines)}


@pytest.fixture
def targets(monkeypatch: pytest.MonkeyPatch):
    """What the programs look for outside: listeners, and a variable of the environment."""
    monkeypatch.setenv("SECRET", "SECRET")
    with socket.socket(socket.AF_UNIX) as abstract, socket.socket() as tcp:
        abstract.bind("\0sbxtest")
        abstract.listen()
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        yield tcp.getsockname()[1]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_program_is_contained(name, hostile, targets, sandbox: Sandbox):
    code = hostile[name].replace("49185", str(targets)).replace("10282", str(os.getpid()))
    limits = Limits(cpu_s=0.5, wall_s=3.0, memory_mb=256)
    with sandbox.submission(Program("python", code), limits) as submission:
        run = submission.run()
    assert run.status == STATUSES.get(name, "ok")
    assert "ESCAPED" not in run.stdout
    assert "REACHABLE" not in run.stdout
