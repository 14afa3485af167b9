"""A corpus of bad input for every reader, made by this script.

    python tests/sources/corpus.py FOLDER

writes the files below FOLDER, in a folder for each reader, and prints what each covers and what
must come of it. `test_corpus.py` reads them all.
"""

import sys
from collections import Counter
from pathlib import Path

from hostile.answers import ANSWERS
from hostile.arrays import ARRAYS
from hostile.entry import Entry
from hostile.lines import LINES
from hostile.places import PLACES
from hostile.recipes import RECIPES
from hostile.separated import SEPARATED
from hostile.tables import TABLES

from potstill.text.printable import printable

CORPUS = [*LINES, *ARRAYS, *TABLES, *SEPARATED, *PLACES, *RECIPES, *ANSWERS]


def describe(entry: Entry) -> str:
    """Return one line about an entry."""
    if isinstance(entry.outcome, str):
        outcome = f"error: … {entry.outcome} …"
    else:
        counts = Counter(entry.outcome).items()
        outcome = ", ".join(f"{times} {reason}" for reason, times in counts) or "read"
    return f"{entry.reader}/{printable(entry.name)}: {entry.about} -> {outcome}"


def main() -> None:
    """Write the corpus into the folder that the command line names."""
    if len(sys.argv) != 2 or Path(sys.argv[1]).exists():
        sys.exit("usage: python tests/sources/corpus.py FOLDER, which is made")
    for entry in CORPUS:
        entry.write(Path(sys.argv[1]))
        print(describe(entry))


if __name__ == "__main__":
    main()
