"""One sandbox while it lives: the processes, the two pipes to the first of them, and its end."""

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from potstill.sandbox.cgroups import Group
from potstill.sandbox.inside.frames import Frames, frame

_LOOK_S = 0.05
"""Seconds between two looks at whether memory ran out."""
_START_S = 60.0
_END_S = 5.0
"""How long an idle sandbox may take to end by itself."""
_REPLY_BYTES = 1 << 30
_STDERR_BYTES = 4_000

Message = tuple[dict[str, Any], bytes]


class SandboxLostError(Exception):
    """The sandbox did not answer: its text says why; nothing is known about the program."""


class MemoryLostError(Exception):
    """The sandbox ended because its memory was used up."""


class Launcher:
    """The process that starts sandboxes."""

    def __init__(self) -> None:
        """Start it."""
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = Path(__file__).with_name("launcher.py")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(program), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={},
            )

    def start(
        self, command: Sequence[str], fds: Sequence[int], groups: Sequence[str], uid: int | None
    ) -> int:
        """Start a command with these descriptors, from 0 on; return its number.

        Raises:
            SandboxLostError: The launcher is gone.
        """
        order = {"command": list(command), "groups": list(groups), "uid": uid}
        return self._ask(order, fds)["pid"]

    def end(self, pid: int, *, patience_s: float) -> int:
        """Wait so long for a process to end, then kill it with its descendants; return its status.

        Raises:
            SandboxLostError: The launcher is gone.
        """
        return self._ask({"end": pid, "patience_s": patience_s})["status"]

    def close(self) -> None:
        """End it."""
        self._socket.close()
        self._process.wait()

    def _ask(self, order: dict[str, Any], fds: Sequence[int] = ()) -> dict[str, Any]:
        try:
            socket.send_fds(self._socket, [json.dumps(order).encode()], list(fds))
            reply = self._socket.recv(1 << 16)
        except OSError as error:
            raise SandboxLostError(f"the process that starts sandboxes is gone: {error}") from None
        if not reply:
            raise SandboxLostError("the process that starts sandboxes is gone")
        return json.loads(reply)


class Session:
    """The processes of one sandbox."""

    def __init__(
        self,
        launcher: Launcher,
        command: Sequence[str],
        *,
        code: bytes,
        fds: Sequence[bytes],
        group: Group | None,
        uid: int | None,
    ) -> None:
        """Start them, and wait until the first is ready.

        Args:
            launcher: Starts them.
            command: Of bubblewrap.
            code: What the first process is to read before anything else.
            fds: What is to be read from descriptors from 3 on.
            group: The control group that they join.
            uid: Whom they run as; None is who runs this.

        Raises:
            SandboxLostError: They don't start; the text holds what they wrote.
        """
        self._launcher, self._group = launcher, group
        self._frames = Frames(_REPLY_BYTES)
        self._kills = group.kills() if group else 0
        read, self._commands = os.pipe()
        self._replies, write = os.pipe()
        self._errors, errors = os.pipe()
        given = [read, write, errors, *map(_readable, fds)]
        try:
            self._pid = launcher.start(command, given, group.entrances if group else (), uid)
        finally:
            for fd in given:
                os.close(fd)
        for fd in (self._commands, self._replies, self._errors):
            os.set_blocking(fd, False)
        try:
            self._exchange(len(code).to_bytes(4, "big") + code, _START_S)
        except (SandboxLostError, MemoryLostError):
            self.close()
            raise

    def tell(self, head: dict[str, Any], body: bytes) -> None:
        """Send a message that is not answered."""
        self._exchange(frame(head, body), _START_S, answered=False)

    def ask(
        self,
        head: dict[str, Any],
        body: bytes,
        *,
        patience_s: float,
        answer: Callable[[bytes], bytes],
    ) -> Message:
        """Send a message, and return the answer; questions that come before it are answered.

        Raises:
            SandboxLostError: There is none, in this time or because the sandbox ended.
            MemoryLostError: The sandbox ended because of its memory.
        """
        reply, content = self._exchange(frame(head, body), patience_s)
        while reply["status"] == "ask":
            reply, content = self._exchange(frame({}, answer(content)), patience_s)
        return reply, content

    def memory_ran_out(self) -> bool:
        """Return whether a process was killed for memory since the last question of this kind."""
        before, self._kills = self._kills, self._group.kills() if self._group else 0
        return self._kills > before

    def close(self) -> None:
        """End all of its processes: the first ends without commands, unless it is busy."""
        os.close(self._commands)
        with suppress(SandboxLostError):
            self._launcher.end(self._pid, patience_s=0 if self._busy else _END_S)
        os.close(self._replies)
        os.close(self._errors)

    def _exchange(self, data: bytes, patience_s: float, *, answered: bool = True) -> Message:
        """Write what the first process takes, read what it says, and look after its memory."""
        self._busy = True
        left = memoryview(data)
        end = time.monotonic() + patience_s
        poll = select.poll()
        poll.register(self._commands, select.POLLOUT)
        poll.register(self._replies, select.POLLIN)
        while left or answered:
            ready = poll.poll(_LOOK_S * 1000)
            for fd, _ in ready:
                if fd == self._replies:
                    if found := self._received():
                        self._busy = False
                        return found
                elif left:
                    left = left[self._written(left) :]
                if not left and fd == self._commands:
                    poll.unregister(fd)
            if not ready and self._group and self._group.kills() > self._kills:
                raise MemoryLostError
            if time.monotonic() > end:
                raise SandboxLostError(f"no answer in {patience_s:.0f} s")
        self._busy = False
        return {}, b""

    def _received(self) -> Message | None:
        data = os.read(self._replies, 1 << 20)
        if not data:
            if self.memory_ran_out():
                raise MemoryLostError
            raise SandboxLostError(f"it ended: {self._last_words()}")
        messages = self._frames.feed(data)
        return messages[0] if messages else None

    def _written(self, data: memoryview) -> int:
        try:
            return os.write(self._commands, data)
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            if self.memory_ran_out():
                raise MemoryLostError from None
            raise SandboxLostError(f"it ended: {self._last_words()}") from None

    def _last_words(self) -> str:
        with suppress(BlockingIOError):
            return os.read(self._errors, _STDERR_BYTES).decode(errors="replace").strip()
        return "it said nothing"


def _readable(data: bytes) -> int:
    """Return a descriptor from which the bytes can be read."""
    fd = os.memfd_create("potstill", os.MFD_CLOEXEC)
    with open(fd, "wb", closefd=False) as file:
        file.write(data)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
