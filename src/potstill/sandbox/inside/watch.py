"""Watches over a program: what it writes, when it ends, and whether it keeps to its limits."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from potstill.sandbox.inside.processes import cpu_seconds, files, memory_bytes, reap

_TICK_S = 0.02
"""Seconds between two looks at what the processes use."""
_KEPT = 1 << 14
"""Bytes of the error stream that are kept from its start, and as many from its end."""


class Stream:
    """What comes out of one pipe."""

    def __init__(self, fd: int, *, cut: bool = False) -> None:
        """Read from `fd`; keep only the start and the end if `cut`."""
        os.set_blocking(fd, False)
        self.fd, self.count = fd, 0
        self._cut, self._start, self._end = cut, bytearray(), bytearray()

    def read(self) -> bytes:
        """Take in what is there; return it, which is empty at the pipe's end.

        Raises:
            BlockingIOError: There is nothing by now.
        """
        data = os.read(self.fd, 1 << 16)
        self.count += len(data)
        free = _KEPT - len(self._start) if self._cut else len(data)
        self._start += data[:free]
        if len(data) > free:
            self._end = (self._end + data[max(free, 0) :])[-_KEPT:]
        return data

    def drain(self, most: int) -> None:
        """Take in what is left, as long as fewer than so many bytes have come."""
        with suppress(BlockingIOError):
            while self.count <= most and self.read():
                pass

    def data(self) -> bytes:
        """Return what was kept."""
        gap = self.count - len(self._start) - len(self._end)
        note = b"\n[... %d bytes ...]\n" % gap if gap else b""
        return bytes(self._start + note + self._end)


class Watch:
    """One program's run, from its start on."""

    def __init__(self, limits: dict[str, Any]) -> None:
        """Start the clocks.

        Args:
            limits: The fields of `Limits`, and `unaided`: no cgroup watches over memory.
        """
        self._limits = limits
        self._cpu_before = cpu_seconds()
        self._start = time.monotonic()
        self._poll = select.poll()
        self._handlers: dict[int, Callable[[], None]] = {}
        self.streams: list[Stream] = []
        self.ended: dict[int, Any] = {}
        self.memory = 0
        self.spent = 0.0
        """CPU time at the last look, and at the end."""
        self.detail = ""
        self._own: set[int] = set()

    def add(self, fd: int, handler: Callable[[], None], events: int = select.POLLIN) -> None:
        """Call the handler whenever the descriptor is ready."""
        self._poll.register(fd, events)
        self._handlers[fd] = handler

    def drop(self, fd: int) -> None:
        """Watch a descriptor no longer; close it if it is the watch's own."""
        if self._handlers.pop(fd, None):
            self._poll.unregister(fd)
        if fd in self._own:
            self._own.remove(fd)
            os.close(fd)

    def close(self) -> None:
        """Watch nothing any more."""
        for fd in [*self._handlers]:
            self.drop(fd)

    def collect(self, fd: int, *, cut: bool = False) -> Stream:
        """Take in what comes out of a pipe; it counts as output."""
        stream = Stream(fd, cut=cut)
        self.streams.append(stream)
        self.add(fd, lambda: self._read(stream))
        return stream

    def feed(self, fd: int, data: bytes, *, close: bool = False) -> None:
        """Write into a pipe as it takes it, and close it at the end if told to."""
        os.set_blocking(fd, False)
        left = memoryview(data)
        if close:
            self._own.add(fd)

        def write() -> None:
            nonlocal left
            try:
                left = left[os.write(fd, left) :] if left else left
            except BlockingIOError:
                return
            except BrokenPipeError:
                left = left[:0]
            if not left:
                self.drop(fd)

        self.add(fd, write, select.POLLOUT)

    def process(self, pid: int) -> None:
        """Wake up when this process ends."""
        with suppress(AttributeError, OSError):  # an older Python or kernel: looks will do
            fd = os.pidfd_open(pid)
            self._own.add(fd)
            self.add(fd, lambda: self.drop(fd))

    def pause(self, seconds: float) -> None:
        """Don't count so many seconds, for which the program had to wait for us."""
        self._start += seconds

    def wait(self, done: Callable[[], bool]) -> str | None:
        """Return when it is done, or the status of the limit that was overrun."""
        due = self._start + _TICK_S
        while True:
            self.ended.update(reap())
            if done():
                return self._overrun_at_end()
            for fd, _ in self._poll.poll(_TICK_S * 1000):
                if handler := self._handlers.get(fd):
                    handler()
            if self.output() > self._limits["output_bytes"]:
                return "output_limit"
            if time.monotonic() >= due:
                if status := self._overrun():
                    return status
                due = time.monotonic() + _TICK_S

    def output(self) -> int:
        """Return how many bytes were written."""
        return sum(stream.count for stream in self.streams)

    def cpu_s(self) -> float:
        """Return the CPU time since the start."""
        return cpu_seconds() - self._cpu_before

    def wall_s(self) -> float:
        """Return the time since the start by the clock."""
        return time.monotonic() - self._start

    def _overrun(self) -> str | None:
        limits = self._limits
        self.spent = self.cpu_s()
        if self.spent > limits["cpu_s"]:
            return "time_limit"
        if self.wall_s() > limits["wall_s"]:
            self.detail = f"{limits['wall_s']:g} s by the clock"
            return "time_limit"
        if files() > limits["files"]:
            self.detail = f"more than {limits['files']} files"
            return "output_limit"
        if limits["unaided"]:
            self.memory = max(self.memory, memory_bytes())
            if self.memory > limits["memory_mb"] << 20:
                return "memory_limit"
        return None

    def _overrun_at_end(self) -> str | None:
        for stream in self.streams:
            stream.drain(self._limits["output_bytes"])
        if self.output() > self._limits["output_bytes"]:
            return "output_limit"
        self.spent = self.cpu_s()
        return "time_limit" if self.spent > self._limits["cpu_s"] else None

    def _read(self, stream: Stream) -> None:
        with suppress(BlockingIOError):
            if not stream.read():
                self.drop(stream.fd)
