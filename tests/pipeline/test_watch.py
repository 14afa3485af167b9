"""A run at work, watched by another process."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

POTSTILL = [sys.executable, "-m", "potstill"]


@pytest.fixture
def running(project: Path, edit: Callable[[str, str], None]) -> Iterator[subprocess.Popen[str]]:
    """A run whose first prompt is on its way to a slow teacher."""
    serve = [*POTSTILL, "serve-scripted", "--port", "0", "--latency", "0.5"]
    good = (project / "recipe.yaml").read_text().split('base_url: "')[1].split('"')[0]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        edit(good, server.stdout.readline().split()[-1])
        command = [*POTSTILL, "run", "recipe.yaml"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
            assert run.stderr is not None
            for line in run.stderr:
                if "first prompt" in line:
                    break
            yield run
            run.kill()
        server.terminate()


@pytest.fixture
def watcher(running: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """`status --follow`, which has shown what the run did so far."""
    command = [*POTSTILL, "status", "words", "--follow", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as watch:
        assert watch.stderr is not None
        for line in watch.stderr:
            if "first prompt" in line:
                break
        yield watch
        watch.kill()


@pytest.mark.slow
def test_a_look_at_a_run_at_work_says_how_far_it_is(running: subprocess.Popen[str]) -> None:
    command = [*POTSTILL, "status", "words"]
    look = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "at work   distil: " in look.stdout
    look = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    work = json.loads(look.stdout)["at_work"]
    assert (work["stage"], work["unit"], work["total"]) == ("distil", "calls", 80)


@pytest.mark.slow
def test_the_watcher_sees_the_end(
    running: subprocess.Popen[str], watcher: subprocess.Popen[str]
) -> None:
    out, err = watcher.communicate()
    assert watcher.returncode == 0
    assert "export: 80 in" in err
    assert json.loads(out)["state"] == "complete"
    assert running.wait() == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGKILL, 1, "was killed"), (signal.SIGINT, 3, "the same command continues")],
)
def test_the_watcher_notices_a_run_that_ends_early(
    running: subprocess.Popen[str],
    watcher: subprocess.Popen[str],
    number: signal.Signals,
    code: int,
    said: str,
) -> None:
    running.send_signal(number)
    out, err = watcher.communicate()
    assert watcher.returncode == code
    assert said in err
    assert json.loads(out)["state"] == "incomplete"


@pytest.mark.slow
def test_a_watcher_that_leaves_does_no_harm(
    running: subprocess.Popen[str], watcher: subprocess.Popen[str]
) -> None:
    watcher.send_signal(signal.SIGINT)
    _, err = watcher.communicate()
    assert watcher.returncode == 130
    assert "the run itself goes on" in err
    assert "Traceback" not in err
    assert running.wait() == 0
