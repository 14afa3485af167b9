"""One program: its runs, and the calls of its functions."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any, Protocol, Self, cast

from potstill.sandbox.compiling import compiled
from potstill.sandbox.held import Ending, Held
from potstill.sandbox.inside.plain import NotPlainError, decode, encode
from potstill.sandbox.local import Local
from potstill.sandbox.runs import Answer, Limits, Program, Returned, Run

NO_COMPILER = "no C++ compiler here: install g++"


class Submission(Protocol):
    """A program that can be run, and whose functions can be called."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...

    def run(self, stdin: str | bytes = "") -> Run:
        """Run the program from its start with this input."""
        ...

    def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        with_args: bool = False,
        answer: Answer | None = None,
    ) -> Returned:
        """Call a function of a Python program, which is imported as the module `solution`.

        Each call has a process of its own, forked from one that has imported the program, so that
        nothing of a call reaches the next.

        Args:
            name: The function's; of a method with its class, such as `Solution.twoSum`, which is
                then instantiated without arguments.
            args: Plain data.
            kwargs: Plain data.
            with_args: Return the positional arguments as the call leaves them, too.
            answer: Answers the functions that the program asks for.

        Raises:
            ValueError: The arguments are no plain data.
        """
        ...


class LocalSubmission:
    """A program on this machine."""

    def __init__(
        self, local: Local, program: Program, limits: Limits, released: Callable[[], None]
    ) -> None:
        """Take it in; call `released` at the end."""
        self._local, self._program, self._limits = local, program, limits
        self._released = released
        self._held: Held | None = None
        self._failed: Run | None = None

    def __enter__(self) -> Self:
        """Return the submission; nothing is started before it is needed."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all of its processes."""
        if self._held:
            self._held.close()
        self._released()

    def run(self, stdin: str | bytes = "") -> Run:
        """Run the program from its start; see `Submission`."""
        held = self._ready()
        if isinstance(held, Run):
            return held
        data = stdin.encode(errors="surrogatepass") if isinstance(stdin, str) else stdin
        return held.order("run", data).run

    def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        with_args: bool = False,
        answer: Answer | None = None,
    ) -> Returned:
        """Call a function; see `Submission`."""
        body = call_of(self._program, name, args, kwargs, with_args=with_args)
        held = self._ready()
        if isinstance(held, Run):
            return Returned(**asdict(held))
        nonce = secrets.token_hex(16)
        answering = _answering(answer) if answer else None
        return returned(held.order("call", body, answer=answering, nonce=nonce))

    def _ready(self) -> Held | Run:
        """Return the program, compiled, or why there is none."""
        if self._failed:
            return self._failed
        if not self._held:
            binary = self._compiled() if self._program.language == "cpp" else None
            if isinstance(binary, Run):
                self._failed = binary
                return binary
            self._held = Held(self._local, self._program, self._limits, binary=binary)
        return self._held

    def _compiled(self) -> bytes | Run:
        compiler = self._local.machine.compiler
        if not compiler:
            return Run("sandbox_error", detail=NO_COMPILER)
        return compiled(self._local, compiler, self._program)


def call_of(
    program: Program,
    name: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None,
    *,
    with_args: bool,
) -> bytes:
    """Return a call of a function as it crosses into the sandbox.

    Raises:
        ValueError: The program is none of Python.
    """
    if program.language != "python":
        raise ValueError("only functions of Python programs can be called")
    return encode([name, list(args), dict(kwargs or {}), with_args])


def _answering(answer: Answer) -> Callable[[bytes], bytes]:
    """Return a function that reads a program's question and writes the answer."""

    def answered(question: bytes) -> bytes:
        try:
            name, args, kwargs = _parts(question)
        except NotPlainError as error:
            return encode({"error": ["TypeError", str(error)]})
        reply = answer(name, args, kwargs)
        if reply.status != "ok":
            return encode({"error": [reply.error or "RuntimeError", reply.message or reply.status]})
        return encode({"value": reply.value, "args": list(reply.args)})

    return answered


def _parts(question: bytes) -> tuple[str, list[Any], dict[str, Any]]:
    """Read a question, which the program may have made up.

    Raises:
        NotPlainError: It is none.
    """
    parts: Any = decode(question)
    if not isinstance(parts, list) or len(parts := cast("list[Any]", parts)) != 3:
        raise NotPlainError("no question")
    if [*map(type, parts)] != [str, list, dict]:
        raise NotPlainError("no question")
    return parts[0], parts[1], parts[2]


def returned(ending: Ending) -> Returned:
    """Return what a call came to; a value that can't be read is the program's error."""
    fields = asdict(ending.run)
    try:
        content: Any = decode(ending.content) if ending.content else []
    except NotPlainError as error:
        return failed(fields, f"no value: {error}")
    return returned_value(fields, content)


def returned_value(fields: Mapping[str, Any], content: Any) -> Returned:
    """Return the end of a call: a value and perhaps the arguments, or an exception's name and text.

    Args:
        fields: Those of its `Run`.
        content: What came back, which can be any plain data.
    """
    run = dict(fields)
    match run["status"], content:
        case "ok", [value]:
            return Returned(**run, value=value)
        case "ok", [value, [*args]]:
            return Returned(**run, value=value, args=args)
        case "ok", _:
            return failed(run, "no value came back")
        case status, [str(name), str(message)]:
            if name == "MemoryError" and status == "runtime_error":
                run["status"] = "memory_limit"
            return Returned(**run, error=name, message=message)
        case _:
            return Returned(**run)


def failed(fields: Mapping[str, Any], detail: str) -> Returned:
    """Return the end of a call that went wrong in a way that no limit or exception tells."""
    run = dict(fields)
    run.update(status="runtime_error", detail=detail)
    return Returned(**run)
