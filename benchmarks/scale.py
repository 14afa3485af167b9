"""How potstill's first stages grow with the rows: gather, exact, MinHash, decontaminate.

    python benchmarks/scale.py --minutes 100                  # short rows, 100,000 to 25.7 million
    python benchmarks/scale.py --length long --response 16000 --rows 20000 60000
    python benchmarks/scale.py --kill --rows 200000           # kill -9 in every stage

Each size is a `potstill run` in an empty folder, of rows of `synthetic.py`. While it works, CPU
time and memory of its processes are read from /proc; seconds are those of its events. Runs are
added to `--json`, from which `scale_report.py` writes the tables, fits and plan in `scale.md`.
A size begins only if the time and the disk that are left will do for it, by the size before. What
was planted is compared with what was dropped.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scale_kill import kill_everywhere
from scale_report import Run, predicted, write_report
from sentences import LENGTHS
from synthetic import KINDS, Spec, judged, read_truth, write
from tree import Watch, size

from potstill.storage.events import read_events

SIZES = (100_000, 300_000, 1_000_000, 3_000_000, 8_000_000, 25_700_000)
PART_ROWS = 500_000
THRESHOLD = 0.8

RECIPE = """
name: scale
sources:
  - {{path: {rows}, name: rows, map: {{problem: question, reference_answer: answer}}}}
dedup:
  - {{use: exact}}
  - {{use: minhash, threshold: {threshold}}}
decontaminate:
  - {{use: ngram, against: [{{path: {benchmark}, map: {{problem: question}}}}]}}
engine: {{use: {engine}}}
"""


def make(folder: Path, spec: Spec, engine: str) -> None:
    """Write the rows and the recipe."""
    part_rows = PART_ROWS if not spec.response else 20_000
    write(folder, spec, part_rows=part_rows, workers=len(os.sched_getaffinity(0)))
    places = {"rows": folder / "rows", "benchmark": folder / "benchmark.jsonl"}
    recipe = RECIPE.format(**places, threshold=THRESHOLD, engine=engine)
    (folder / "recipe.yaml").write_text(recipe)


def start(folder: Path, out: str = "run") -> subprocess.Popen[bytes]:
    """Start the run, or go on with it."""
    command = [sys.executable, "-m", "potstill", "run", "recipe.yaml", "--out", out, "--quiet"]
    (folder / "tmp").mkdir(exist_ok=True)
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdout=log,
            stderr=log,
            env=os.environ | {"TMPDIR": str(folder / "tmp")},
        )


_RULES = {"rule-0": "exact", "rule-1": "MinHash", "names": "writing"}
"""What deduplication does while it works in a folder of its scratch folder."""


class Doing:
    """Says which stage a run is in, and in deduplication which rule."""

    def __init__(self, run: Path) -> None:
        """Name the run directory, which need not be there yet."""
        self._run, self._read, self._stage = run, 0, "start"

    def __call__(self) -> str:
        """Return the stage, or `dedup, rule`."""
        log = self._run / "events.jsonl"
        if log.exists():
            with log.open("rb") as file:
                file.seek(self._read)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self._read += len(line)
                    event = json.loads(line)
                    if event["event"] == "stage_started":
                        self._stage = event["stage"]
        folders = [f for f in self._run.glob("*-dedup/scratch/*") if f.name in _RULES]
        last = max(folders, key=_changed, default=None)
        return f"dedup, {_RULES[last.name]}" if last else self._stage


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


class Disk:
    """The most that a folder took, looked at every few seconds."""

    def __init__(self, folder: Path, every: float = 5.0) -> None:
        """Begin to look."""
        self._folder, self._every, self._stop = folder, every, threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.most = 0
        """In bytes."""
        self._thread.start()

    def _work(self) -> None:
        while not self._stop.wait(self._every):
            self.most = max(self.most, size(self._folder))

    def end(self) -> int:
        """Stop; return the most."""
        self._stop.set()
        self._thread.join()
        return max(self.most, size(self._folder))


def measure(folder: Path, spec: Spec, engine: str) -> Run:
    """Make the rows, run the line on them, and return its figures."""
    make(folder, spec, engine)
    given, began, disk = size(folder / "rows"), time.monotonic(), Disk(folder)
    process = start(folder)
    with Watch(process.pid, Doing(folder / "run"), every=0.25) as watch:
        status = process.wait()
    seconds = time.monotonic() - began
    if status:
        sys.exit(f"the run ended with {status}: {(folder / 'log').read_text()[-2000:]}")
    stages: dict[str, dict[str, float]] = {}
    for event in read_events(folder / "run/events.jsonl"):
        if event["event"] == "stage_finished":
            place = next((folder / "run").glob(f"[0-9]*-{event['stage']}"))
            took = float(str(event["seconds"]))
            stages[str(event["stage"])] = {"seconds": took, "bytes": size(place)}
    return Run(
        **{name: getattr(spec, name) for name in ("rows", "length", "response", "items")},
        engine=engine,
        seconds=seconds,
        given_bytes=given,
        most_bytes=disk.end() - given,
        stages=stages,
        phases={name: phase._asdict() for name, phase in watch.phases.items()},
        found=found(folder, spec),
    )


def found(folder: Path, spec: Spec) -> dict[str, float | str]:
    """Return what the stages dropped of what is planted, and what else they dropped."""
    truth, part_rows = read_truth(folder), PART_ROWS if not spec.response else 20_000
    gone = numbers(folder / "run/02-dedup", part_rows)
    figures = judged(gone, truth, THRESHOLD)
    flagged = numbers(folder / "run/03-decontaminate", part_rows)
    items = truth["number"][truth["kind"] >= KINDS.index("item")]
    left = np.setdiff1d(items, gone)
    figures |= {"items": len(np.intersect1d(flagged, left)), "items_of": len(left)}
    return figures | {"false_items": len(np.setdiff1d(flagged, items))}


def numbers(stage: Path, part_rows: int) -> NDArray[np.int64]:
    """Return the numbers of the rows that a stage dropped."""
    files = sorted(stage.glob("dropped-*.parquet"))
    columns = [pq.read_table(file, columns=["row_id"])["row_id"] for file in files]
    if not columns:
        return np.array([], dtype=np.int64)
    ids = pa.chunked_array([chunk for column in columns for chunk in column.chunks])
    pieces = pc.extract_regex(ids, r"part-(?P<part>\d+)\.\w+:(?P<line>\d+)$").combine_chunks()
    part, line = (pc.cast(pieces.field(i), pa.int64()).to_numpy() for i in (0, 1))
    return part * part_rows + line - 1


def grow(given: argparse.Namespace, runs: list[Run]) -> None:
    """Measure size after size while there is time, and keep each one's figures."""
    deadline = time.monotonic() + 60 * given.minutes
    for rows in given.rows or SIZES:
        spec = Spec(rows, given.length, response=given.response, items=given.items)
        with tempfile.TemporaryDirectory(prefix="scale-", dir=given.folder) as name:
            left = deadline - time.monotonic()
            needed, room = predicted(runs, spec), shutil.disk_usage(name).free
            if needed.seconds > left or needed.bytes > room:
                print(
                    f"{rows:,} rows need about {needed.seconds / 60:.0f} minutes and "
                    f"{needed.bytes / 1e9:.0f} GB; there are {left / 60:.0f} and {room / 1e9:.0f}"
                )
                return
            run = measure(Path(name).resolve(), spec, given.engine)
        runs[:] = [*(r for r in runs if r.key != run.key), run]
        print(f"{rows:,} rows: {run.seconds:.0f} s, {run.found}", flush=True)
        save(given, runs)


def save(given: argparse.Namespace, runs: Sequence[Run]) -> None:
    """Write all figures, and the tables."""
    body = {"machine": machine(), "runs": [run._asdict() for run in runs]}
    given.json.write_text(json.dumps(body, indent=1) + "\n")
    write_report(given.json, given.json.with_suffix(".md"))


def machine() -> dict[str, str | int]:
    """Return on what it was measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory / 2**30),
        "system": f"{platform.system()}, Python {platform.python_version()}",
    }


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="*", help="sizes, by default 100,000 to 25.7M")
    parser.add_argument("--length", choices=LENGTHS, default="short")
    parser.add_argument("--response", type=int, default=0, metavar="CHARACTERS")
    parser.add_argument("--items", type=int, default=1000, help="of the benchmark")
    parser.add_argument("--engine", choices=("local", "ray"), default="local")
    parser.add_argument("--minutes", type=float, default=40.0, help="begin no size that needs more")
    parser.add_argument("--folder", type=Path, default=Path(), help="where rows and runs go")
    parser.add_argument("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--kill", action="store_true", help="kill -9 in every stage instead")
    parser.add_argument("--seed", type=int, default=0, help="draws the moments of the kills")
    given = parser.parse_args()
    if given.kill:
        with tempfile.TemporaryDirectory(prefix="scale-", dir=given.folder) as name:
            folder, rows = Path(name).resolve(), (given.rows or [200_000])[0]
            make(folder, Spec(rows, given.length, items=given.items), given.engine)
            sys.exit(0 if kill_everywhere(folder, start, given.seed) else 1)
    known = json.loads(given.json.read_text())["runs"] if given.json.exists() else []
    grow(given, [Run(**each) for each in known])


if __name__ == "__main__":
    main()
