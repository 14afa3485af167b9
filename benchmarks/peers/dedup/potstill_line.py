"""potstill's line up to deduplication: a whole run from JSON lines to parts, with its books."""

import time
from collections.abc import Iterator
from itertools import accumulate

from peers.dedup.common import Job, main

import potstill
from potstill.records import Dropped

RECIPE = """
name: line
sources: [{{path: {rows}, name: rows, map: {{problem: question, reference_answer: answer}}}}]
dedup:
  - {{use: exact}}
  - {{use: minhash, threshold: {threshold}, permutations: {permutations}}}
"""

FIGURES: dict[str, float] = {}
"""How long the run took."""


def find(job: Job) -> Iterator[int]:
    with open("recipe.yaml", "w") as file:
        file.write(RECIPE.format(**job._asdict()))
    began = time.monotonic()
    run = potstill.run("recipe.yaml", out="run", progress=False)
    FIGURES["seconds"] = time.monotonic() - began
    files = sorted(job.rows.iterdir())
    sizes = [sum(1 for _ in file.open("rb")) for file in files]
    starts = dict(zip((file.name for file in files), accumulate([0, *sizes]), strict=False))
    for row in run.rows(stage="dedup", dropped=True):
        assert isinstance(row, Dropped)
        _, file, line = row.row_id.rsplit(":", 2)
        yield starts[file] + int(line) - 1


if __name__ == "__main__":
    main(find, "potstill", FIGURES)
