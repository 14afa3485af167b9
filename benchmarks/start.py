"""What it costs to begin: help, the first request of a run, and the size of a core install.

python benchmarks/start.py
"""

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

RECIPE = """
name: start
sources: [{{path: problems.jsonl, map: {{problem: question, reference_answer: gold}}}}]
dedup: [{{use: exact}}, {{use: minhash}}]
distil: {{teachers: [{{model: scripted, base_url: "{base_url}"}}]}}
verify: [{{use: math}}]
filter: [{{use: format}}, {{use: repetition}}]
export: [{{use: messages}}]
"""

CHILD = """
import json, os, time
import potstill
times = {}
def listen(event):
    name = event["event"] if event["event"] != "stage_started" else event["stage"]
    times.setdefault(name, time.process_time())
potstill.run("recipe.yaml", out=os.urandom(4).hex(), listener=listen)
print(json.dumps(times))
"""


def seconds(command: list[str]) -> tuple[float, float]:
    """Return the wall and CPU seconds of a command."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu


def closure(name: str, seen: dict[str, Distribution]) -> None:
    """Add to `seen` the package `name` and all that it requires without extras."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return
    try:
        seen[key] = found = distribution(name)
    except PackageNotFoundError:  # for another platform or Python
        return
    for text in found.requires or ():
        if "extra ==" not in text:
            closure(re.split(r"[^\w.-]", text)[0], seen)


def sizes() -> Iterator[tuple[str, int]]:
    """Yield every package of a core install with the bytes that its files take."""
    seen: dict[str, Distribution] = {}
    closure("potstill", seen)
    closure("antlr4-python3-runtime", seen)  # by an extra of Math-Verify's that potstill asks for
    for name, found in seen.items():
        paths = (Path(str(file.locate())) for file in found.files or ())
        yield name, sum(path.stat().st_size for path in paths if path.is_file())


def first_request() -> list[dict[str, float]]:
    """Return the CPU seconds of a new process at each milestone of a run, three times."""
    with tempfile.TemporaryDirectory() as name:
        row = {"question": "How many legs do three cats have?", "gold": "12"}
        Path(name, "problems.jsonl").write_text(json.dumps(row) + "\n")
        command = [sys.executable, "-m", "potstill", "serve-scripted", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            base_url = server.stdout.readline().split()[-1]
            Path(name, "recipe.yaml").write_text(RECIPE.format(base_url=base_url))
            child = [sys.executable, "-c", CHILD]
            runs = [subprocess.run(child, cwd=name, capture_output=True) for _ in range(3)]
            server.terminate()
        return [json.loads(done.stdout) for done in runs]


def main() -> None:
    """Print the figures."""
    potstill = [sys.executable, "-m", "potstill"]
    pairs = [seconds([*potstill, "--help"]) for _ in range(10)]
    wall, cpu = (statistics.median(values) for values in zip(*pairs, strict=True))
    print(f"potstill --help         {wall:.2f} s, {cpu:.2f} CPU s (median of 10)")
    for milestone, what in (("run_started", "run begins"), ("prompt", "first request")):
        found = statistics.median(times[milestone] for times in first_request())
        print(f"{what:<23} {found:.2f} CPU s after the process began (median of 3)")
    packages = sorted(sizes(), key=lambda pair: -pair[1])
    print(f"core install            {sum(size for _, size in packages) / 1e6:.0f} MB, of which")
    for name, size in packages[:8]:
        print(f"    {size / 1e6:6.0f} MB {name}")


if __name__ == "__main__":
    if "PYTHONDONTWRITEBYTECODE" in os.environ:
        print("note: without bytecode files every start compiles what it imports", file=sys.stderr)
    main()
