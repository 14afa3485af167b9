"""The first process of a sandbox. It never runs a line of the program.

Being the first of its namespace, it gets no signal from the others; its own files in /proc are
covered. It starts the program, watches it, and leaves nothing of one run to the next. It knows
nothing that the program may not know: neither what is expected nor the tests still to come.
"""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import stat
import sys
import time
from contextlib import suppress
from typing import Any

from potstill.sandbox.inside.child import close_all_but, confine, limit_cpu, run_python
from potstill.sandbox.inside.frames import ClosedError, frame, receive, send
from potstill.sandbox.inside.processes import kill_all, kill_all_but
from potstill.sandbox.inside.template import Template
from potstill.sandbox.inside.watch import Watch

_HOME = "/tmp"
_PROGRAM = "/program/main"
_WRITABLE = (_HOME, "/dev/shm")
_MOST_LEFT = 1_000
_FORGED = "the program wrote to the descriptor of results"


class First:
    """Does what it is told by the pipe of commands."""

    def __init__(self, commands: int, replies: int) -> None:
        """Take over the two pipes."""
        self._commands, self._replies = commands, replies
        self._program: dict[str, Any] = {}
        self._files: dict[str, bytes] = {}
        self._template: Template | None = None
        self._worn = False

    def serve(self) -> None:
        """Work until the pipe of commands is closed."""
        self._reply({"status": "ready"})
        while True:
            try:
                head, body = receive(self._commands)
            except ClosedError:
                os._exit(0)  # and with it all others
            getattr(self, "_" + head.pop("do"))(body, **head)

    def _load(
        self, body: bytes, files: dict[str, int], packages: list[str], size: int, **program: Any
    ) -> None:
        """Take in the program: its code, followed by its files."""
        sys.path[:] = [_HOME, *sys.path, *packages]
        self._program = {**program, "source": body[:size].decode()}
        for name, length in files.items():
            self._files[name] = body[size : size + length]
            size += length

    def _run(self, body: bytes, limits: dict[str, Any], fetch: str = "") -> None:
        """Run the program from its start with this input; return a file that it makes, too."""
        self._discard_template()
        self._lay_out()
        language = self._program["language"]
        stdin, stdout, stderr, status = (os.pipe() for _ in range(4))
        watch = Watch(limits)
        pid = os.fork()
        if not pid:
            self._become(language, limits, (stdin[0], stdout[1], stderr[1]), status[1])
        for fd in (stdin[0], stdout[1], stderr[1], status[1]):
            os.close(fd)
        watch.feed(stdin[1], body, close=True)
        out, err = watch.collect(stdout[0]), watch.collect(stderr[0], cut=True)
        watch.process(pid)
        overrun = watch.wait(lambda: pid in watch.ended)
        kill_all()
        watch.close()
        failed = os.read(status[0], 1)
        for fd in (stdout[0], stderr[0], status[0]):
            os.close(fd)
        reply = _ending(*watch.ended[pid]) if pid in watch.ended else _killed()
        if failed == b"c":
            reply["status"] = "compile_error"
        elif failed == b"x":
            reply["status"] = "sandbox_error"
        self._tell(reply, overrun, watch, out.data(), err.data(), _fetched(fetch, limits))

    def _become(
        self, language: str, limits: dict[str, Any], streams: tuple[int, int, int], status: int
    ) -> None:
        try:
            confine(language, limits, streams)
            limit_cpu(limits)
            status = fcntl.fcntl(status, fcntl.F_DUPFD_CLOEXEC, 3)
            close_all_but(status)
            if language != "python":
                command = self._program["arguments"] or [_PROGRAM]
                os.execve(command[0], command, dict(os.environ))
        except OSError:
            os.write(status, b"x")
            os._exit(127)
        run_python(self._program["source"], status)

    def _call(self, body: bytes, nonce: str, limits: dict[str, Any]) -> None:
        """Call a function of the program in a process forked from one that has imported it."""
        self._lay_out()
        new = not self._template
        watch, outcome = self._converse(body, nonce, limits)
        if not new and outcome[1] in ("", "forged") and not outcome[0]:
            # What an earlier call did to its parent is not this one's fault.
            self._discard_template()
            watch, outcome = self._converse(body, nonce, limits)
        self._finish_call(watch, *outcome)

    def _converse(
        self, body: bytes, nonce: str, limits: dict[str, Any]
    ) -> tuple[Watch, tuple[str | None, str, bytes]]:
        if not self._template:
            self._template = Template(self._program, limits)
            watch = Watch(limits)
            loading = os.urandom(8).hex()  # the call's own is not to be known before it
            outcome = self._template.converse(watch, loading, b"", self._ask)
            if outcome[0] or outcome[1] != "ready":
                return watch, outcome
        watch = Watch(limits)
        return watch, self._template.converse(watch, nonce, body, self._ask)

    def _finish_call(self, watch: Watch, overrun: str | None, kind: str, answer: bytes) -> None:
        template = self._template
        assert template
        reply = _ending(template.status, None)
        watch.memory = max(watch.memory, template.memory)
        if kind == "value":
            reply["status"] = "ok"
        elif kind == "compile_error":
            reply["status"] = "compile_error"
        elif reply["status"] == "ok":
            reply["status"] = "runtime_error"
        if kind == "forged":
            reply["detail"] = _FORGED
        out, err = template.out.data(), template.err.data()
        usable = kind in ("value", "error") and not overrun and template.usable
        if not usable or not kill_all_but(template.pid):
            self._discard_template()
        reply["kind"] = kind
        self._tell(reply, overrun, watch, out, err, answer)

    def _ask(self, body: bytes) -> tuple[bytes, float]:
        """Have a question of the program answered outside; return the seconds that it took."""
        start = time.monotonic()
        self._reply({"status": "ask"}, body)
        _, answer = receive(self._commands)
        return answer, time.monotonic() - start

    def _tell(
        self,
        reply: dict[str, Any],
        overrun: str | None,
        watch: Watch,
        out: bytes,
        err: bytes,
        answer: bytes = b"",
    ) -> None:
        if overrun:
            reply.update(status=overrun, detail=watch.detail)
        reply.update(
            cpu_s=watch.spent,
            wall_s=watch.wall_s(),
            memory=max(watch.memory, reply.pop("memory", 0)),
            sizes=[len(out), len(err), len(answer)],
            worn=self._worn or not _tidied(),
        )
        self._reply(reply, out + err + answer)

    def _lay_out(self) -> None:
        """Write the program's files anew."""
        for name, data in self._files.items():
            path = os.path.join(_HOME, name)
            with open(path, "wb") as file:
                file.write(data)

    def _discard_template(self) -> None:
        if self._template:
            self._template.close()
            self._template = None
        kill_all()

    def _reply(self, head: dict[str, Any], body: bytes = b"") -> None:
        send(self._replies, frame(head, body))


def _ending(status: int, usage: Any) -> dict[str, Any]:
    """Describe how a process ended."""
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    outcome = "runtime_error" if number or code else "ok"
    if number == signal.SIGXCPU:
        outcome = "time_limit"
    elif number == signal.SIGXFSZ:
        outcome = "output_limit"
    memory = usage.ru_maxrss << 10 if usage else 0
    return {"status": outcome, "signal": number, "exit_code": code, "memory": memory}


def _killed() -> dict[str, Any]:
    """Describe the end of a process that overran a limit."""
    return {"status": "ok", "signal": signal.SIGKILL, "exit_code": None, "memory": 0}


def _fetched(name: str, limits: dict[str, Any]) -> bytes:
    """Read a file that the program made, if it is one."""
    if not name:
        return b""
    try:
        fd = os.open(os.path.join(_HOME, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with open(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return b""
        return file.read(limits["file_bytes"])


def _tidied() -> bool:
    """Remove what the program left in its folders; return False if that is more than a few files.

    The sandbox is then done with, which is quicker than walking through what may be anything.
    """
    with suppress(OSError):
        for folder in _WRITABLE:
            names = os.listdir(folder)
            if len(names) > _MOST_LEFT:
                return False
            for name in names:
                os.unlink(os.path.join(folder, name))
        return True
    return False


def main() -> None:
    """Serve on standard input and output, which the program gets others for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    commands, replies = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 64) for fd in (0, 1))
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    gc.freeze()  # a collection in a process forked from this one then touches little memory
    First(commands, replies).serve()
