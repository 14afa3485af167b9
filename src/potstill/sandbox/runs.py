"""What goes into a sandbox, and what comes out of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Language = Literal["python", "cpp"]
Status = Literal[
    "ok",
    "time_limit",
    "memory_limit",
    "output_limit",
    "runtime_error",
    "compile_error",
    "sandbox_error",
]
"""How a run ended. `sandbox_error` says nothing about the program: whatever depends on it is
undecided. All others but `ok` are the program's fault."""

Answer = Callable[[str, Sequence[Any], Mapping[str, Any]], "Returned"]
"""Answers a function that a program asks for outside: by its name and arguments."""


@dataclass(frozen=True)
class Program:
    """A program that nobody trusts."""

    language: Language
    code: str
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Files in its folder by their plain names; each run finds them as they were."""
    asks: Sequence[str] = ()
    """Python: names of functions that are answered outside of the sandbox (see `call`). They are
    global in the program, and in a module `solution`."""


@dataclass(frozen=True)
class Limits:
    """What one run or call may use; each overrun is a status of its own.

    Defaults suit programs of contests. A compiler has limits of its own.
    """

    cpu_s: float = 10.0
    """CPU time of all its processes: the judge of `time_limit`."""
    wall_s: float | None = None
    """Time by the clock, which ends what sleeps; None: ten times the CPU time and ten seconds more,
    so that a loaded machine does not make a right program wrong."""
    memory_mb: int = 1024
    """Memory of all its processes together, with the files in it, in MiB."""
    output_bytes: int = 16 << 20
    """What it writes to both streams, or the size of the value of a call."""
    file_bytes: int = 16 << 20
    """Size of one file, and of all of them."""
    files: int = 1_000
    """Number of files."""
    processes: int = 64
    """Processes and threads at one time."""

    def clock_s(self) -> float:
        """Return the limit by the clock."""
        return 10 * self.cpu_s + 10 if self.wall_s is None else self.wall_s


@dataclass(frozen=True)
class Run:
    """How a run ended, and what it wrote."""

    status: Status
    stdout: str = ""
    """Bytes that are not UTF-8 are replaced by U+FFFD."""
    stderr: str = ""
    """Its start and its end."""
    exit_code: int | None = None
    signal: int | None = None
    cpu_s: float = 0.0
    wall_s: float = 0.0
    memory_mb: float = 0.0
    """At least so much was in use at one time, the interpreter's own included."""
    detail: str = ""
    """What is to be said about the status, for a person."""


@dataclass(frozen=True)
class Returned(Run):
    """How a call ended, and what came back."""

    value: Any = None
    """Plain data, if the status is `ok`."""
    args: Sequence[Any] = ()
    """The positional arguments as the call left them, if they were asked for."""
    error: str | None = None
    """Name of the exception that it ended with, such as `ValueError`."""
    message: str = ""
    """Text of that exception."""
