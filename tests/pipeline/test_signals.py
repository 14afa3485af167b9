"""A run that is told to stop, or whose terminal goes away: it pauses cleanly and continues."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

# At the n-th call of a function, signals all its process group, as a service's end or Ctrl-C does.
SIGNALLER = """
import os, signal, sys
from importlib import import_module
from potstill.cli import main

def signal_at(signals, place, left):
    module, _, names = place.partition(":")
    owner, _, name = names.partition(".")
    owner, left = getattr(import_module(module), owner), int(left)
    function = getattr(owner, name)

    def wrapped(*arguments, **options):
        nonlocal left
        left -= 1
        if left == 0:
            for each in signals.split():
                os.killpg(os.getpid(), signal.Signals[each])
        return function(*arguments, **options)

    setattr(owner, name, wrapped)

if __name__ == "__main__":
    signal_at(*sys.argv[1:4])
    del sys.argv[1:4]
    main()
"""
PLACES = {
    "gather": ("potstill.stages.io:StageIO.keep", 9),
    "distil": ("potstill.models.client:Client.ask", 6),
    "verify": ("potstill.engine.workers:Workers._submit", 30),
    "export": ("potstill.storage.dataset:DatasetWriter.write", 25),
}


PAUSING = "\npausing: waiting for the calls in flight (again to abandon them)\n"


def signalled(
    project: Path, out: Path, signals: str, place: str
) -> subprocess.CompletedProcess[str]:
    """Run until a place is reached and the signals come there."""
    script = out.parent / "signaller.py"
    script.write_text(SIGNALLER)
    command = [sys.executable, script, signals, *map(str, PLACES[place])]
    return subprocess.run(
        [*command, "run", "recipe.yaml", "--quiet", "--out", out],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )


@pytest.mark.slow
def test_sigterm_in_every_stage(whole, runs, teacher, tmp_path: Path) -> None:
    before, out = teacher.stats()["requests"], tmp_path / "run"
    for place in PLACES:
        done = signalled(whole.project, out, "SIGTERM", place)
        said = "paused by SIGTERM; the same command continues"
        assert done.stderr == f"{PAUSING}potstill: {said}\n", place
        assert (done.returncode, done.stdout) == (3, "")
        runs.check(out)
        last = runs.events(out)[-1]
        assert (last["event"], last["error"], last["code"]) == ("run_stopped", said, 3)
    assert whole.again("--out", str(out)).returncode == 0
    assert runs.content(out) == whole.content
    assert teacher.stats()["requests"] - before == 80  # what was in flight was waited for


@pytest.mark.slow
def test_a_second_signal_stops_at_once(whole, runs, teacher, tmp_path: Path) -> None:
    before, out = teacher.stats()["requests"], tmp_path / "run"
    for place in ("distil", "verify", "export"):
        done = signalled(whole.project, out, "SIGTERM SIGINT", place)
        waiting = " without waiting for the calls in flight" if place == "distil" else ""
        said = f"potstill: stopped{waiting}; the same command continues"
        assert [line for line in done.stderr.splitlines() if line] == [PAUSING.strip(), said]
        assert done.returncode == 3
        runs.check(out)
    assert whole.again("--out", str(out)).returncode == 0
    assert runs.content(out) == whole.content
    assert 80 <= teacher.stats()["requests"] - before <= 84


def in_terminal(project: Path, out: Path, *, until: str, prefix: list[str]) -> int:
    """Run on a terminal that is closed once it shows a text; return the exit code."""
    command = [*prefix, sys.executable, "-m", "potstill", "run", "recipe.yaml", "--out", str(out)]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(project)
        os.execvp(command[0], command)
    shown = b""
    while until.encode() not in shown:
        shown += os.read(terminal, 1024)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.slow
def test_a_closed_terminal_pauses_the_run(whole, runs, tmp_path: Path) -> None:
    out = tmp_path / "run"
    code = in_terminal(whole.project, out, until="distil", prefix=[])
    last = runs.events(out)[-1]
    assert code == 3
    assert last["error"] == "paused by SIGHUP; the same command continues"
    runs.check(out)
    assert whole.again("--out", str(out)).returncode == 0
    assert runs.content(out) == whole.content


@pytest.mark.slow
def test_nohup_lets_a_run_go_on_without_its_terminal(whole, runs, tmp_path: Path) -> None:
    # Standard error stays at the terminal, which is dead from then on.
    nohup = ["env", "--ignore-signal=HUP"]
    code = in_terminal(whole.project, tmp_path / "run", until="first prompt", prefix=nohup)
    assert runs.events(tmp_path / "run")[-1]["event"] == "run_finished"
    assert runs.content(tmp_path / "run") == whole.content
    assert code == 141  # the summary was for nobody


@pytest.mark.parametrize(
    ("redirected", "code", "said"),
    [
        ("<&- >&- 2>&-", 0, ""),
        (">/dev/full", 1, "potstill: can't write the standard output: No space left on device\n"),
        ("2>/dev/full", 0, ""),
        (">/dev/full 2>&1", 1, ""),
    ],
)
def test_streams_that_can_not_be_written(whole, redirected: str, code: int, said: str) -> None:
    command = f"{sys.executable} -m potstill status whole {redirected}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=whole.project, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, said)


def test_output_that_nobody_reads(whole) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "potstill", "status", "whole"]
    done = subprocess.run(
        command, cwd=whole.project, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")
