"""The side of a sandbox on which the program is: processes that become it.

Whatever is said here may be said by the program instead, since it runs in the same interpreter. So
nothing here knows more than the program may know, and what comes out is a value or an output, never
a verdict on it.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Mapping
from types import CodeType, ModuleType
from typing import Any, NoReturn

FILE_NAME = "main.py"
_STACK_MB = {"python": 64, "cpp": 1024, "command": 64}
"""Largest stack; a C++ program's is its memory, up to this."""
_UNAIDED_STACK_MB = 16
"""The same of Python where address space is limited, of which each thread takes so much."""
_OPEN_FILES = 256
_HEADROOM_MB = 64
"""Address space that an interpreter takes besides the memory that it uses."""


def confine(language: str, limits: Mapping[str, Any], streams: tuple[int, int, int]) -> None:
    """Make a new process ready to become the program: its streams, its limits, its signals."""
    for number, fd in enumerate(streams):
        os.dup2(fd, number)
    os.setsid()
    if language == "python":  # which, as it starts, ignores two other signals
        signal.signal(signal.SIGINT, signal.default_int_handler)
    else:
        for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
    stack = min(_STACK_MB[language], limits["memory_mb"]) << 20
    fixed = {
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_STACK: stack,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if limits["unaided"]:
        if language == "python":
            fixed[resource.RLIMIT_STACK] = _UNAIDED_STACK_MB << 20
        fixed[resource.RLIMIT_AS] = (limits["memory_mb"] + _HEADROOM_MB) << 20
        fixed[resource.RLIMIT_NPROC] = limits["processes"] + 2
    for kind, value in fixed.items():
        _limit(kind, value)


def limit_cpu(limits: Mapping[str, Any]) -> None:
    """Have the kernel end this process if nobody does when its time is up."""
    _limit(resource.RLIMIT_CPU, int(limits["cpu_s"]) + 2)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def close_all_but(*keep: int) -> None:
    """Close every descriptor from 3 on that is not kept."""
    start = 3
    for fd in sorted(keep):
        os.closerange(start, fd)
        start = fd + 1
    os.closerange(start, _OPEN_FILES)


def run_python(source: str, status: int) -> NoReturn:
    """Become a Python program that is run from its start.

    Args:
        source: The program.
        status: Where a byte is written if it can't be compiled; closed before it runs.
    """
    module = ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.argv = [FILE_NAME]
    try:
        code = compile(source, FILE_NAME, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        os.write(status, b"c")
        print_error(error)
        _end(1)
    os.close(status)
    _end(_executed(code, module))


def _executed(code: CodeType, module: ModuleType) -> int:
    """Run the code as an interpreter does, and return the exit code."""
    module.__dict__["__file__"] = FILE_NAME
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        return _exit_code(error.code)
    except BaseException as error:
        print_error(error)
        return 1
    return 0


def _exit_code(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def print_error(error: BaseException) -> None:
    """Print a traceback that starts where the program does."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename != FILE_NAME:
        trace = trace.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)


def _end(code: int) -> NoReturn:
    """End as an interpreter does, without taking everything apart first."""
    try:
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
        if "atexit" in sys.modules:
            sys.modules["atexit"]._run_exitfuncs()
    except BaseException as error:
        print_error(error)
    os._exit(code if flushed() else 120)


def flushed() -> bool:
    """Write out what the program has printed; return whether that worked."""
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (OSError, ValueError, AttributeError):  # closed, or replaced by something else
        return False
    return True
