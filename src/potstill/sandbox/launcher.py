"""A small process that starts bubblewrap, so that what a worker holds has no part in it.

A worker may be large, have threads, and be root. This one is none of the first two: it forks in
half a millisecond, joins the control groups, gives up being root, and only then executes. It is a
program of its own that imports nothing of potstill. It ends with its worker, and with it, by
`--die-with-parent`, every sandbox that it started.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from typing import Any

_MESSAGE_BYTES = 1 << 17
_MOST_FDS = 16
_FIRST_FD = 3
_SET_CHILD_SUBREAPER = 36
_LOOK_S = 0.0005
_EXPENDABLE = "500"
"""Where memory of the whole machine runs out, a sandbox ends before what started it."""


def main() -> None:
    """Serve the socket whose descriptor is the first argument, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = socket.socket(fileno=int(sys.argv[1]))
    children: set[int] = set()
    _adopt()
    while True:
        data, fds, _, _ = socket.recv_fds(server, _MESSAGE_BYTES, _MOST_FDS)
        if not data:
            break
        order = json.loads(data)
        if "end" in order:
            children.remove(order["end"])
            reply = {"status": _ended(order["end"], order["patience_s"])}
            _bury(children)
        else:
            pid = _started(order, fds)
            children.add(pid)
            reply = {"pid": pid}
        for fd in fds:
            os.close(fd)
        server.send(json.dumps(reply).encode())
    for pid in children:
        _ended(pid, 0)


def _adopt() -> None:
    """Have orphans below become this process's children, to be waited for by it.

    Where bubblewrap has to be killed, its child is one; the first process of a container, which
    would inherit it, often waits for none.
    """
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError):  # a Python without ctypes: then it is as it is
        pass


def _bury(children: set[int]) -> None:
    """Wait for the adopted that are dead; a child that is to be ended is left."""
    while True:
        try:
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if not dead or dead.si_pid in children:
            return
        os.waitpid(dead.si_pid, 0)


def _ended(pid: int, patience_s: float) -> int:
    """Wait so long for a child to end by itself, then kill it; return its status."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
        time.sleep(_LOOK_S)
    os.kill(pid, signal.SIGKILL)  # it was not waited for, so its number is still its own
    return os.waitpid(pid, 0)[1]


def _started(order: dict[str, Any], fds: list[int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        _become(order, fds)
    except BaseException as error:
        os.write(fds[2], f"{type(error).__name__}: {error}".encode())
    os._exit(127)


def _become(order: dict[str, Any], fds: list[int]) -> None:
    """Execute the command with these descriptors: the first three, and others from 3 on."""
    for path in order["groups"]:
        with open(path, "w") as file:
            file.write("0")
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write(_EXPENDABLE)
    high = [os.dup(fd) for fd in fds]
    while min(high) < _FIRST_FD + len(fds):  # so that none is overwritten below
        high = [os.dup(fd) for fd in high]
    for number, fd in enumerate(high):
        os.dup2(fd, number)
    os.closerange(len(high), max(high) + _MOST_FDS)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if order["uid"] is not None:
        os.setgroups([])
        os.setresgid(order["uid"], order["uid"], order["uid"])
        os.setresuid(order["uid"], order["uid"], order["uid"])
    os.chdir("/")
    os.execve(order["command"][0], order["command"], {})


if __name__ == "__main__":
    main()
