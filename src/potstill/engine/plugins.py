"""Calling plug-ins: by name where they have to be pickled, and guarded, so that a failure is data.

What a plug-in raises is caught here and, around whole processes, in `workers.py`; nowhere else.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

from pydantic import JsonValue

from potstill import registry
from potstill.protocols import NotExpressible
from potstill.records import to_json

R = TypeVar("R")

_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")


class Failure(NamedTuple):
    """What came instead of a plug-in's result."""

    kind: str
    """`timeout`, `memory`, `crash` (the process died) or `error` (an exception)."""
    detail: str
    """One line for people: the exception and where it was raised, or how the process died."""


class PluginCall(NamedTuple):
    """A plug-in by name, to be looked up where it runs: functions of a file can't be pickled."""

    kind: str
    """Its kind, such as `verifiers`."""
    name: str
    """Its name in the registry, or `path/to/file.py:function`."""
    options: Mapping[str, JsonValue] = {}
    """Its options, as the recipe has them."""
    allow_code: bool = False
    """Whether a file may be run."""

    def __call__(self, arguments: tuple[object, ...]) -> Any:
        """Call the plug-in with `arguments`.

        Raises:
            InputError: Nothing has that name, or code is not allowed.
        """
        return self.load()(*arguments)

    def load(self) -> registry.Plugin:
        """Return the plug-in with its options: the same one each time in one process.

        Raises:
            InputError: Nothing has that name, or code is not allowed.
        """
        options = to_json(dict(self.options))
        return _plugin(self.kind, self.name, options, self.allow_code)


@cache
def _plugin(kind: str, name: str, options: str, allow_code: bool) -> registry.Plugin:
    plugin = registry.load(kind, name, allow_code=allow_code)
    return registry.bind(plugin, json.loads(options))


def guarded(function: Callable[..., R], *arguments: object) -> R | Failure:
    """Return `function(*arguments)`, or what went wrong in it.

    Raises:
        NotExpressible: A format says so; that is an answer, and no failure.
    """
    try:
        return function(*arguments)
    except NotExpressible:
        raise
    except Exception as error:
        return failure(error)


def failure(error: BaseException) -> Failure:
    """Return what a plug-in raised as data, the same on every machine and in every run."""
    if isinstance(error, MemoryError):
        return Failure("memory", "out of memory")
    try:
        said = _ADDRESS.sub("0x…", " ".join(str(error).split()))[:500]
    except Exception:
        said = "(its text can't be read)"
    return Failure("error", f"{type(error).__name__}: {said}{_place(error.__traceback__)}")


def _place(traceback: TracebackType | None) -> str:
    if traceback is None:
        return ""
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    code = traceback.tb_frame.f_code
    # The file's name alone: its folder differs between machines, and records may not.
    return f" (in {code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno}, {code.co_name})"
