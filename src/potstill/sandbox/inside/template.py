"""Talks to the process that has imported the program, of which nothing said is believed."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from potstill.sandbox.inside.child import close_all_but, confine
from potstill.sandbox.inside.frames import Frames, frame
from potstill.sandbox.inside.importer import Importer
from potstill.sandbox.inside.watch import Stream, Watch

_END_S = 0.5
"""Seconds that a call may take to end after its value has come."""
_KINDS = ("ready", "compile_error", "error", "value", "ask", "done")


class Template:
    """The process that has imported the program, seen from outside of it."""

    def __init__(self, program: dict[str, Any], limits: dict[str, Any]) -> None:
        """Fork it; it imports the program at once."""
        commands, results, stdout, stderr = (os.pipe() for _ in range(4))
        stdin = os.open("/dev/null", os.O_RDONLY)
        self.pid = os.fork()
        if not self.pid:
            confine("python", limits, (stdin, stdout[1], stderr[1]))
            close_all_but(commands[0], results[1])
            Importer(commands[0], results[1], limits).serve(program["source"], program["asks"])
        for fd in (stdin, commands[0], results[1], stdout[1], stderr[1]):
            os.close(fd)
        self._fds = [commands[1], results[0], stdout[0], stderr[0]]
        self._most = limits["output_bytes"]
        self.status, self.memory = 0, 0
        self.usable = True
        """Whether it has said and read all that belongs to the calls so far."""

    def close(self) -> None:
        """Close the pipes; the process is ended by who discards it."""
        for fd in self._fds:
            os.close(fd)

    def converse(
        self, watch: Watch, nonce: str, body: bytes, ask: Any
    ) -> tuple[str | None, str, bytes]:
        """Send a call; return the limit that it overran, what kind of answer came, and it.

        Only what carries the nonce of this call, which nobody could know before it, counts.
        """
        commands, results, stdout, stderr = self._fds
        for fd in (stdout, stderr):  # what a killed one still had written
            Stream(fd).drain(self._most)
        self.out, self.err = watch.collect(stdout), watch.collect(stderr, cut=True)
        self.status, self.memory = 0, 0
        talk = _Talk(nonce, self._most)

        def take() -> None:
            for question in talk.read(results):
                self.usable = False  # who asks and doesn't wait leaves the answer in the pipe
                reply, seconds = ask(question)
                watch.pause(seconds)
                watch.feed(commands, frame({"nonce": nonce}, reply))

        watch.add(results, take)
        watch.process(self.pid)
        watch.feed(commands, frame({"nonce": nonce}, body))
        overrun: str | None = None
        try:
            overrun = watch.wait(lambda: talk.ended() or self.pid in watch.ended)
        except OverflowError:
            overrun = "output_limit"
        except ValueError:
            talk.kind, talk.answer = "forged", b""
        watch.close()
        self.usable = self.usable and talk.complete
        self.status, self.memory = talk.status, talk.memory
        if self.pid in watch.ended and not self.status:
            self.status = watch.ended[self.pid][0]
        return overrun, talk.kind, talk.answer


class _Talk:
    """What a template says about one call."""

    def __init__(self, nonce: str, most: int) -> None:
        self._nonce, self._frames = nonce, Frames(most)
        self._gone, self._since = False, 0.0
        self.kind, self.answer = "", b""
        self.status, self.memory = 0, 0
        self.complete = False
        """Whether the last of its words has come."""

    def read(self, results: int) -> list[bytes]:
        """Take in what came; return the program's questions.

        Raises:
            ValueError: It is not of this call, or no message.
            OverflowError: It is too large.
        """
        data = os.read(results, 1 << 16)
        self._gone = self._gone or not data
        questions: list[bytes] = []
        for head, content in self._frames.feed(data):
            kind = head.get("kind")
            if head.get("nonce") != self._nonce or kind not in _KINDS:
                raise ValueError("of another call")
            if kind == "done":
                self.status, self.memory = _reported(content)
                self._gone = self.complete = True
            elif self.kind:
                continue  # the first answer counts
            elif kind == "ask":
                questions.append(content)
            else:
                self.kind, self.answer, self._since = kind, content, time.monotonic()
                self.complete = kind == "ready"
        return questions

    def ended(self) -> bool:
        """Return whether nothing is to come that counts."""
        late = self.kind and time.monotonic() - self._since > _END_S
        return bool(self._gone or late or self.kind in ("ready", "compile_error"))


def _reported(content: bytes) -> tuple[int, int]:
    """Read a status and a size in KiB, which may be made up."""
    try:
        status, size = json.loads(content)
    except (TypeError, RecursionError):
        raise ValueError("no message") from None
    if type(status) is not int or type(size) is not int or not 0 <= status < 1 << 16:
        raise ValueError("no message")
    return status, max(0, min(size, 1 << 40)) << 10
