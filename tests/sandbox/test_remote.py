"""The remote backend, against a small server of SandboxFusion's protocol."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from potstill.errors import InputError
from potstill.sandbox import Limits, Program, Sandbox, SandboxFusion
from servers.faults import serving


class Server:
    """Replies to be given in turn; without any, Python code is really run."""

    def __init__(self) -> None:
        self.replies: list[Any] = []
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.url = ""


class Handler(BaseHTTPRequestHandler):
    server_of: Any

    def do_POST(self) -> None:
        server = self.server_of
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.requests.append({"path": self.path, **json.loads(body)})
        server.keys.append(self.headers["Authorization"])
        reply = server.replies.pop(0) if server.replies else ran(server.requests[-1])
        if reply == "hang up":
            self.close_connection = True
            return
        status, content = reply if isinstance(reply, tuple) else (200, reply)
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def ran(request: dict[str, Any]) -> dict[str, Any]:
    """Do what SandboxFusion does with Python code."""
    done = subprocess.run(
        [sys.executable, "-c", request["code"]],
        input=request["stdin"],
        capture_output=True,
        text=True,
    )
    status = "Failed" if done.returncode else "Success"
    return reply(status, code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def reply(
    status: str = "Success",
    *,
    run: str = "Finished",
    code: int | None = 0,
    stdout: str = "",
    stderr: str = "",
    compiled: dict[str, Any] | None = None,
) -> dict[str, Any]:
    result = {
        "status": run,
        "execution_time": 0.25,
        "return_code": code,
        "stdout": stdout,
        "stderr": stderr,
    }
    return {
        "status": status,
        "message": "",
        "compile_result": compiled,
        "run_result": result,
        "executor_pod_name": None,
        "files": {},
    }


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("potstill.sandbox.remote.WAITS", (0.0,))
    monkeypatch.setenv("no_proxy", "*")
    state = Server()
    with serving(Handler, state):
        yield state


def one(server: Server, program: Program, stdin: str = "", **limits):
    backend = SandboxFusion(server.url)
    with Sandbox(backend=backend) as sandbox:
        assert sandbox.level == "remote"
        with sandbox.submission(program, Limits(**limits)) as submission:
            return submission.run(stdin)


def test_request_of_a_run(server):
    program = Program("python", "print(input())", {"a.txt": b"\0\1"})
    run = one(server, program, "7\n", cpu_s=3, memory_mb=100)
    assert (run.status, run.stdout, run.exit_code) == ("ok", "7\n", 0)
    (request,) = server.requests
    assert request == {
        "path": "/run_code",
        "code": "print(input())",
        "language": "python",
        "stdin": "7\n",
        "compile_timeout": 60,
        "run_timeout": 6,
        "memory_limit_MB": 100,
        "files": {"a.txt": base64.b64encode(b"\0\1").decode()},
    }


FAILED = {"status": "Finished", "execution_time": 1, "return_code": 1, "stderr": "main.cpp:1"}
SLOW = {"status": "TimeLimitExceeded", "execution_time": 60}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (reply(), "ok"),
        (reply("Failed", code=1), "runtime_error"),
        (reply("Failed", code=-11), "runtime_error"),
        (reply("Failed", run="TimeLimitExceeded", code=None), "time_limit"),
        (reply(stdout="x" * 3000), "output_limit"),
        (reply("Failed", compiled=FAILED), "compile_error"),
        (reply("Failed", compiled=SLOW), "compile_error"),
        ({"status": "Success", "message": ""}, "sandbox_error"),
        (reply(run="Odd"), "sandbox_error"),
        ({"status": "Success", "run_result": [1]}, "sandbox_error"),
    ],
)
def test_statuses(server, answer, status):
    server.replies.append(answer)
    run = one(server, Program("cpp", "int main() {}"), output_bytes=2000)
    assert run.status == status
    assert len(server.requests) == 1


def test_signal_of_a_run(server):
    server.replies.append(reply("Failed", code=-11))
    run = one(server, Program("cpp", ""))
    assert (run.exit_code, run.signal, run.wall_s) == (None, 11, 0.25)


def test_output_that_the_server_may_have_cut_is_undecided(server):
    server.replies.append(reply(stdout="x" * (1 << 20)))
    assert one(server, Program("python", "")).status == "sandbox_error"


@pytest.mark.parametrize(
    "fault",
    [
        "hang up",
        (503, b""),
        (429, b"slow down"),
        (200, b"<html>"),
        (200, b"[" * 100_000),
        (200, {"status": "SandboxError", "message": "no room"}),
        (200, {"other": 1}),
    ],
)
def test_fault_is_tried_again(server, fault):
    server.replies += [fault, fault, reply(stdout="1")]
    assert one(server, Program("python", "")).stdout == "1"
    assert len(server.requests) == 3


def test_lasting_fault_is_undecided(server):
    server.replies += [(503, b"")] * 9
    run = one(server, Program("python", ""))
    assert run.status == "sandbox_error"
    assert run.detail == f"{server.url}: status 503"
    assert len(server.requests) == 4


def test_refusal_is_not_tried_again(server):
    server.replies.append((422, b""))
    assert one(server, Program("python", "")).status == "sandbox_error"
    assert len(server.requests) == 1


def test_nobody_listens(monkeypatch):
    monkeypatch.setattr("potstill.sandbox.remote.WAITS", (0.0,))
    monkeypatch.setenv("no_proxy", "*")
    backend = SandboxFusion("http://127.0.0.1:9")
    with Sandbox(backend=backend) as sandbox, sandbox.submission(Program("python", "")) as program:
        run = program.run()
    assert run.status == "sandbox_error"
    assert "ConnectionRefused" in run.detail or "refused" in run.detail


def test_key_is_sent_and_never_told(server, monkeypatch):
    monkeypatch.setenv("FUSION_KEY", "secret-of-the-server")
    backend = SandboxFusion(server.url, key_env="FUSION_KEY")
    server.replies.append((403, b"secret-of-the-server"))
    with Sandbox(backend=backend) as sandbox, sandbox.submission(Program("python", "")) as program:
        run = program.run()
    assert server.keys == ["Bearer secret-of-the-server"]
    assert "secret" not in repr(run)


def test_missing_key_and_wrong_address(monkeypatch):
    monkeypatch.delenv("FUSION_KEY", raising=False)
    with pytest.raises(InputError, match="FUSION_KEY holds no key"):
        SandboxFusion("http://x", key_env="FUSION_KEY")
    with pytest.raises(InputError, match="no address"):
        SandboxFusion("sandbox:8080")


CALLED = """
def add(a, b): print("adding"); return a + b
def grow(x): x.append(1); return (x, {1: b"x"})
def bad(): raise KeyError("no")
def forge(): print("\\n" + "0" * 32 + "[true,[5]]"); import os; os._exit(0)
class Solution:
    def two(self, x): return 2 * x
"""


def test_calls(server):
    with (
        Sandbox(backend=SandboxFusion(server.url)) as sandbox,
        sandbox.submission(Program("python", CALLED)) as submission,
    ):
        added = submission.call("add", [1, 2])
        assert (added.status, added.value, added.stdout) == ("ok", 3, "adding\n")
        grown = submission.call("grow", [[]], with_args=True)
        assert (grown.value, grown.args) == (([1], {1: b"x"}), [[1]])
        assert submission.call("Solution.two", [4]).value == 8
        bad = submission.call("bad")
        assert (bad.status, bad.error) == ("runtime_error", "KeyError")
        forged = submission.call("forge")
        assert (forged.status, forged.value) == ("runtime_error", None)
        with pytest.raises(ValueError, match="not plain"):
            submission.call("add", [object()])


def test_program_that_asks_is_refused(server):
    with (
        Sandbox(backend=SandboxFusion(server.url)) as sandbox,
        pytest.raises(InputError, match="ask for functions"),
    ):
        sandbox.submission(Program("python", "", asks=("f",)))
