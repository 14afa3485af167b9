"""How many programs a sandbox judges, beside grading them as LiveCodeBench's way does.

    python benchmarks/sandbox.py                          # rates, some seconds each
    python benchmarks/sandbox.py --submissions 20000      # and whether so many leave anything

Three ways, one core each, the same programs and tests:

- `warm`: one submission, and as many tests as there are: `run` with an input, or `call`.
- `cold`: a submission for each test, with a sandbox of its own.
- `subprocess`: what graders of benchmarks do: `python -c`, limits by `resource`, no wall around it.

Rates are those of CPU time where the machine can tell it of all processes together (a control group
of the benchmark's own), so that they hold on a busy machine, and of the clock besides. The ratio is
to `subprocess`.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from potstill.sandbox import Limits, Program, Sandbox

CODE = """
def add(a, b):
    return a + b

if __name__ == "__main__":
    print(add(*map(int, input().split())))
"""
PROGRAM = Program("python", CODE)
LIMITS = Limits(cpu_s=5, memory_mb=512)
_GROUPS = {"cpuacct": "cpuacct.usage", "unified": "cpu.stat", ".": "cpu.stat"}


class Rate(NamedTuple):
    """What one way did."""

    tests: int
    seconds: float
    cpu_s: float | None

    def per_cpu(self) -> float:
        """Return the tests for each second of CPU time, or of the clock if that is not known."""
        return self.tests / (self.cpu_s or self.seconds)


def subprocess_way() -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))

    done = subprocess.run(
        [sys.executable, "-c", CODE],
        input="1 2\n",
        capture_output=True,
        text=True,
        timeout=10,
        preexec_fn=limit,
    )
    assert done.stdout == "3\n"


@contextmanager
def counted() -> Iterator[Callable[[], float | None]]:
    """Join a control group, and yield how much CPU time it has used."""
    for name, file in _GROUPS.items():
        folder = Path("/sys/fs/cgroup", name, f"benchmark-{os.getpid()}")
        try:
            folder.mkdir()
            (folder / "cgroup.procs").write_text(str(os.getpid()))
        except OSError:
            continue
        try:
            if (folder / file).exists():
                yield lambda: _cpu(folder / file)  # noqa: B023
                return
        finally:
            (folder.parent / "cgroup.procs").write_text(str(os.getpid()))
            folder.rmdir()
    yield lambda: None


def _cpu(file: Path) -> float:
    text = file.read_text()
    if text.startswith("usage_usec"):
        return int(text.split()[1]) / 1e6
    return int(text) / 1e9


def rate(one: Callable[[], object], cpu: Callable[[], float | None], count: int) -> Rate:
    one()
    before, start = cpu(), time.perf_counter()
    for _ in range(count):
        one()
    seconds, after = time.perf_counter() - start, cpu()
    used = None if before is None or after is None else after - before
    return Rate(count, seconds, used)


def rates(level: str, cpu: Callable[[], float | None], count: int) -> dict[str, Rate]:
    found = {"subprocess": rate(subprocess_way, cpu, count // 4)}
    with Sandbox(level) as sandbox:

        def cold() -> None:
            with sandbox.submission(PROGRAM, LIMITS) as submission:
                assert submission.run("1 2\n").stdout == "3\n"

        found["cold"] = rate(cold, cpu, count // 4)
        with sandbox.submission(PROGRAM, LIMITS) as submission:
            found["warm run"] = rate(lambda: submission.run("1 2\n"), cpu, count)
            found["warm call"] = rate(lambda: submission.call("add", [1, 2]), cpu, count)
    return found


def belongings() -> dict[str, int]:
    """Count what sandboxes could leave behind."""
    groups = Path("/sys/fs/cgroup").rglob("potstill-*")
    return {
        "processes": sum(_is_ours(path) for path in Path("/proc").glob("[0-9]*")),
        "groups": sum(f"-{os.getpid()}-" in path.name for path in groups),
        "mounts": len(Path("/proc/self/mountinfo").read_text().splitlines()),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "files": len(list(Path("/tmp").glob("potstill-bwrap-*"))),
    }


def _is_ours(path: Path) -> bool:
    try:
        return b"bwrap" in (path / "cmdline").read_bytes()
    except OSError:
        return False


def leaks(count: int) -> None:
    before = belongings()
    start = time.perf_counter()
    with Sandbox() as sandbox:
        for _ in range(count):
            with sandbox.submission(PROGRAM, LIMITS) as submission:
                assert submission.run("1 2\n").stdout == "3\n"
    after = belongings()
    print(f"{count:,} submissions in {time.perf_counter() - start:.0f} s")
    for name, number in after.items():
        print(f"  {name:<12} {before[name]} before, {number} after")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--level", default="best", choices=["best", "full", "limited"])
    parser.add_argument("--tests", type=int, default=400)
    parser.add_argument("--submissions", type=int, default=0)
    options = parser.parse_args()
    with counted() as cpu:
        found = rates(options.level, cpu, options.tests)
    print(f"{'':<12} {'tests/s CPU':>12} {'tests/s clock':>14} {'ratio':>7}")
    for name, each in found.items():
        ratio = each.per_cpu() / found["subprocess"].per_cpu()
        print(
            f"{name:<12} {each.per_cpu():>12.0f} {each.tests / each.seconds:>14.0f} {ratio:>7.1f}"
        )
    if options.submissions:
        leaks(options.submissions)


if __name__ == "__main__":
    main()
