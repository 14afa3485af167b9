"""What is Ray's alone; `test_engines.py` has what every engine does."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from potstill.engine import cluster
from potstill.engine.ray import Ray
from potstill.errors import InputError, RunError

SCRIPT = """
import signal, sys, time
from potstill.engine.ray import Ray

signal.signal(signal.SIGTERM, pause := lambda *_: None)
with Ray(workers=2) as engine:
    found = engine.map(time.sleep, [0.0, 0.0, float(sys.argv[1])])
    next(found)
    assert signal.getsignal(signal.SIGTERM) is pause
    print("begun", flush=True)
    list(found)
assert signal.getsignal(signal.SIGTERM) is pause
print("done", flush=True)
"""


def descendants(pid: int) -> set[int]:
    """The processes that a process has started, and those that they have."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid="], stdout=subprocess.PIPE, text=True, check=True
    )
    found = {pid}
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    while new := {child for child, parent in pairs if parent in found} - found:
        found |= new
    return found - {pid}


def wait_for_end(pids: set[int]) -> None:
    for _ in range(1200):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return
        time.sleep(0.1)
    pytest.fail(f"after two minutes there still run {pids}")


@contextmanager
def running(seconds: str) -> Iterator[subprocess.Popen[str]]:
    """A script that has a task on a Ray of its own."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'potstill[ray]'")
    command = [sys.executable, "-c", SCRIPT, seconds]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **streams) as script:
        assert script.stdout is not None
        line = script.stdout.readline()
        assert line == "begun\n", script.communicate()[1]
        yield script


def test_without_ray_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"needs ray and daft.* pip install 'potstill\[ray\]'"):
        Ray()


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_an_address_where_nothing_answers(scheme: str):
    """Runs before this process joins a cluster for the other tests."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'potstill[ray]'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"{scheme}127.0.0.1:{free.getsockname()[1]}"
        with Ray(address=address) as engine, pytest.raises(InputError) as caught:
            list(engine.map(abs, [1]))
    assert str(caught.value).startswith(f"nothing answers at engine.address '{address}': ")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_ray_of_its_own_says_nothing_and_leaves_nothing():
    with running("0") as script:
        started = descendants(script.pid)
        assert len(started) > 2
        assert script.communicate() == ("done\n", "")
    wait_for_end(started)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_ray_of_its_own_ends_with_its_process():
    with running("1000") as script:
        started = descendants(script.pid)
        script.send_signal(signal.SIGINT)
        script.communicate()
        assert script.returncode == -signal.SIGINT
    wait_for_end(started)


@pytest.mark.slow
def test_a_task_whose_process_was_lost_is_done_again(ray_cluster, call, tmp_path: Path):
    with Ray() as engine:
        mark = str(tmp_path / "died")
        assert list(engine.map(call("die_once"), [(mark,)])) == ["alive"]


@pytest.mark.slow
def test_a_cluster_that_was_joined_before_stays(ray_cluster, call):
    for _ in range(2):
        with Ray(address="auto") as engine:
            assert list(engine.map(call("double"), [(1,), (2,)])) == [2, 4]


@pytest.mark.slow
def test_fewer_tasks_than_cores_at_a_time(ray_cluster, call):
    with Ray(workers=1) as engine:
        assert list(engine.map(call("slow_first"), [(i,) for i in range(5)])) == [0, 1, 2, 3, 4]


@pytest.mark.slow
def test_groups_of_a_file_that_is_missing(ray_cluster, tmp_path: Path):
    with Ray() as engine, pytest.raises(RunError, match="FileNotFoundError.*gone") as caught:
        engine.groups([tmp_path / "gone"], "key")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_machines_see_the_folder(ray_cluster, call, tmp_path: Path, monkeypatch):
    with Ray(folder=tmp_path) as engine:
        assert list(engine.map(call("double"), [(1,)])) == [2]
    assert not list(tmp_path.iterdir())

    @contextmanager
    def elsewhere(folder: Path | None) -> Iterator[str]:
        yield "/nowhere/at/all"

    monkeypatch.setattr(cluster, "_marked", elsewhere)
    with Ray(folder=tmp_path) as engine, pytest.raises(InputError) as caught:
        list(engine.map(call("double"), [(1,)]))
    assert f"does not see {tmp_path}: name a folder by --out that all machines" in str(caught.value)


@pytest.mark.slow
def test_machines_have_the_same_software(ray_cluster, call, monkeypatch):
    monkeypatch.setattr(cluster, "_SOFTWARE", "potstill 99 on Python 3.11")
    with Ray() as engine, pytest.raises(InputError, match="has potstill .*, and this one potstill"):
        list(engine.map(call("double"), [(1,)]))


@pytest.mark.slow
def test_a_machine_without_potstill(ray_cluster, call, monkeypatch):
    def look(path: str | None) -> tuple[str, bool]:
        raise ModuleNotFoundError("No module named 'potstill'")

    monkeypatch.setattr(cluster, "_look", look)
    with Ray() as engine, pytest.raises(InputError, match="No module named 'potstill'") as caught:
        list(engine.map(call("double"), [(1,)]))
    assert "\n" not in str(caught.value)
