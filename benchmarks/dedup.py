"""How fast and how well potstill finds repeated problems, side by side with its peers.

    python benchmarks/dedup.py --peers-dir PEERS --install                  # all, 100,000 rows
    python benchmarks/dedup.py --peers-dir PEERS --only potstill_minhash,rensa --rows 2000000
    python benchmarks/dedup.py --only potstill_minhash --rows 5000000 --length short

The rows are those of `synthetic.py`, whose repetitions are known, in four parts of JSON lines at
least. Each finder runs once, in a process and an empty folder of its own; peers have virtual
environments of their own below `--peers-dir`, which `--install` makes. All have the same shingles,
pairs of tokens (`peers/dedup/common.py`), and 128 permutations; how many bands of them there are is
each one's own choice. potstill uses every core, datatrove too; the others have one thread.

- rows/s: from opening the rows to the last number of a row to drop, with reading and shingling;
  imports do not count. `potstill_exact`, `potstill_minhash` and `potstill_words` read the parts
  that gather wrote, the peers JSON lines; `potstill_line` is `potstill run` from JSON lines
  through gather, exact and MinHash to the stages' parts and books.
- CPU, peak: of the process and its children; the peak is that of the sum of their resident sets,
  and own that of the part which is not mapped from files.
- found: of the near duplicates at the threshold or above, and of the rows that are equal but for
  spelling, how many are dropped.
- false: rows that are dropped and repeat no other, or one below the threshold.
- numbers, answers: near duplicates with another number, or repetitions with another answer, that
  are dropped. In mathematics they are other problems; a measure of shingles alone can't tell, and
  `potstill_words` is told not to.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sentences import LENGTHS
from synthetic import Spec, judged, read_truth, write
from tree import Watch

import potstill

HERE = Path(__file__).parent
PERMUTATIONS = 128
PART_ROWS = 250_000


Figures = dict[str, float | str]
"""Of one run; `error` where it failed."""


class Peer(NamedTuple):
    """A finder: `peers/dedup/NAME.py`."""

    package: str = ""
    """What its virtual environment holds; empty for one that runs in this environment."""


PEERS = {
    "potstill_exact": Peer(),
    "potstill_minhash": Peer(),
    "potstill_words": Peer(),
    "potstill_line": Peer(),
    "rensa": Peer(),
    "gaoya": Peer("gaoya==0.2.2"),
    "datasketch": Peer("datasketch==2.0.0"),
    "datatrove": Peer("datatrove[io,processing]==0.10.1"),
}
BEST = "potstill_words"
"""With whose rate the peers' are compared: it does the same job."""

GATHER = """
name: gather
sources: [{{path: {rows}, name: rows, map: {{problem: question, reference_answer: answer}}}}]
"""


def install(peers_dir: Path, names: Sequence[str]) -> None:
    """Make the virtual environments that are missing."""
    for name in names:
        package, folder = PEERS[name].package, peers_dir / name
        if package and not (folder / "installed").exists():
            print(f"installing {package}", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", package]
            if subprocess.run(pip, stdout=sys.stderr).returncode == 0:
                (folder / "installed").touch()


def measure(name: str, folder: Path, given: argparse.Namespace) -> Figures:
    """Run a finder once on the rows in `folder`; return its figures."""
    python = given.peers_dir / name / "bin/python" if PEERS[name].package else sys.executable
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=folder) as here:
        dropped = Path(here, "dropped")
        job = [folder / "rows", dropped, given.threshold, PERMUTATIONS, folder / "gathered"]
        command = [str(each) for each in (python, "-m", f"peers.dedup.{name}", *job)]
        environment = os.environ | {"PYTHONPATH": str(HERE), "DO_NOT_TRACK": "1"}
        try:
            process = subprocess.Popen(
                command, cwd=here, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        except FileNotFoundError:
            return {"error": "not installed"}
        with Watch(process.pid) as watch:
            try:
                out, err = process.communicate(timeout=given.limit_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                return {"error": f"not done after {given.limit_s:g} s"}
        if process.returncode:
            return {"error": (err.decode().strip() or "no word").splitlines()[-1][:200]}
        figures: Figures = json.loads(out.splitlines()[-1])
        used = watch.whole()
        figures |= {"cpu_s": used.cpu_s - float(figures["cpu_before_s"])}
        figures |= {"peak_mb": used.rss_mb, "own_mb": used.own_mb}
        numbers = np.loadtxt(dropped, dtype=np.int64, ndmin=1)
    return figures | judged(numbers, read_truth(folder), given.threshold)


def table(found: dict[str, Figures], given: argparse.Namespace, rows: int) -> Iterator[str]:
    """Yield the table of one size."""
    yield f"\n{rows:,} rows of length {given.length!r}, threshold {given.threshold}\n"
    yield (
        f"| finder | version | rows/s | {BEST} is faster | CPU s | peak MB | own MB | near found "
        "| repeats found | false | numbers | answers |"
    )
    yield "|---|---|" + "--:|" * 10
    best = found.get(BEST, {}).get("seconds")
    for name, run in found.items():
        if "error" in run:
            yield f"| {name} | {run['error']}{' |' * 11}"
            continue
        seconds = float(run["seconds"])
        cells = [name, run["version"], f"{rows / seconds:,.0f}"]
        cells += [f"{seconds / float(best):.2f} ×" if best else "", f"{run['cpu_s']:.1f}"]
        cells += [f"{run['peak_mb']:,.0f}", f"{run['own_mb']:,.0f}"]
        cells += [part(run, "near"), part(run, "repeat")]
        cells += [f"{run[kind]:,}" for kind in ("false", "number", "conflict")]
        yield f"| {' | '.join(map(str, cells))} |"


def part(run: Figures, kind: str) -> str:
    """Return the share of a kind that was dropped, in words."""
    of = int(run[f"{kind}_of"])
    return f"{int(run[kind]) / max(1, of):.4f} of {of:,}"


def bench(given: argparse.Namespace, names: Sequence[str], rows: int) -> dict[str, Figures]:
    """Make the rows, run the finders on them, and print their table."""
    found: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="dedup-", dir=".") as name:
        folder = Path(name).resolve()
        part_rows = min(PART_ROWS, -(-rows // 4))
        write(
            folder,
            Spec(rows, given.length, seed=given.seed),
            form="jsonl",
            part_rows=part_rows,
            workers=len(os.sched_getaffinity(0)),
        )
        (folder / "gather.yaml").write_text(GATHER.format(rows=folder / "rows"))
        potstill.run(folder / "gather.yaml", out=folder / "gathered", progress=False)
        for each in names:
            found[each] = measure(each, folder, given)
            print(f"{each} at {rows:,}: {found[each]}", file=sys.stderr)
    print("\n".join(table(found, given, rows)), flush=True)
    return found


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers-dir", type=Path, default=Path("peers"), metavar="FOLDER")
    parser.add_argument("--install", action="store_true", help="install what is missing there")
    parser.add_argument("--only", help=f"some of: {','.join(PEERS)}")
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000])
    parser.add_argument("--length", choices=LENGTHS, default="medium")
    parser.add_argument("--threshold", type=float, choices=(0.7, 0.8), default=0.8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit-s", type=float, default=1800.0, help="most seconds of one run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run's figures")
    given = parser.parse_args()
    given.peers_dir = given.peers_dir.resolve()
    return given


def main() -> None:
    """Measure the finders that the command line names."""
    given = arguments()
    names = given.only.split(",") if given.only else list(PEERS)
    if unknown := [name for name in names if name not in PEERS]:
        sys.exit(f"{unknown[0]} is none of {', '.join(PEERS)}")
    if given.install:
        install(given.peers_dir, names)
    every = {rows: bench(given, names, rows) for rows in given.rows}
    if given.json:
        given.json.write_text(json.dumps(every, indent=1) + "\n")


if __name__ == "__main__":
    main()
