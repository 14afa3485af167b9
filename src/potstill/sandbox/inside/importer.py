"""The process that has imported the program, and forks one that answers for each call.

The program runs in it, so whatever it says may be said by the program.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, NoReturn

from potstill.sandbox.inside.child import FILE_NAME, flushed, limit_cpu, print_error
from potstill.sandbox.inside.frames import ClosedError, frame, receive, send
from potstill.sandbox.inside.plain import NotPlainError, decode, encode

_MESSAGE_CHARS = 2_000


class _Asks:
    """A function that is answered outside of the sandbox."""

    def __init__(self, name: str, ask: Callable[[str, Any], Any]) -> None:
        self.__name__ = name
        self._ask = ask

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        answer = self._ask(self.__name__, [list(args), kwargs])
        if "error" in answer:
            raise _error(*answer["error"])
        for mine, theirs in zip(args, answer["args"], strict=True):
            _become(mine, theirs)
        return answer["value"]


def _error(name: str, message: str) -> BaseException:
    import builtins

    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(message)
        except TypeError:  # one that takes other arguments
            pass
    return RuntimeError(f"{name}: {message}")


def _become(mine: Any, theirs: Any) -> None:
    """Change an argument in place, as the function that was asked did."""
    if type(mine) is not type(theirs) or mine == theirs:
        return
    if type(mine) is list:
        mine[:] = theirs
    elif type(mine) in (dict, set):
        mine.clear()
        mine.update(theirs)


class Importer:
    """A process that has imported the program, and forks one that answers for each call."""

    def __init__(self, commands: int, results: int, limits: Mapping[str, Any]) -> None:
        """Read calls from one pipe and write what comes of them to another."""
        self._commands, self._results, self._limits = commands, results, limits
        self._module = ModuleType("solution")
        self._nonce = ""

    def serve(self, source: str, asks: list[str]) -> NoReturn:
        """Import the program, then answer calls until the pipe is closed.

        Args:
            source: The program.
            asks: Names of functions that are answered outside.
        """
        head, _ = receive(self._commands)
        self._nonce = head["nonce"]
        self._offer(asks)
        kind, body = self._imported(source)
        flushed()
        self._say(kind, body)
        if kind != "ready":
            os._exit(1)
        while True:
            try:
                head, body = receive(self._commands)
            except ClosedError:
                os._exit(0)
            self._nonce = head["nonce"]
            self._call(body)

    def _offer(self, asks: list[str]) -> None:
        """Put the functions that are answered outside where programs look for them."""
        solution = sys.modules["solution"] = ModuleType("solution")
        self._module = ModuleType("checks") if asks else solution
        sys.modules[self._module.__name__] = self._module
        for name in asks:
            for module in (solution, self._module):
                setattr(module, name, _Asks(name, self._ask))

    def _imported(self, source: str) -> tuple[str, bytes]:
        try:
            code = compile(source, FILE_NAME, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            print_error(error)
            return "compile_error", _described(error)
        try:
            exec(code, self._module.__dict__)
        except BaseException as error:
            print_error(error)
            return "error", _described(error)
        return "ready", b""

    def _call(self, body: bytes) -> None:
        pid = os.fork()
        if not pid:
            limit_cpu(self._limits)
            kind, answer = self._answer(body)
            flushed()
            self._say(kind, answer)
            os._exit(0)
        try:
            _, status, usage = os.wait4(pid, 0)
        except ChildProcessError:  # the program lets nobody wait
            status, usage = 0, resource.getrusage(resource.RUSAGE_CHILDREN)
        self._say("done", json.dumps([status, usage.ru_maxrss]).encode())

    def _answer(self, body: bytes) -> tuple[str, bytes]:
        try:
            name, args, kwargs, with_args = decode(body)
            value = self._function(name)(*args, **kwargs)
            return "value", encode([value, args] if with_args else [value])
        except NotPlainError as error:
            return "error", _described(error)
        except BaseException as error:
            print_error(error)
            return "error", _described(error)

    def _function(self, name: str) -> Any:
        """Find a function by its name; a class on the way to a method is instantiated."""
        found: Any = self._module
        for part in name.split("."):
            if isinstance(found, type):
                found = found()
            found = getattr(found, part)
        return found

    def _ask(self, name: str, arguments: Any) -> Any:
        self._say("ask", encode([name, *arguments]))
        _, body = receive(self._commands)
        return decode(body)

    def _say(self, kind: str, body: bytes) -> None:
        send(self._results, frame({"nonce": self._nonce, "kind": kind}, body))


def _described(error: BaseException) -> bytes:
    try:
        text = str(error)[:_MESSAGE_CHARS]
    except BaseException:  # of the program's own class
        text = ""
    return encode([type(error).__name__, text])
