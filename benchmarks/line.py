"""How fast the whole line is, and how much memory each stage takes.

    python benchmarks/line.py                    # 10,000 and 100,000 problems
    python benchmarks/line.py --rows 10000 --profile

Problems are made by a seeded script: 1% of the rows are broken, 3% repeat another one, 1% hold a
benchmark's item. The scripted teacher (`potstill serve-scripted`) answers at once, in a process of
its own; where there are two cores or more, it has one to itself. Every run is a process of its own
in an empty folder. Peak memory is the resident set of the process that runs the stage, reset at the
stage's start; worker processes are not in it.
"""

import argparse
import cProfile
import json
import os
import pstats
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import potstill
from potstill.storage.events import Event

NAMES = ["Ana", "Bo", "Cem", "Dora", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jia", "Kofi", "Lena"]
THINGS = ["apples", "marbles", "stamps", "shells", "cards", "coins", "books", "pencils", "beads"]
PLACES = ["market", "library", "harbour", "school", "garden", "station", "museum", "bakery"]

RECIPE = """
name: line
sources:
  - {{path: problems.jsonl, map: {{problem: question, reference_answer: gold}}}}
dedup:
  - {{use: exact}}
  - {{use: minhash, threshold: 0.8}}
decontaminate:
  - {{use: ngram, against: [{{path: benchmark.jsonl, map: {{problem: question}}}}]}}
label:
  - {{use: category}}
distil:
  prompt: "{{problem}}\\nPut the answer in \\\\boxed{{}}."
  teachers:
    - model: scripted
      base_url: "{base_url}"
      max_in_flight: {in_flight}
      sampling: {{temperature: 0.6, top_p: 0.95, max_tokens: 4096}}
verify:
  - {{use: math}}
filter:
  - {{use: format}}
  - {{use: length}}
  - {{use: repetition}}
export:
  - {{use: messages, when: "outcome = 'pass'"}}
  - {{use: am-1.4m, when: "outcome = 'pass'"}}
"""


def problem(rng: random.Random, number: int) -> tuple[str, str]:
    """Return a word problem that is like no other, and its answer."""
    name, other = rng.sample(NAMES, 2)
    thing, place = rng.choice(THINGS), rng.choice(PLACES)
    boxes, each, gone = rng.randint(2, 99), rng.randint(3, 999), rng.randint(1, 5)
    question = (
        f"{name} takes {boxes} boxes with {each} {thing} in each of them to the {place} on day "
        f"{number}, gives {gone} of the {thing} to {other}, and finds {number % 97} more of them "
        f"on the way home. How many {thing} does {name} have in the end?"
    )
    return question, str(boxes * each - gone + number % 97)


def write_project(folder: Path, rows: int) -> None:
    """Write the problems, their answers for the teacher, and a benchmark."""
    rng = random.Random(0)
    answers: dict[str, str] = {}
    items = [problem(rng, 10**7 + i) for i in range(100)]
    with (folder / "problems.jsonl").open("w") as file:
        for number in range(rows):
            question, gold = problem(rng, number)
            drawn = rng.random()
            if drawn < 0.01:
                file.write('{"question": 1}\n')
                continue
            if drawn < 0.04 and answers:
                question, gold = next(iter(answers.items()))
            elif drawn < 0.05:
                question, gold = rng.choice(items)
            answers[question] = gold
            row = {"question": question, "gold": gold, "source_id": number}
            file.write(json.dumps(row) + "\n")
    lines = (json.dumps({"question": question}) for question, _ in items)
    (folder / "benchmark.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "answers.json").write_text(json.dumps(answers))


@contextmanager
def teacher(answers: Path, cores: tuple[set[int], set[int]] | None) -> Iterator[str]:
    """Serve the scripted teacher on the second set of cores; yield its address."""
    command = [sys.executable, "-m", "potstill", "serve-scripted", "--port", "0"]
    command += ["--accuracy", "0.8", "--answers", str(answers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        if cores:
            os.sched_setaffinity(server.pid, cores[1])
        assert server.stdout is not None
        yield server.stdout.readline().split()[-1]
        server.terminate()


def halves() -> tuple[set[int], set[int]] | None:
    """Return the cores for the line and those for the teacher, where there is more than one."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    cores = sorted(os.sched_getaffinity(0))
    return (set(cores[:-1]), {cores[-1]}) if len(cores) > 1 else None


class Meter:
    """Notes each stage's rows, time, CPU time and peak memory."""

    def __init__(self) -> None:
        """Begin without a stage."""
        self.stages: list[dict[str, float | str]] = []

    def __call__(self, event: Event) -> None:
        """Take an event of the run."""
        if event["event"] == "stage_started":
            Path("/proc/self/clear_refs").write_text("5")  # peak := now
            self._cpu, self._wall = time.process_time(), time.monotonic()
        if event["event"] == "stage_finished":
            accounts = event["accounts"]
            assert isinstance(accounts, list)
            assert isinstance(accounts[0], dict)
            self.stages.append(
                {
                    "stage": str(event["stage"]),
                    "rows": int(str(accounts[0]["entered"])),
                    "seconds": time.monotonic() - self._wall,
                    "cpu": time.process_time() - self._cpu,
                    "peak_mb": peak_mb(),
                }
            )


def peak_mb() -> float:
    """Return the peak resident memory of this process since it was last reset, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(folder: Path, profile: bool) -> None:
    """Run the line in `folder` and print each stage's figures as JSON; for a child process."""
    if cores := halves():
        os.sched_setaffinity(0, cores[0])
    meter, profiler = Meter(), cProfile.Profile()
    os.chdir(folder)
    if profile:
        profiler.enable()
    potstill.run("recipe.yaml", listener=meter)
    profiler.disable()
    print(json.dumps(meter.stages))
    if profile:
        stats = pstats.Stats(profiler, stream=sys.stderr)
        stats.sort_stats("tottime").print_stats(25)


def child(folder: Path, *, profile: bool) -> list[dict[str, float | str]]:
    """Run `measure` in a process of its own."""
    command = [sys.executable, __file__, "--child", str(folder)]
    done = subprocess.run(
        [*command, *(["--profile"] if profile else [])], stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)


def bench(rows: int, *, in_flight: int, profile: bool) -> list[dict[str, float | str]]:
    """Run the line on `rows` problems and return each stage's figures."""
    with tempfile.TemporaryDirectory(prefix="line-", dir=".") as name:
        folder = Path(name).resolve()
        write_project(folder, rows)
        with teacher(folder / "answers.json", halves()) as base_url:
            recipe = RECIPE.format(base_url=base_url, in_flight=in_flight)
            (folder / "recipe.yaml").write_text(recipe)
            return child(folder, profile=profile)


def report(rows: int, stages: list[dict[str, float | str]]) -> None:
    """Print a table of one run."""
    print(f"\n{rows:,} problems\n")
    print("| stage | rows in | rows/s | seconds | CPU s | peak MB |")
    print("|---|--:|--:|--:|--:|--:|")
    for each in stages:
        rate = float(each["rows"]) / float(each["seconds"])
        print(
            f"| {each['stage']} | {each['rows']:,} | {rate:,.0f} | {each['seconds']:.1f} "
            f"| {each['cpu']:.1f} | {each['peak_mb']:.0f} |"
        )
    seconds = sum(float(each["seconds"]) for each in stages)
    print(f"| **all** | {rows:,} | {rows / seconds:,.0f} | {seconds:.1f} | | |")


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--in-flight", type=int, default=100)
    parser.add_argument("--profile", action="store_true", help="print where the time goes, too")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        measure(given.child, given.profile)
        return
    for rows in given.rows:
        report(rows, bench(rows, in_flight=given.in_flight, profile=given.profile))


if __name__ == "__main__":
    main()
