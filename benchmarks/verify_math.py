r"""How often graders of mathematics are right, potstill's rules and its peers.

    python benchmarks/verify_math.py --cases CASES --data DATA --peers-dir PEERS --install
    python benchmarks/verify_math.py --only english,chinese --graders potstill --show wrong
    python benchmarks/verify_math.py --speed

Not called `math.py`, which every other benchmark would then import as Python's own `math`.

Sets, each a list of references and answers with a label:
- english, chinese, choices: `math_cases/`, written for this benchmark before anything was graded.
  `math.md` tells how the rules did on them at first sight.
- rewritings: generated, `math_rewrite.py`: from the answers of MATH where DATA has them, and from
  made-up ones.
- tricky, math_verify_tests, nemo_skills, nemo_judge: files of CASES with lines of {gold, answer,
  expected}: own ones, Math-Verify's tests, the tests and the judge's examples of NeMo-Skills.
- gsm8k_labelled: outputs of four models with labels, from the repository of GSM8K.
- gaokao: references of GAOKAO-Bench's questions against themselves and against other letters.
A set that is absent is left out.

- accuracy: right outcomes of all pairs; an undecided one is not right. Peers know no undecided: it
  is a pair on which they crash, or take longer than 10 s of CPU time.
- decided: right outcomes of those that are decided.
- passed wrongly, failed wrongly: false positives and false negatives.
- ms: CPU time of one pair. Each grader gets a bare answer as it takes it best: in a box, between
  dollars, or as it is.

Peers are slow; what they said is kept below PEERS, and asked again only where something changed.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from math_pairs import Pair
from math_sets import SETS, Folders

HERE = Path(__file__).parent
GRADERS: dict[str, tuple[str, ...]] = {
    "potstill": (),
    "math_verify": (),
    "qwen": (
        "evalscope==1.0.0",
        "latex2sympy2_extended[antlr4_11_0]==1.0.6",
        "regex",
        "word2number",
        "sympy<1.15",
    ),
    "prm800k": ("mathruler==0.1.0", "sympy<1.15", "pylatexenc<3", "tqdm"),
    "hendrycks": ("lm-eval==0.4.13",),
}
"""Graders, `peers/math/NAME.py`, and what their virtual environments hold, without what that asks
for; those without have this one."""
PEERS = GRADERS.keys() - {"potstill"}


class Run(NamedTuple):
    """What a grader says of some pairs."""

    version: str
    cpu_ms: float
    """Milliseconds a pair, its processes and all."""
    outcomes: list[str]


class Count(NamedTuple):
    """How a grader did on a set."""

    pairs: int
    right: int
    passed_wrongly: int
    failed_wrongly: int
    undecided: int

    def row(self) -> str:
        """Return the cells of a table."""
        decided = self.pairs - self.undecided
        cells = [f"{self.right / self.pairs:.3f}", f"{self.right / decided:.3f}" if decided else ""]
        cells += [f"{one:,}" for one in self[2:]]
        return " | ".join(cells)


def install(peers_dir: Path, names: Sequence[str]) -> None:
    """Make the virtual environments that are missing."""
    for name in names:
        packages, folder = GRADERS[name], peers_dir / f"math_{name}"
        if not packages or (folder / "installed").exists():
            continue
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet"]
        alone, rest = packages[:1], packages[1:]
        commands = [[*pip, "--no-deps", *alone], [*pip, *rest] if rest else ["true"]]
        if all(subprocess.run(one, stdout=sys.stderr).returncode == 0 for one in commands):
            (folder / "installed").touch()


def grade(name: str, pairs: Sequence[Pair], peers_dir: Path) -> Run:
    """Have a grader judge the pairs."""
    python = Path(sys.executable)
    if GRADERS[name]:
        python = peers_dir.absolute() / f"math_{name}/bin/python"
    asked = json.dumps([pair._asdict() for pair in pairs])
    code = "".join((HERE / f"peers/math/{one}.py").read_text("utf-8") for one in ("common", name))
    key = hashlib.sha256(f"{GRADERS[name]}{code}{asked}".encode()).hexdigest()[:16]
    kept = peers_dir / f"math_outcomes/{name}_{key}.json"
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "pairs"
        found = kept if name in PEERS else Path(folder) / "found"
        if not found.exists():
            found.parent.mkdir(parents=True, exist_ok=True)
            given.write_text(asked, "utf-8")
            command = [python, "-m", f"peers.math.{name}", given, found]
            settings = {"PYTHONPATH": str(HERE), "PATH": "/usr/bin:/bin"}
            subprocess.run(command, check=True, env=settings)
        figures = json.loads(found.read_text("utf-8"))
    return Run(figures["version"], 1000 * figures["cpu_s"] / len(pairs), figures["outcomes"])


def count(pairs: Sequence[Pair], outcomes: Sequence[str]) -> Count:
    """Count right and wrong outcomes."""
    both = [*zip((pair.expected for pair in pairs), outcomes, strict=True)]
    return Count(
        len(both),
        both.count((True, "pass")) + both.count((False, "fail")),
        both.count((False, "pass")),
        both.count((True, "fail")),
        sum(outcome == "undecided" for outcome in outcomes),
    )


def wrong(pairs: Sequence[Pair], outcomes: Sequence[str]) -> Iterator[str]:
    """Yield a line for each pair on which a grader is not right."""
    for pair, outcome in zip(pairs, outcomes, strict=True):
        if outcome != ("pass" if pair.expected else "fail"):
            what = "right" if pair.expected else "wrong"
            texts = f"{pair.reference!r} <- {pair.answer!r}"
            yield f"{outcome:9} though {what}  {pair.kind:20} {texts}"


def bench(sets: dict[str, list[Pair]], names: Sequence[str], given: argparse.Namespace) -> None:
    """Print the table of all graders, set by set."""
    runs = {
        name: {each: grade(name, pairs, given.peers_dir) for each, pairs in sets.items()}
        for name in names
    }
    versions = (f"{name} {[*run.values()][0].version}" for name, run in runs.items())
    print(f"Graders: {', '.join(versions)}.\n")
    print(
        "| pairs | grader | accuracy | decided | passed wrongly | failed wrongly | undecided | ms |"
    )
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    for each, pairs in sets.items():
        rights = sum(pair.expected for pair in pairs)
        for name in names:
            run = runs[name][each]
            title = f"{each} ({len(pairs):,}, {rights:,} right)" if name == names[0] else ""
            row = count(pairs, run.outcomes).row()
            print(f"| {title} | {name} | {row} | {run.cpu_ms:.1f} |")
    if given.show:
        for each, pairs in sets.items():
            for name in names:
                print(f"\n{each}, {name}:", *wrong(pairs, runs[name][each].outcomes), sep="\n")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=Path, metavar="FOLDER", help="files of labelled pairs")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="folders of data sets as their makers publish them: math500, math_test5000, "
        "math_train_answers, gsm8k_model_solutions_labelled, gaokao_bench_data",
    )
    parser.add_argument("--only", help=f"some of: {','.join(SETS)}")
    parser.add_argument("--graders", help=f"some of: {','.join(GRADERS)}")
    parser.add_argument("--peers-dir", type=Path, default=Path("peers"), metavar="FOLDER")
    parser.add_argument("--install", action="store_true", help="install what is missing there")
    parser.add_argument("--rows", type=int, help="pairs of each set, at most, drawn at random")
    parser.add_argument("--show", choices=["wrong"], help="print the pairs that are not right")
    parser.add_argument("--seed", type=int, default=0, help="of what is generated")
    parser.add_argument("--speed", action="store_true", help="pairs a second instead, in workers")
    return parser.parse_args()


def main() -> None:
    """Measure what the command line asks for."""
    given = arguments()
    names = given.graders.split(",") if given.graders else list(GRADERS)
    if given.speed:
        from math_speed import table

        print("\n".join(table(given.data)))
        return
    some = given.only.split(",") if given.only else list(SETS)
    loaded = {name: SETS[name](Folders(given.cases, given.data), given.seed) for name in some}
    if given.rows:
        rng = Random(given.seed)
        loaded = {each: rng.sample(p, min(len(p), given.rows)) for each, p in loaded.items()}
    if given.install:
        install(given.peers_dir, names)
    bench({name: pairs for name, pairs in loaded.items() if pairs}, names, given)


if __name__ == "__main__":
    main()
