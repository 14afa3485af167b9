"""A program in its sandbox, which is started when it is needed, and anew when it is worn."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from potstill.sandbox.inside.plain import encode
from potstill.sandbox.local import Local
from potstill.sandbox.runs import Limits, Program, Run
from potstill.sandbox.session import MemoryLostError, Message, SandboxLostError, Session

_GRACE_S = 30.0
"""How long after its own limit the first process of a sandbox may take to say so."""


class Ending(NamedTuple):
    """What came of one order."""

    run: Run
    content: bytes
    """What was fetched, or the answer of a function."""
    kind: str
    """Of the answer: `value`, `error` or nothing."""


def _no_answer(_: bytes) -> bytes:
    return encode({"error": ["RuntimeError", "nobody answers"]})


class Held:
    """A program in its sandbox."""

    def __init__(
        self,
        local: Local,
        program: Program,
        limits: Limits,
        *,
        binary: bytes | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        """Describe it; see `Local.open`."""
        self._local, self._limits = local, limits
        self._open = lambda: local.open(program, limits, binary=binary, arguments=arguments)
        self._session: Session | None = None

    def close(self) -> None:
        """End the sandbox."""
        with suppress(SandboxLostError):  # it is another's group from now on
            self._discard()

    def order(
        self,
        do: str,
        body: bytes = b"",
        *,
        answer: Callable[[bytes], bytes] | None = None,
        **details: str,
    ) -> Ending:
        """Have something done, in a sandbox that is started for it if there is none."""
        try:
            return self._order({"do": do, **details}, body, answer or _no_answer)
        except MemoryLostError:
            self.close()
            return Ending(Run("memory_limit", detail="all of it was used up"), b"", "")
        except SandboxLostError as error:
            self.close()
            return Ending(Run("sandbox_error", detail=str(error)), b"", "")

    def _order(self, head: dict[str, Any], body: bytes, answer: Callable[[bytes], bytes]) -> Ending:
        session = self._session = self._session or self._started()
        patience_s = 2 * self._limits.clock_s() + _GRACE_S
        head["limits"] = self._local.limits(self._limits)
        message = session.ask(head, body, patience_s=patience_s, answer=answer)
        ran_out = session.memory_ran_out()
        if message[0]["worn"] or ran_out:
            self._discard()
        return _ending(message, ran_out=ran_out)

    def _started(self) -> Session:
        try:
            return self._open()
        except SandboxLostError:  # a machine in distress may do better the second time
            return self._open()

    def _discard(self) -> None:
        session, self._session = self._session, None
        if session:
            self._local.shut(session)


def _ending(message: Message, *, ran_out: bool) -> Ending:
    """Take a reply apart."""
    reply, content = message
    out, err, _ = reply["sizes"]
    stderr = content[out : out + err].decode(errors="replace")
    status = reply["status"]
    if (
        status in ("ok", "runtime_error")
        and ran_out
        or status == "runtime_error"
        and _says_out_of_memory(stderr)
    ):
        status = "memory_limit"
    run = Run(
        status,
        stdout=content[:out].decode(errors="replace"),
        stderr=stderr,
        exit_code=reply["exit_code"],
        signal=reply["signal"],
        cpu_s=reply["cpu_s"],
        wall_s=reply["wall_s"],
        memory_mb=reply["memory"] / (1 << 20),
        detail=reply.get("detail", ""),
    )
    return Ending(run, content[out + err :], reply.get("kind", ""))


def _says_out_of_memory(stderr: str) -> bool:
    """Return whether a program says that it failed for memory, which it may say at its own cost."""
    last = stderr.rstrip().rpartition("\n")[2]
    signs = last.startswith("MemoryError"), "[Errno 12]" in last, "std::bad_alloc" in stderr
    return any(signs)
