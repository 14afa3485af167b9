"""What every grader of `benchmarks/verify_math.py` does alike: each pair in a process that may die.

Nothing here needs more than Python itself, since some have an environment of their own.
"""

import json
import os
import re
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypedDict

LIMIT_S = 10.0
"""Most seconds of CPU time for one pair."""
MEMORY = 4 << 30


class Pair(TypedDict):
    """A reference and an answer to it."""

    reference: str
    answer: str
    problem: str | None
    rule: str


Grade = Callable[[Pair], bool | str]
"""Returns whether the answer is right, or an outcome of potstill's."""

_MARKED = re.compile(r"boxed|answer|####|\n|答|故选|therefore", re.IGNORECASE)


def is_response(text: str) -> bool:
    """Return whether a text is more than a bare answer, so that one has to be found in it."""
    return bool(_MARKED.search(text))


def last_box(text: str) -> str | None:
    r"""Return what stands in the last `\boxed{}`."""
    start = text.rfind(r"\boxed{")
    depth = 0
    for end in range(start + 6, len(text) if start >= 0 else 0):
        depth += (text[end] == "{") - (text[end] == "}")
        if not depth:
            return text[start + 7 : end]
    return None


def module_of(package: str, path: str) -> Any:
    """Return one module of a package without what the package itself imports."""
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    spec = spec_from_file_location("grader", Path(found.origin).parent / path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(grade: Grade, package: str) -> None:
    """Grade the pairs of the first file, and write what came out into the second."""
    pairs: list[Pair] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    outcomes: list[str] = []
    while len(outcomes) < len(pairs):
        told = _some(grade, pairs[len(outcomes) :])
        # One that brought its process down, or took too long, is told by none.
        outcomes += told if len(outcomes) + len(told) == len(pairs) else [*told, "undecided"]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "version": version(package),
        "cpu_s": used.ru_utime + used.ru_stime,
        "outcomes": outcomes,
    }
    Path(sys.argv[2]).write_text(json.dumps(figures), "utf-8")


def _some(grade: Grade, pairs: Sequence[Pair]) -> list[str]:
    context = get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_grade, args=(grade, pairs, sending))
    process.start()
    sending.close()
    told: list[str] = []
    try:
        while len(told) < len(pairs):
            told.append(receiving.recv())
    except EOFError:
        pass
    process.join()
    receiving.close()
    return told


def _grade(grade: Grade, pairs: Sequence[Pair], sending: Connection) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for pair in pairs:
        signal.setitimer(signal.ITIMER_PROF, LIMIT_S)  # ends the process
        right = grade(pair)
        sending.send(right if isinstance(right, str) else "pass" if right else "fail")
