"""Processes that leave the caller's script alone, which so needs no `__main__` guard."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import Any

_STARTING = Lock()


class _Process(ForkServerProcess):
    """A process that is forked from the server, and does not import the caller's main module."""

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:
        with _main_left_alone():
            return ForkServerProcess._Popen(process_obj)


class Context(ForkServerContext):
    """Starts processes from a server, none of which can unpickle what the main module defines."""

    Process = _Process


@contextmanager
def _main_left_alone() -> Generator[None]:
    """Let a new process not run the main module, as multiprocessing has it do by default.

    Workers call plug-ins by name and need nothing of that module, while a script without a guard
    would start the whole run in each of them, and one from standard input can't be found again.
    multiprocessing has no option for this. But it never runs the `__main__.py` of a package, a
    folder or an archive again, which it knows by the name in the module's spec; so for the moment
    in which a process is described to the server, the main module has such a spec.
    """
    main = sys.modules["__main__"]
    with _STARTING:
        spec = getattr(main, "__spec__", None)
        main.__spec__ = ModuleSpec("__main__", None)
        try:
            yield
        finally:
            main.__spec__ = spec
