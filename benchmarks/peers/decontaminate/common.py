"""What every peer of `benchmarks/decontaminate.py` does alike: reads texts, tells what it found.

Nothing here needs more than Python itself, since some have an environment of their own.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

Found = tuple[int | None, str] | None
"""The item's place, where the peer tells it, and the verdict; None is clean."""
Lookup = Callable[[Sequence[str]], Sequence[Found]]


def main(build: Callable[[Sequence[str]], Lookup], package: str = "") -> None:
    """Index the items of the first file, look up the rows of the second, write what came out."""
    items, rows = (json.loads(Path(path).read_text("utf-8")) for path in sys.argv[1:3])
    start = time.process_time()
    lookup = build(items)
    built = time.process_time()
    found = list(lookup(rows))
    figures = {
        "version": version(package) if package else "",
        "build_s": built - start,
        "cpu_s": time.process_time() - built,
        "found": found,
    }
    Path(sys.argv[3]).write_text(json.dumps(figures), "utf-8")
