"""Rows a second of potstill's rules, by the number of items."""

import json
import pickle
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from contaminated import Sets, column, problems
from peers.decontaminate.potstill import problem

from potstill import protocols
from potstill.decontaminate.ngram import ngram
from potstill.decontaminate.similar import similar

COUNTS = (1_000, 5_000, 20_000, 80_000)
_ROWS = 1_500
_BATCH = 1_000


def table(data: Path, sets: Sets) -> Iterator[str]:
    """Yield the table; CPU time of one process."""
    items = many(data, sets)
    rows = [row.text for some in sets.clean.values() for row in some]
    rows = [text for text in rows if 100 <= len(text) <= 1000][-_ROWS:]
    mean = sum(map(len, rows)) / len(rows)
    yield f"{len(rows):,} rows of {mean:.0f} characters"
    yield "\n| rule | items | index, CPU s | pickled MB | CPU ms a row | rows/s and core |"
    yield "|---|--:|--:|--:|--:|--:|"
    for rule in (ngram, similar):
        for count in COUNTS:
            yield line(rule, items[:count], rows)


def line(rule: Callable[..., protocols.Lookup], items: Sequence[str], rows: Sequence[str]) -> str:
    start = time.process_time()
    index = rule([problem(i, text) for i, text in enumerate(items)])
    build = time.process_time() - start
    given = [problem(i, text) for i, text in enumerate(rows)]
    start = time.process_time()
    for i in range(0, len(given), _BATCH):
        index(given[i : i + _BATCH])
    each = (time.process_time() - start) / len(given)
    size = len(pickle.dumps(index)) / 1e6
    name = getattr(rule, "__name__", "")
    return (
        f"| {name} | {len(items):,} | {build:.1f} | {size:.0f} | {1000 * each:.2f} "
        f"| {1 / each:,.0f} |"
    )


def many(data: Path, sets: Sets) -> list[str]:
    """Return as many items as the largest count, mixed: real ones, then halves of two real ones."""
    real = [text for texts in sets.items.values() for text in texts]
    real += column(data / "math_test5000/test.jsonl", "problem")
    train = json.loads((data / "math_train_answers/math_train.json").read_text("utf-8"))
    real += [row["problem"] for row in train]
    real += problems(data / "leetcode_rllm/train.json")
    rng = random.Random(0)
    rng.shuffle(real)
    while len(real) < COUNTS[-1]:
        first, second = (rng.choice(real).split(" ") for _ in range(2))
        real.append(" ".join([*first[: len(first) // 2], *second[len(second) // 2 :]]))
    return real
