"""Runs whose teacher is asked by batches: killed, stopped, two at once; nothing is paid twice."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PROBLEMS = 40

RECIPE = """
name: {name}
sources:
  - {{use: jsonl, path: problems.jsonl, map: {{problem: question, reference_answer: gold}}}}
distil:
  teachers:
    - {{model: scripted, base_url: "{base_url}", batch: {{max_requests: 5, poll_s: 0.1}}}}
export: [{{use: messages}}]
"""

# The method of the class is called as always; then, or instead, the process is killed.
KILLER = """
import os, signal, sys
from potstill.cli import main
from potstill.models.batches.api import BatchApi
from potstill.storage.batches import BatchLedger

owner, name, when, left = sys.argv.pop(1).split(".")
of = {"BatchApi": BatchApi, "BatchLedger": BatchLedger}[owner]
original, left = getattr(of, name), int(left)

def kill():
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

def sync(*arguments):
    if when == "before":
        kill()
    result = original(*arguments)
    if when == "after":
        kill()
    return result

async def coroutine(*arguments):
    if when == "before":
        kill()
    result = await original(*arguments)
    if when == "after":
        kill()
    return result

setattr(of, name, coroutine if owner == "BatchApi" else sync)
main()
"""

MOMENTS = [
    "BatchLedger.intend.after.1",  # nothing is sent yet
    "BatchApi.upload.after.1",  # the file is there, and nobody knows
    "BatchLedger.uploaded.after.1",  # no batch of it yet
    "BatchApi.create.after.1",  # there is a batch, and nobody knows
    "BatchApi.create.after.2",
    "BatchApi.look.after.1",  # while it waits
    "BatchLedger.done.before.2",  # answers are in the journal, and still in the ledger
    "BatchLedger.done.after.2",
    "BatchLedger.close_batch.before.1",
]


class Server(NamedTuple):
    """A scripted teacher that takes batches, in a process of its own."""

    base_url: str

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.base_url.removesuffix("/v1") + path) as reply:
            return json.load(reply)

    def check(self, answers: int) -> None:
        """Look that each call was answered once."""
        stats = self.get("/stats?brief=1")
        assert (stats["answers"], stats["doubled"]) == (answers, 0)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start a server whose batches take so many seconds."""
    started: list[subprocess.Popen[str]] = []

    def start(seconds: float = 0.0) -> Server:
        command = [sys.executable, "-m", "potstill", "serve-scripted", "--port", "0"]
        server = subprocess.Popen(
            [*command, "--batch-s", str(seconds)], stdout=subprocess.PIPE, text=True
        )
        started.append(server)
        assert server.stdout is not None
        return Server(server.stdout.readline().split()[-1])

    yield start
    for server in started:
        server.terminate()
        server.communicate()


def write(folder: Path, server: Server, *names: str) -> None:
    rows = [
        {"question": f"What is {i} plus {7 * i}, said slowly?", "gold": 8 * i}
        for i in range(PROBLEMS)
    ]
    (folder / "problems.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in names:
        text = RECIPE.format(name=name, base_url=server.base_url)
        (folder / f"{name}.yaml").write_text(text)


def run(folder: Path, recipe: str = "a.yaml", kill: str = "") -> subprocess.Popen[str]:
    before = ["-c", KILLER, kill] if kill else ["-m", "potstill"]
    return subprocess.Popen(
        [sys.executable, *before, "run", recipe, "--quiet"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end of a run; return its exit code and what it said, on one line."""
    _, said = process.communicate()
    return process.returncode, said.replace("\n", " ")


@pytest.mark.slow
def test_killed_at_every_moment(tmp_path, serve) -> None:
    server = serve()
    write(tmp_path, server, "a")
    for moment in MOMENTS:
        code, said = finish(run(tmp_path, kill=moment))
        assert code == -signal.SIGKILL, (moment, said)
    assert finish(run(tmp_path)) == (0, "")
    server.check(PROBLEMS)
    rows = (tmp_path / "runs/a/08-export/messages").rglob("*.jsonl")
    assert sum(len(path.read_text().splitlines()) for path in rows) == PROBLEMS
    names = {path.name for path in (tmp_path / "runs/journal").iterdir()}
    assert names == {"calls.sqlite3", "batches.sqlite3", "batches.lock"}


def test_stopped_while_waiting(tmp_path, serve) -> None:
    server = serve(8.0)
    write(tmp_path, server, "a")
    first = run(tmp_path)
    while len(server.get("/v1/batches")["data"]) < 8:
        assert first.poll() is None
        time.sleep(0.05)
    first.send_signal(signal.SIGINT)
    code, said = finish(first)
    assert code == 3, said
    assert (
        f"{PROBLEMS} calls to teacher 'scripted' at {server.base_url} are being answered in 8 "
        "batches; the same command collects them" in said
    )
    recipe = tmp_path / "a.yaml"
    text = recipe.read_text()
    recipe.write_text(text.replace(", batch: {max_requests: 5, poll_s: 0.1}", ""))
    code, said = finish(run(tmp_path))
    assert code == 2, said
    assert "40 calls to 'scripted' are being answered in batches: set `batch: true`" in said
    recipe.write_text(text)
    assert finish(run(tmp_path)) == (0, "")
    server.check(PROBLEMS)
    assert len(server.get("/v1/batches")["data"]) == 8


def test_two_runs_at_once(tmp_path, serve) -> None:
    server = serve(0.5)
    write(tmp_path, server, "a", "b")
    both = [run(tmp_path, "a.yaml"), run(tmp_path, "b.yaml")]
    assert [finish(each) for each in both] == [(0, ""), (0, "")]
    server.check(PROBLEMS)


def test_nobody_listens(tmp_path, serve) -> None:
    server = serve()
    write(tmp_path, server, "a")
    recipe = tmp_path / "a.yaml"
    recipe.write_text(recipe.read_text().replace(server.base_url, "http://127.0.0.1:9/v1"))
    code, said = finish(run(tmp_path))
    assert code == 2
    assert "teacher 'scripted' at http://127.0.0.1:9/v1 does not answer" in said
    assert "Traceback" not in said
