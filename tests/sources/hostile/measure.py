"""Read a file in a process of its own, and print its rows by reason and the memory that it took.

python measure.py READER PATH
"""

import json
import sys
from collections import Counter
from pathlib import Path

from potstill.protocols import Place
from potstill.records import Dropped
from potstill.registry import load


def peak() -> int:
    """Return the most bytes that this process ever held; `getrusage` would count its parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


def main() -> None:
    """Read the file that the command line names."""
    source = load("sources", sys.argv[1])
    rows = source(Place("s", sys.argv[2], {}, {"language": "en"}))
    before = peak()
    found = Counter(row.reason if isinstance(row, Dropped) else "ok" for row in rows)
    print(json.dumps({"rows": found, "bytes": peak() - before}))


if __name__ == "__main__":
    main()
