"""Made-up problems with planted repetitions, of which everything is known.

    python benchmarks/synthetic.py FOLDER --rows 1000000
    python benchmarks/synthetic.py FOLDER --rows 25700000 --length short --workers 2

FOLDER/rows/ has the rows in parts (`question`, `answer` and, where asked for, `response`),
FOLDER/truth/ says of each planted row what it is, and FOLDER/benchmark.jsonl holds the items of a
benchmark. Rows that are not planted are far from each other by their making (`sentences.py`).
Every row follows from its number and the options alone, so that parts are made in any order and by
any number of processes, with the same bytes. Planted are, each as a copy of an earlier row:

- `repeat`: in other case, width, spacing or LaTeX spacing; the same answer.
- `conflict`: like a repeat, with another answer.
- `near`: some words replaced by words that no other row has. `similarity` is the Jaccard similarity
  of both rows' shingles of two tokens (`peers/dedup/common.py`), between 0.4 and 1.
- `number`: another number, and another answer.
- `item`, `embedded`: an item of the benchmark in another spelling, alone or behind a row's text.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from plants import KINDS, PLANTS
from sentences import LENGTHS, MOST_ROWS, Numbers, answers, mix, share, texts

_PLAIN, _REPEAT, _CONFLICT, _NEAR, _NUMBER, _ITEM, _EMBEDDED = range(len(KINDS))
_SHARES = {_REPEAT: 0.02, _CONFLICT: 0.005, _NEAR: 0.03, _NUMBER: 0.01}
_ITEMS_FROM = 900_000_000
"""Number of the first item: rows have smaller ones."""
_ROLE, _BASE, _DRAW = 7001, 7002, 7003
"""Salts of what is drawn for a row."""
_GROUP_ROWS = 10_000

TRUTH = pa.schema(
    {
        "number": pa.int64(),
        "kind": pa.dictionary(pa.int8(), pa.string()),
        "of": pa.int64(),
        "similarity": pa.float32(),
    }
)
"""Of a planted row: its number, counted from 0; its kind; the row, or the item, that it copies; and
how similar both are."""


class Spec(NamedTuple):
    """What is made."""

    rows: int
    """How many rows."""
    length: str = "medium"
    """One of `LENGTHS`."""
    items: int = 1000
    """Items of the benchmark, each of which stands in one row; at most one row in ten has one."""
    response: int = 0
    """Characters of a response to each row; 0 for none."""
    seed: int = 0
    """Other seeds make other rows."""


def roles(numbers: Numbers, spec: Spec) -> Numbers:
    """Return the kind of each row, as an index of `KINDS`."""
    drawn, low = share(numbers, _ROLE + spec.seed), 0.0
    found = np.full(len(numbers), _PLAIN)
    for kind, part in _SHARES.items():
        found[(drawn >= low) & (drawn < low + part) & (numbers >= 100)] = kind
        low += part
    holders = numbers % _step(spec) == _step(spec) // 2
    which = numbers // _step(spec)
    holders &= which < spec.items
    return np.where(holders, np.where(which % 2 == 0, _ITEM, _EMBEDDED), found)


def bases(numbers: Numbers, spec: Spec) -> Numbers:
    """Return the row, or the item, of which each planted row is a copy."""
    below = np.maximum(numbers, 1).astype(np.uint64)
    found = (mix(numbers, _BASE + spec.seed) % below).astype(np.int64)
    while len(planted := np.flatnonzero(roles(found, spec) != _PLAIN)):
        found[planted] -= 1  # row 0 is plain
    kinds = roles(numbers, spec)
    items = _ITEMS_FROM + numbers // _step(spec)
    return np.where((kinds == _ITEM) | (kinds == _EMBEDDED), items, found)


def _step(spec: Spec) -> int:
    return max(11, spec.rows // max(1, spec.items))


def table(numbers: Numbers, spec: Spec) -> tuple[pa.Table, pa.Table]:
    """Return the rows of these numbers, and what is planted among them."""
    kinds = roles(numbers, spec)
    planted = np.flatnonzero(kinds)
    of = bases(numbers[planted], spec)
    question = texts(numbers, spec.length, spec.seed).to_numpy(zero_copy_only=False)
    copied = texts(of, spec.length, spec.seed).to_pylist()
    similarity: list[float] = []
    for place, base in zip(planted.tolist(), copied, strict=True):
        rng = random.Random(f"{spec.seed} {numbers[place]}")
        question[place], similar = PLANTS[KINDS[kinds[place]]](base, question[place], rng)
        similarity.append(similar)
    answer = answers(numbers, spec.seed).to_numpy(zero_copy_only=False)
    answer[kinds == _CONFLICT] += ".5"  # as no other answer ends
    same = np.isin(kinds[planted], [_REPEAT, _NEAR])
    answer[planted[same]] = answers(of[same], spec.seed).to_numpy(zero_copy_only=False)
    columns = {"question": pa.array(question, "string"), "answer": pa.array(answer, "string")}
    if spec.response:
        columns["response"] = _responses(numbers, spec)
    codes = pa.array(kinds[planted].astype(np.int8))
    kind = pa.DictionaryArray.from_arrays(codes, pa.array(KINDS))
    found = [pa.array(numbers[planted]), kind, pa.array(of), pa.array(similarity, pa.float32())]
    return pa.table(columns), pa.table(found, schema=TRUTH)


def _responses(numbers: Numbers, spec: Spec) -> pa.StringArray:
    """Return thinking and an answer, of words that compress about as prose does."""
    words = np.random.default_rng(0).integers(97, 123, (5000, 5), dtype=np.uint8)
    vocabulary = pa.array([row.tobytes().decode()[: 2 + i % 4] for i, row in enumerate(words)])
    each = spec.response // 5
    places = np.arange(len(numbers))[:, None] * each + np.arange(each)[None, :]
    # Small numbers are much likelier, as frequent words are.
    drawn = (share(places.ravel() + int(numbers[0]) * each, _DRAW) ** 3 * 5000).astype(np.int64)
    offsets = pa.array(np.arange(len(numbers) + 1) * each, pa.int64())
    lists = pa.LargeListArray.from_arrays(offsets, vocabulary.take(pa.array(drawn)))
    joined = pc.binary_join(lists, " ")
    return pc.binary_join_element_wise(
        "<think>", joined, "</think>\n\nThe answer is ", answers(numbers, spec.seed), ""
    )


def write(
    folder: Path,
    spec: Spec,
    *,
    form: str = "parquet",
    part_rows: int = 500_000,
    workers: int = 1,
) -> None:
    """Write rows, truth and benchmark to an empty folder.

    Args:
        folder: Where to.
        spec: What.
        form: `parquet` or `jsonl`, of the rows.
        part_rows: Rows of a part.
        workers: Processes that write parts.
    """
    for name in ("rows", "truth"):
        (folder / name).mkdir(parents=True)
    items = texts(_ITEMS_FROM + np.arange(spec.items), spec.length, spec.seed).to_pylist()
    lines = (json.dumps({"question": item}, ensure_ascii=False) + "\n" for item in items)
    (folder / "benchmark.jsonl").write_text("".join(lines))
    job = partial(_write_part, folder, spec, form, part_rows)
    parts = range(-(-spec.rows // part_rows))
    if workers == 1 or len(parts) == 1:
        list(map(job, parts))
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        list(pool.map(job, parts))


def _write_part(folder: Path, spec: Spec, form: str, part_rows: int, part: int) -> None:
    numbers = np.arange(part * part_rows, min(spec.rows, (part + 1) * part_rows))
    path = folder / "rows" / f"part-{part:05}.{form}"
    truths: list[pa.Table] = []
    with path.open("wb") as file:
        writer = None
        for rows, truth in _groups(numbers, spec):
            truths.append(truth)
            if form == "jsonl":
                file.writelines(_json_lines(rows))
                continue
            writer = writer or pq.ParquetWriter(file, rows.schema, compression="zstd")
            writer.write_table(rows)
        if writer:
            writer.close()
    pq.write_table(pa.concat_tables(truths), folder / "truth" / f"part-{part:05}.parquet")


def _groups(numbers: Numbers, spec: Spec) -> Iterator[tuple[pa.Table, pa.Table]]:
    size = _GROUP_ROWS if not spec.response else 1000
    for start in range(0, len(numbers), size):
        yield table(numbers[start : start + size], spec)


def _json_lines(rows: pa.Table) -> Iterator[bytes]:
    for row in rows.to_pylist():
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def read_truth(folder: Path) -> dict[str, NDArray[np.generic]]:
    """Return the columns of `TRUTH` of all planted rows; `kind` as an index of `KINDS`."""
    found = pq.read_table(folder / "truth", schema=TRUTH).combine_chunks()
    kinds = found["kind"].combine_chunks()
    codes = np.array([KINDS.index(name) for name in kinds.dictionary.to_pylist()])
    columns = {name: found[name].to_numpy() for name in ("number", "of", "similarity")}
    return {**columns, "kind": codes[kinds.indices.to_numpy()]}


def judged(
    dropped: NDArray[np.int64], truth: dict[str, NDArray[np.generic]], threshold: float
) -> dict[str, float | str]:
    """Return what a deduplication found of what is planted, and what it dropped without reason.

    Args:
        dropped: Numbers of the rows that it dropped.
        truth: What is planted, as `read_truth` returns it.
        threshold: Similarity from which it was to find near duplicates.

    Returns:
        For `near`, `repeat`, `number` and `conflict` how many were dropped, as `near_of`, … of how
        many (`near` and `number` at the threshold or above), and as `false` how many others.
    """
    gone = np.isin(truth["number"], dropped)
    kind = np.array(KINDS)[truth["kind"].astype(np.int64)]
    close = truth["similarity"] >= np.float32(threshold)
    expected = {
        "near": (kind == "near") & close,
        "repeat": kind == "repeat",
        "number": (kind == "number") & close,
        "conflict": kind == "conflict",
    }
    figures: dict[str, float | str] = {}
    for name, rows in expected.items():
        figures |= {name: int((gone & rows).sum()), f"{name}_of": int(rows.sum())}
    known = np.any([*expected.values()], axis=0)
    return figures | {"false": len(np.setdiff1d(dropped, truth["number"][known]))}


def main() -> None:
    """Write what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--length", choices=LENGTHS, default="medium")
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--response", type=int, default=0, metavar="CHARACTERS")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--form", choices=("parquet", "jsonl"), default="parquet")
    parser.add_argument("--part-rows", type=int, default=500_000)
    parser.add_argument("--workers", type=int, default=1)
    given = vars(parser.parse_args())
    if not 0 < given["rows"] <= min(_ITEMS_FROM, MOST_ROWS):
        parser.error(f"--rows is {given['rows']}, and can be 1 to {_ITEMS_FROM:,}")
    began = time.monotonic()
    spec = Spec(**{name: given.pop(name) for name in Spec._fields})
    write(given.pop("folder"), spec, **given)
    print(f"{spec.rows:,} rows, {spec.rows / (time.monotonic() - began):,.0f} a second")


if __name__ == "__main__":
    main()
