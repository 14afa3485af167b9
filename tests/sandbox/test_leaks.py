"""What is left after many submissions, and after the death of who made them: nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from potstill.sandbox import Limits, Program, Sandbox, cgroups

CODES = [
    "print(1)",
    "import os\nif not os.fork(): os.setsid(); import time; time.sleep(99)",
    "open('/tmp/x', 'w').write('x' * 99999)",
    "import os\nos.makedirs('/tmp/a/b/c')",
    "import os\nos.kill(-1, 9)",
    "import os\nos.closerange(0, 256)",
]
OPEN = """
import time
from potstill.sandbox import Program, Sandbox
with Sandbox() as sandbox, sandbox.submission(Program("python", "input()")) as submission:
    submission.run("x")
    print("ready", flush=True)
    time.sleep(600)
"""


def belongings() -> dict[str, set[str]]:
    """Return what sandboxes of this process could leave."""
    place = cgroups.find()
    folders = place.folders if place else ()
    mine = f"potstill-{os.getpid()}-"
    return {
        "descriptors": set(os.listdir("/proc/self/fd")),
        "groups": {path.name for folder in folders for path in folder.glob(f"{mine}*")},
        "files": {path.name for path in Path("/tmp").glob("potstill-bwrap-*")},
        "mounts": set(Path("/proc/self/mountinfo").read_text().splitlines()),
        "processes": set(children(os.getpid())),
    }


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_hundreds_of_submissions_leave_nothing(level):
    before = belongings()
    with Sandbox() as sandbox:
        for number in range(200):
            program = Program("python", CODES[number % len(CODES)])
            with sandbox.submission(program, Limits(cpu_s=2)) as submission:
                assert submission.run().status in ("ok", "runtime_error")
        (launcher,) = set(children(os.getpid())) - before["processes"]
        assert children(int(launcher)) == []
    assert belongings() == before


def test_sandbox_dies_with_who_opened_it(level):
    """After `kill -9` no process lives on, and the next sandbox sweeps the group."""
    with subprocess.Popen([sys.executable, "-c", OPEN], stdout=subprocess.PIPE) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == b"ready\n"
        launchers = children(worker.pid)
        assert launchers
        inside = [pid for launcher in launchers for pid in children(int(launcher))]
        assert inside
        worker.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while any(alive(pid) for pid in launchers + inside):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with Sandbox():
        pass
    place = cgroups.find()
    for folder in place.folders if place else ():
        assert not list(folder.glob(f"potstill-{worker.pid}-*"))


def alive(pid: str) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(") ")[2][0] not in "ZX"


def test_sandbox_that_dies_is_undecided(level):
    """What is not the program's fault is not held against it, and the next run works."""
    with Sandbox() as sandbox, sandbox.submission(Program("python", "print(1)")) as submission:
        assert submission.run().status == "ok"
        (launcher,) = children(os.getpid())[-1:]
        (bwrap,) = children(int(launcher))
        os.kill(int(bwrap), signal.SIGKILL)
        run = submission.run()
        assert (run.status, run.stdout) == ("sandbox_error", "")
        assert run.detail
        assert submission.run().status == "ok"


def test_killed_sandboxes_leave_no_zombies(level):
    """What has to be killed leaves a child of its own, which somebody must wait for."""
    program = Program("python", "x = bytearray(1 << 30)\nimport time\ntime.sleep(60)")
    with Sandbox() as sandbox:
        for _ in range(4):
            with sandbox.submission(program, Limits(memory_mb=64, wall_s=20)) as submission:
                assert submission.run().status == "memory_limit"
        (launcher,) = children(os.getpid())[-1:]
        assert len(children(int(launcher))) <= 1


def test_launcher_that_dies_is_undecided(level):
    with Sandbox() as sandbox, sandbox.submission(Program("python", "print(1)")) as submission:
        (launcher,) = children(os.getpid())[-1:]
        os.kill(int(launcher), signal.SIGKILL)
        assert submission.run().status == "sandbox_error"
