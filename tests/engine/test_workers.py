import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from multiprocessing import forkserver
from pathlib import Path

import pytest
from pebble import ProcessFuture

from potstill.engine.plugins import Failure, PluginCall
from potstill.engine.workers import Workers

SOURCE = """
import ctypes, os, signal, sys, time


def add(a, b=0, *, more: int = 0):
    return a + b + more


def pid(_):
    return os.getpid()


def loop(_):
    while True:
        pass


def sleep(_):
    time.sleep(1000)


def stuck_in_c(_):
    return pow(7, 3 ** 17) % 10  # minutes in one call that looks at no signal


def stubborn(_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass


def leave(status):
    os._exit(status)


def kill_self(_):
    os.kill(os.getpid(), signal.SIGKILL)


def end_self(_):
    os.kill(os.getpid(), signal.SIGTERM)


def segfault(_):
    ctypes.string_at(0)


def hog(_):
    return len(bytearray(3 << 30))


def quit(_):
    sys.exit(3)


class Unpicklable(Exception):
    def __init__(self, payload):
        super().__init__("no way")
        self.payload = lambda: payload


def raise_unpicklable(payload):
    raise Unpicklable(payload)


class Mute(Exception):
    def __str__(self):
        raise ValueError


def raise_mute(_):
    raise Mute


def give_unpicklable(_):
    return lambda: None


class Odd:
    def __reduce__(self):
        return int, ("x",)


def give_odd(_):
    return Odd()


def recurse(n):
    return recurse(n + 1)


def address(_):
    raise RuntimeError(object())


def by_kind(task):
    name, argument = task
    return globals()[name](argument)
"""


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plugins") / "rude.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    with Workers(2, memory_mb=1024) as pool:
        yield pool


@pytest.fixture
def call(plugins: Path):
    def named(function: str, **options: int) -> PluginCall:
        return PluginCall("verifiers", f"{plugins}:{function}", options, allow_code=True)

    return named


def one(pool: Workers, call: PluginCall, *arguments: object, timeout_s: float = 30) -> object:
    [found] = pool.map(call, [arguments], timeout_s=timeout_s)
    return found


def test_results_come_in_the_order_of_the_items(pool: Workers) -> None:
    assert list(pool.map(abs, range(-700, 0), timeout_s=30)) == list(range(700, 0, -1))
    assert list(pool.map(abs, [], timeout_s=30)) == []


def test_a_partial_is_a_function(pool: Workers) -> None:
    assert list(pool.map(partial(pow, 2), [3, 4], timeout_s=30)) == [8, 16]


@pytest.mark.parametrize("lookahead", [1, 7])
def test_items_are_read_no_further_than_the_lookahead(pool: Workers, lookahead: int) -> None:
    read = 0

    def items() -> Iterator[int]:
        nonlocal read
        for n in range(1, 101):
            read = n
            yield n

    for done, found in enumerate(pool.map(abs, items(), timeout_s=30, lookahead=lookahead), 1):
        assert found == done
        assert read <= done + lookahead


def test_a_plugin_of_a_file_is_found_in_the_worker(pool: Workers, call) -> None:
    assert one(pool, call("add", more=100), 1, 20) == 121


def test_a_plugin_of_a_file_needs_permission(pool: Workers, plugins: Path) -> None:
    found = one(pool, PluginCall("verifiers", f"{plugins}:add"), 1)
    assert isinstance(found, Failure)
    assert found.kind == "error"
    assert "--allow-code" in found.detail


def test_a_registered_plugin_is_called_by_name(pool: Workers) -> None:
    from potstill.records import Message, Problem, Response

    problem = Problem(
        source="s", file="f", line=1, messages=(Message(role="user", content="1+1?"),)
    )
    response = Response(
        id="r",
        problem_id=problem.id,
        call="c",
        teacher="t",
        reasoning="off",
        sample=0,
        round=0,
        ending="ok",
        think=None,
        answer="2",
    )
    verdict = one(pool, PluginCall("verifiers", "math"), problem, response)
    assert verdict.reason == "no_reference"


@pytest.mark.parametrize(
    ("function", "argument", "kind", "detail"),
    [
        ("loop", 0, "timeout", "took more than 1 s"),
        ("stuck_in_c", 0, "timeout", "took more than 1 s"),
        ("stubborn", 0, "timeout", "took more than 1 s"),
        ("leave", 3, "crash", "the process ended with status 3"),
        ("kill_self", 0, "crash", "the process was killed by SIGKILL"),
        ("end_self", 0, "crash", "the process was killed by SIGTERM"),
        ("segfault", 0, "crash", "the process was killed by SIGSEGV"),
        ("hog", 0, "memory", "out of memory"),
        ("quit", 0, "error", "SystemExit: 3 (in rude.py:"),
        ("raise_unpicklable", "x", "error", "Unpicklable: no way (in rude.py:"),
        ("raise_mute", 0, "error", "Mute: (its text can't be read) (in rude.py:"),
        ("give_unpicklable", 0, "error", ""),
        ("give_odd", 0, "error", "ValueError: invalid literal"),
        ("recurse", 0, "error", "RecursionError: "),
        ("address", 0, "error", "RuntimeError: <object object at 0x…>"),
    ],
)
def test_a_failure_becomes_data_and_the_pool_goes_on(
    pool: Workers, call, function: str, argument: object, kind: str, detail: str
) -> None:
    tasks = [("add", 1), (function, argument), ("add", 2)]
    first, failure, last = pool.map(
        call("by_kind"), [((name, arg),) for name, arg in tasks], timeout_s=1
    )
    assert (first, last) == (1, 2)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.detail[: len(detail)]) == (kind, detail)


def test_a_call_that_sleeps_is_ended(pool: Workers, call) -> None:
    found = one(pool, call("sleep"), 0, timeout_s=0.2)
    assert found == Failure("timeout", "took more than 0.2 s")


def test_leaving_with_status_0_is_a_failure_too(pool: Workers, call) -> None:
    # The process looks as if it had been recycled, so that only the time limit tells.
    assert isinstance(one(pool, call("leave"), 0, timeout_s=0.2), Failure)


def test_wedged_workers_are_replaced(pool: Workers, call) -> None:
    tasks = [(("loop", 0),)] * 4 + [(("add", n),) for n in range(50)]
    found = list(pool.map(call("by_kind"), tasks, timeout_s=0.5))
    assert [f.kind for f in found[:4]] == ["timeout"] * 4
    assert found[4:] == list(range(50))


def test_workers_killed_while_idle_are_replaced(pool: Workers, call) -> None:
    for pid in set(pool.map(call("pid"), [(0,)] * 20, timeout_s=30)):
        os.kill(pid, signal.SIGKILL)
    assert list(pool.map(abs, range(300), timeout_s=30)) == list(range(300))


def test_workers_ended_along_with_their_service_leave_no_wrong_outcome(pool: Workers, call) -> None:
    found = pool.map(call("by_kind"), [(("add", n),) for n in range(300)], timeout_s=30)
    first = next(found)
    for pid in descendants(os.getpid()):
        os.kill(pid, signal.SIGTERM)
    assert [first, *found] == list(range(300))


def test_the_server_that_workers_are_forked_from_is_replaced(pool: Workers, call) -> None:
    found = pool.map(call("by_kind"), [(("add", n),) for n in range(300)], timeout_s=30)
    first = next(found)
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)
    assert [first, *found] == list(range(300))


def test_a_map_given_up_early_leaves_the_pool_usable(pool: Workers, call) -> None:
    started = pool.map(call("by_kind"), [(("add", 1),)] + [(("loop", 0),)] * 9, timeout_s=60)
    assert next(started) == 1
    started.close()
    assert list(pool.map(abs, [-1, -2], timeout_s=30)) == [1, 2]


def test_a_task_that_nobody_works_at_is_done_again(
    pool: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("potstill.engine.workers._IDLE_SECONDS", 2)
    submit, lost = pool._submit, []

    def lose_the_first(arguments):
        task = submit(arguments)
        if not lost:
            lost.append(task.future)
            task.future = ProcessFuture()  # which no worker knows
        return task

    monkeypatch.setattr(pool, "_submit", lose_the_first)
    assert list(pool.map(abs, [-1, -2, -3], timeout_s=30)) == [1, 2, 3]


def test_large_items_pass(pool: Workers) -> None:
    text = "x" * 3_000_000
    assert list(pool.map(len, [text] * 20, timeout_s=60)) == [3_000_000] * 20


def descendants(pid: int) -> dict[int, str]:
    """Processes below `pid`, by their command, without the two that multiprocessing keeps."""
    children: dict[int, list[int]] = {}
    command: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found: dict[int, str] = {}
    queue = [pid]
    while queue:
        for child in children.get(queue.pop(), []):
            queue.append(child)
            found[child] = command[child]
    own = [c for c, line in found.items() if "forkserver import main" in line]
    servers = {c for c in own if c in children.get(pid, [])}
    return {c: n for c, n in found.items() if c not in servers and "resource_tracker" not in n}


def test_no_process_is_started_without_a_task() -> None:
    before = set(descendants(os.getpid()))
    with Workers(3):
        assert set(descendants(os.getpid())) - before == set()


CLOSED = """
import sys
from potstill.engine.plugins import PluginCall
from potstill.engine.workers import Workers

if __name__ == "__main__":
    call = PluginCall("verifiers", sys.argv[1], {}, allow_code=True)
    try:
        with Workers(3) as pool:
            running = pool.map(call, [(("add", 1),)] + [(("loop", 0),)] * 5, timeout_s=60)
            next(running)
            1 / 0
    except ZeroDivisionError:
        print("closed", flush=True)
    sys.stdin.read()
"""


def test_no_process_is_left_behind(tmp_path: Path, plugins: Path) -> None:
    # In a process of its own: here, another test's pool may be replacing a worker just now.
    script = tmp_path / "closed.py"
    script.write_text(CLOSED)
    command = [sys.executable, script, f"{plugins}:by_kind"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "closed\n"
        # A worker that was being forked at that instant finds the pool gone, and ends by itself.
        give_up = time.monotonic() + 60
        while left := descendants(process.pid):
            assert time.monotonic() < give_up, left
            time.sleep(0.05)


PARENT = """
import signal, sys
from potstill.engine.plugins import PluginCall
from potstill.engine.workers import Workers

# A shell that starts a job in the background lets it ignore SIGINT, and so all below it.
signal.signal(signal.SIGINT, signal.default_int_handler)

def main():
    call = PluginCall("verifiers", sys.argv[1], {}, allow_code=True)
    with Workers(2) as pool:
        for found in pool.map(call, [(("add", 1),)] + [(("loop", 0),)] * 9, timeout_s=0.5):
            print(found, flush=True)

if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.fixture
def parent(tmp_path: Path, plugins: Path) -> Iterator[subprocess.Popen[str]]:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    process = subprocess.Popen(
        [sys.executable, script, f"{plugins}:by_kind"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "1\n"
    yield process
    process.kill()
    process.communicate()


def test_ctrl_c_reaches_the_parent_alone(parent: subprocess.Popen[str]) -> None:
    workers = descendants(parent.pid)
    assert len(workers) == 2
    os.killpg(parent.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    out, err = parent.communicate(timeout=60)
    assert (out, err, parent.returncode) == ("interrupted\n", "", 0)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_wedged_workers_end_by_themselves_when_the_parent_is_killed(
    parent: subprocess.Popen[str],
) -> None:
    workers = descendants(parent.pid)
    assert len(workers) == 2
    parent.kill()
    deadline = time.monotonic() + 300
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < deadline, "wedged workers outlive their parent"
        time.sleep(0.1)


UNGUARDED = """
import sys
from potstill.engine.workers import Workers

def own(number):
    return -number

print("started")
with Workers(2) as pool:
    print(list(pool.map(abs, [-1, -2], timeout_s=30)), *pool.map(own, [3], timeout_s=30))
print(sys.modules["__main__"].__spec__)
"""


@pytest.mark.parametrize("how", ["script", "command", "input"])
def test_workers_leave_the_main_module_alone(tmp_path: Path, how: str) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(UNGUARDED)
    arguments = {"script": [script], "command": ["-c", UNGUARDED], "input": ["-"]}[how]
    done = subprocess.run(
        [sys.executable, *arguments],
        input=UNGUARDED if how == "input" else None,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    started, found, spec = done.stdout.splitlines()
    assert (started, spec) == ("started", "None")
    assert found.startswith("[1, 2] Failure(kind='error', detail=\"AttributeError: Can't get")


def test_workers_serve_threads(pool: Workers) -> None:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.extend(pool.map(abs, [-5], timeout_s=30)))
    thread.start()
    thread.join()
    assert found == [5]
