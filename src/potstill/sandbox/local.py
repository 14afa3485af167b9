"""Sandboxes on this machine."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from potstill.sandbox import cgroups
from potstill.sandbox.bubblewrap import Room, command
from potstill.sandbox.machine import Machine
from potstill.sandbox.reach import NOBODY
from potstill.sandbox.runs import Limits, Program
from potstill.sandbox.seccomp import filter_program
from potstill.sandbox.session import Launcher, SandboxLostError, Session

_OWN_MB = 24
"""What the first process of a sandbox and bubblewrap take, which is not the program's."""
_OWN_PROCESSES = 3


class Local:
    """Opens sandboxes, one at a time; each is new, and nothing of it is left when it is closed."""

    def __init__(
        self, machine: Machine, *, full: bool, packages: Sequence[Path], cpp_flags: Sequence[str]
    ) -> None:
        """Make the control group and start the launcher.

        Args:
            machine: What there is.
            full: Whether to use control groups.
            packages: Folders with packages for the programs.
            cpp_flags: What the C++ compiler is told.

        Raises:
            OSError: The group can't be made.
        """
        self.machine, self.cpp_flags = machine, tuple(cpp_flags)
        self._packages = tuple(packages)
        self._group: cgroups.Group | None = None
        if full and machine.place:
            cgroups.sweep(machine.place)
            self._group = cgroups.Group(machine.place, cgroups.group_name())
        self._launcher = Launcher()
        self._filter = filter_program()

    @property
    def full(self) -> bool:
        """Whether a control group holds the programs."""
        return self._group is not None

    def close(self) -> None:
        """End what runs, and remove the group."""
        self._launcher.close()
        if self._group:
            self._group.empty()
            self._group.remove()

    def open(
        self,
        program: Program,
        limits: Limits,
        *,
        binary: bytes | None = None,
        arguments: Sequence[str] = (),
    ) -> Session:
        """Start a sandbox with this program.

        Args:
            program: What will run.
            limits: What it may use.
            binary: What a compiler made of it.
            arguments: A compiler and its arguments, to be run in place of the program.

        Raises:
            SandboxLostError: It does not start.
            MemoryLostError: The limit of memory is too small for it to start.
        """
        room = Room(
            bwrap=self.machine.bwrap,
            interpreter=self.machine.interpreter,
            packages=self._packages,
            compiler=bool(arguments),
            program=binary is not None,
        )
        try:
            if self._group:
                memory = (limits.memory_mb + _OWN_MB) << 20
                self._group.limit(memory, limits.processes + _OWN_PROCESSES)
        except OSError as error:
            raise SandboxLostError(f"the control group can't be used: {error}") from None
        session = Session(
            self._launcher,
            command(room, limits),
            code=self.machine.interpreter.code,
            fds=[self._filter, *([] if binary is None else [binary])],
            group=self._group,
            uid=NOBODY if self.machine.uid == NOBODY else None,
        )
        session.tell(*self._loaded(program, arguments))
        return session

    def shut(self, session: Session) -> None:
        """End a sandbox, and make sure that all of its processes are gone.

        Raises:
            SandboxLostError: One won't die. It stays in its group, and another group is used.
        """
        session.close()
        if self._group and not self._group.empty():
            with suppress(OSError):
                assert self.machine.place
                self._group = cgroups.Group(self.machine.place, cgroups.group_name())
            raise SandboxLostError("a process of the program does not die")

    def limits(self, limits: Limits) -> dict[str, Any]:
        """Return limits as they are told inside."""
        return {**asdict(limits), "wall_s": limits.clock_s(), "unaided": self._group is None}

    def _loaded(self, program: Program, arguments: Sequence[str]) -> tuple[dict[str, Any], bytes]:
        code = program.code.encode(errors="surrogatepass")
        packages = [*self.machine.interpreter.packages, *self._packages]
        head = {
            "do": "load",
            "language": "command" if arguments else program.language,
            "arguments": list(arguments),
            "size": len(code),
            "asks": list(program.asks),
            "files": {name: len(data) for name, data in program.files.items()},
            "packages": [str(path) for path in packages],
        }
        return head, code + b"".join(program.files.values())
