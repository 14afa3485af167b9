r"""The sandbox: programs that nobody trusts run in it, and what they say is taken for no more.

    with Sandbox() as sandbox:
        with sandbox.submission(Program("python", code)) as submission:
            run = submission.run("1 2\n")
            returned = submission.call("add", [1, 2])

It is opened once in each worker process. Whatever an outcome is compared with stays on this side.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Protocol, Self

from potstill.errors import InputError
from potstill.sandbox.check import missing
from potstill.sandbox.compiling import FLAGS
from potstill.sandbox.local import Local
from potstill.sandbox.machine import look
from potstill.sandbox.runs import Limits, Program
from potstill.sandbox.submission import LocalSubmission, Submission


class Backend(Protocol):
    """Runs programs elsewhere, as `remote.SandboxFusion` does."""

    def submission(self, program: Program, limits: Limits) -> Submission:
        """Take in a program."""
        ...


class Sandbox:
    """Runs programs, on this machine or by a backend."""

    def __init__(
        self,
        level: Literal["best", "full", "limited"] = "best",
        *,
        backend: Backend | None = None,
        interpreter: Path | None = None,
        packages: Sequence[Path] = (),
        cpp_flags: Sequence[str] = FLAGS,
    ) -> None:
        """Describe the sandbox; nothing is started yet.

        Args:
            level: What is demanded of this machine: `full`, or `limited`, which is then used even
                where more can be had; `best` is the most that there is.
            backend: What runs the programs in place of this machine.
            interpreter: The Python that programs run on; None finds one.
            packages: Folders with Python packages for the programs, besides those that come with
                the interpreter.
            cpp_flags: What the C++ compiler is told.
        """
        self._level, self._backend = level, backend
        self._interpreter, self._packages = interpreter, packages
        self._cpp_flags = cpp_flags
        self._stack = ExitStack()
        self._local: Local | None = None
        self._busy = False

    def __enter__(self) -> Self:
        """Find what is needed.

        Raises:
            InputError: This machine does not give that level; the text says what is missing.
        """
        if not self._backend:
            with ExitStack() as stack:
                self._local = self._opened(stack)
                self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End and remove everything."""
        self._local = None
        self._stack.close()

    def _opened(self, stack: ExitStack) -> Local:
        machine, findings = look(stack, self._interpreter)
        if not machine or (self._level == "full" and not machine.place):
            raise InputError(f"no sandbox of level {self._level}: {missing(findings)}")
        local = Local(
            machine,
            full=self._level != "limited",
            packages=self._packages,
            cpp_flags=self._cpp_flags,
        )
        stack.callback(local.close)
        return local

    @property
    def level(self) -> Literal["full", "limited", "remote"]:
        """What holds programs; `limited` is without control groups."""
        if not self._local:
            return "remote"
        return "full" if self._local.full else "limited"

    def submission(self, program: Program, limits: Limits | None = None) -> Submission:
        """Take in a program, to be run any number of times until the context is left.

        One at a time: none of its processes, files or sockets is ever shared with the next.

        Raises:
            InputError: A file's name is not a plain one.
        """
        for name in program.files:
            if not name or "/" in name or "\0" in name or name in (".", ".."):
                raise InputError(f"a file of a program is called {name!r}: use a plain name")
        limits = limits or Limits()
        if self._backend:
            return self._backend.submission(program, limits)
        if not self._local:
            raise RuntimeError("the sandbox is not open")
        if self._busy:
            raise RuntimeError("a sandbox holds one submission at a time")
        self._busy = True
        return LocalSubmission(self._local, program, limits, self._release)

    def _release(self) -> None:
        self._busy = False
