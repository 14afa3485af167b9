"""The Python that runs programs in a sandbox: one that the sandbox's user can read."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from potstill.sandbox.reach import reachable

MINIMUM = (3, 10)
"""What the code in `inside/` needs."""
_INSIDE = Path(__file__).with_name("inside")
_MODULES = ("plain", "frames", "processes", "watch", "child", "importer", "template", "first")
"""In the order in which they need each other."""
_PACKAGE = "potstill.sandbox.inside"

_ASK = """
import json, marshal, os, sys, sysconfig
modules = json.loads(sys.stdin.buffer.read())
codes = [(name, compile(text, name, "exec")) for name, text in modules]
about = {
    "version": list(sys.version_info[:3]),
    "prefix": sys.base_prefix,
    "libraries": sorted({os.path.dirname(os.__file__), sysconfig.get_path("platstdlib")}),
    "packages": [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")],
}
sys.stdout.buffer.write(json.dumps(about).encode() + b"\\n" + marshal.dumps(codes))
"""

START = """
import builtins, marshal, os, sys
from types import ModuleType
def read(count):
    data = b""
    while len(data) < count:
        part = os.read(0, count - len(data))
        if not part:
            os._exit(1)
        data += part
    return data
sys.path[:] = [path for path in sys.path if path]
for name, code in marshal.loads(read(int.from_bytes(read(4), "big"))):
    module = sys.modules[name] = ModuleType(name)
    exec(code, module.__dict__)
import _sitebuiltins
builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D")
builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D")
import bisect, collections, copy, functools, heapq, itertools, math, random, re, string
module.main()
"""
"""What the first process starts with: it reads the code of `inside/`, and runs that."""


@dataclass(frozen=True)
class Interpreter:
    """A Python that can be used in a sandbox."""

    path: Path
    version: tuple[int, ...]
    folders: tuple[Path, ...]
    """What it needs to start."""
    packages: tuple[Path, ...]
    """Where the packages lie that come with it."""
    code: bytes
    """The code of `inside/`, compiled by it."""

    def name(self) -> str:
        """Return how a person knows it."""
        return f"Python {'.'.join(map(str, self.version))} ({self.path})"


def find(uid: int, given: Path | None = None) -> Interpreter | None:
    """Return the first suitable Python: the given one, this one, the system's; None without any."""
    for path in [given] if given else _candidates():
        if reachable(path, uid) and (found := _probe(path)) and _readable(found, uid):
            return found
    return None


def _candidates() -> Iterator[Path]:
    minor = f"python3.{sys.version_info.minor}"
    base = getattr(sys, "_base_executable", None) or sys.executable
    yield Path(os.path.realpath(base))
    for name in (minor, "python3"):
        for folder in ("/usr/bin", "/usr/local/bin"):
            if found := shutil.which(name, path=folder):
                yield Path(os.path.realpath(found))


def _readable(interpreter: Interpreter, uid: int) -> bool:
    return all(reachable(folder, uid) for folder in interpreter.folders)


@lru_cache(maxsize=8)
def _probe(path: Path) -> Interpreter | None:
    """Ask a Python what it needs, and have it compile what runs inside."""
    modules = [[f"{_PACKAGE}.{name}", (_INSIDE / f"{name}.py").read_text()] for name in _MODULES]
    try:
        asked = subprocess.run(
            [path, "-I", "-S", "-c", _ASK],
            input=json.dumps(modules).encode(),
            capture_output=True,
            timeout=60,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    head, _, code = asked.stdout.partition(b"\n")
    about = json.loads(head)
    version = tuple(about["version"])
    if version < MINIMUM:
        return None
    return Interpreter(
        path=path,
        version=version,
        folders=_existing([f"{about['prefix']}/lib", *about["libraries"]]),
        packages=_existing(about["packages"]),
        code=code,
    )


def _existing(names: Sequence[str]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(Path(name) for name in names if os.path.isdir(name)))
