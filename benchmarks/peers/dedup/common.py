"""What every peer of `benchmarks/dedup.py` does alike: the shingles, the job, the figures.

Nothing here needs more than Python itself, since each peer has an environment of its own.
"""

import argparse
import json
import re
import resource
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"\\[a-z]+|[{_HAN}]|[^\W\d_{_HAN}]+|\d+|[-+*/=<>^]")


class Job(NamedTuple):
    """What a peer is to do."""

    rows: Path
    """Folder with parts of JSON lines that have a `question`."""
    dropped: Path
    """Where the numbers of the rows to drop go, one a line, counted from 0."""
    threshold: float
    """Jaccard similarity from which two rows are near duplicates."""
    permutations: int
    """Hashes of a signature."""
    gathered: Path = Path()
    """Run directory with the same rows, as potstill's gather leaves them."""

    def texts(self) -> Iterator[str]:
        """Yield the problems."""
        for part in sorted(self.rows.iterdir()):
            with part.open("rb") as file:
                for line in file:
                    yield json.loads(line)["question"]


def tokens(text: str) -> list[str]:
    """Return words, numbers, signs, LaTeX commands, and each Chinese character for itself."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _TOKEN.findall(text.lower())


def shingles(text: str) -> list[str]:
    """Return the runs of two tokens, in order."""
    found = tokens(text)
    return [f"{one} {two}" for one, two in zip(found, found[1:], strict=False)]


def jaccard(one: Iterable[str], other: Iterable[str]) -> float:
    """Return the Jaccard similarity of two sets."""
    first, second = set(one), set(other)
    return len(first & second) / len(first | second)


def main(
    find: Callable[[Job], Iterable[int]], package: str, more: dict[str, float] | None = None
) -> None:
    """Let `find` do the job of the command line, and print its figures as one line of JSON.

    Args:
        find: Returns the numbers of the rows to drop. It is measured from its call to the last
            number: reading, shingles and all, but not the imports.
        package: The distribution whose version is told.
        more: Figures that `find` has measured itself.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=Path)
    parser.add_argument("dropped", type=Path)
    parser.add_argument("threshold", type=float)
    parser.add_argument("permutations", type=int)
    parser.add_argument("gathered", type=Path)
    job = Job(**vars(parser.parse_args()))
    used = resource.getrusage(resource.RUSAGE_SELF)
    began, cpu = time.monotonic(), used.ru_utime + used.ru_stime
    dropped = list(find(job))
    figures = {
        "seconds": time.monotonic() - began,
        "cpu_before_s": cpu,
        "version": version(package),
    }
    figures |= more or {}
    job.dropped.write_text("".join(f"{number}\n" for number in dropped))
    print(json.dumps(figures), flush=True)
