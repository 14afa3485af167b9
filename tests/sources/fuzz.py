"""Fuzz a reader until time is up, and keep each input that breaks an invariant.

    python tests/sources/fuzz.py READER --minutes 10 --findings FOLDER

READER is jsonl, zst (packed lines), json, parquet, csv or recipe. Inputs are files of the corpus
with changes, and rows that are made up (`hostile/mutations.py`); `hostile/invariants.py` says what
must hold. Where atheris is installed its coverage leads the changes; else hypothesis draws them, as
`--engine hypothesis` says always. A child process reads, because a crash, a loop of more than 30 s
or more than 2 GiB of memory is a finding too: FOLDER then holds the file that was being read.
"""

import argparse
import faulthandler
import importlib.util
import itertools
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

READERS = ("jsonl", "zst", "json", "parquet", "csv", "recipe")
MEMORY = 2 << 30
"""Bytes that a child may hold; a reader, its libraries and the language model take 0.4 GiB."""
STALL = 30
"""Seconds for one input; the slowest good one takes 1."""
QUICK = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where inputs are written: in memory, where that is a folder."""
EXAMPLES = 500
"""Inputs of one round of hypothesis."""


def main() -> None:
    """Run the command line: exit 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("reader", choices=READERS)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0, help="of the first round")
    parser.add_argument("--findings", type=Path, default=Path("findings"))
    engine = "atheris" if importlib.util.find_spec("atheris") else "hypothesis"
    parser.add_argument("--engine", choices=["hypothesis", "atheris"], default=engine)
    parser.add_argument("--child", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child is None:
        sys.exit(watch(arguments))
    limit()
    {"hypothesis": with_hypothesis, "atheris": with_atheris}[arguments.engine](arguments)


def watch(arguments: argparse.Namespace) -> int:
    """Run children until time is up, and keep the file on which one ended early."""
    found, seed = 0, arguments.seed
    end = time.monotonic() + arguments.minutes * 60
    while (left := end - time.monotonic()) > 0:
        with tempfile.TemporaryDirectory(dir=QUICK) as folder:
            options = ["--engine", arguments.engine, "--seed", str(seed), "--child", str(left)]
            script = [sys.executable, os.path.abspath(__file__), arguments.reader]
            if status := subprocess.run([*script, *options], cwd=folder).returncode:
                found += 1
                name = f"{arguments.reader}-{arguments.engine}-{seed}"
                keep(Path(folder), arguments.findings, name, status)
        seed += 1_000_000
    print(f"{arguments.reader}: {found} findings", flush=True)
    return bool(found)


def keep(folder: Path, findings: Path, name: str, status: int) -> None:
    """Copy the input that a child read when it ended."""
    files = list(folder.glob("x.*"))
    if not files:
        sys.exit(f"the child ended with {status} before it read anything")
    findings.mkdir(parents=True, exist_ok=True)
    kept = shutil.copy(files[0], findings / f"{name}-{files[0].name}")
    print(f"finding: the child ended with {status} while it read {kept}", flush=True)


def limit() -> None:
    """Let this process end where it needs too much memory; nothing may take all of a machine's."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (4 * MEMORY, hard))
    faulthandler.enable()


def read(reader: str, data: bytes) -> None:
    """Check one input in the current folder; end the process where it stalls or holds too much."""
    from hostile.invariants import check

    faulthandler.dump_traceback_later(STALL, exit=True)
    check(reader, data, Path.cwd())
    faulthandler.cancel_dump_traceback_later()
    if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > MEMORY:
        print(f"more than {MEMORY} bytes of memory", flush=True)
        os._exit(3)


def with_hypothesis(arguments: argparse.Namespace) -> None:
    """Draw rounds of inputs; a failing one is made as small as hypothesis can."""
    from hostile.mutations import files
    from hypothesis import HealthCheck, Phase, given, seed, settings

    thorough = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
    )
    end, inputs = time.monotonic() + arguments.child, 0

    def run(data: bytes) -> None:
        nonlocal inputs
        inputs += 1
        read(arguments.reader, data)

    for number in itertools.count(arguments.seed):
        if time.monotonic() > end:
            break
        try:
            seed(number)(thorough(given(data=files(arguments.reader))(run)))()
        except Exception:
            traceback.print_exc()
            os._exit(1)
    print(f"{arguments.reader}: {inputs} inputs by hypothesis", flush=True)


def with_atheris(arguments: argparse.Namespace) -> None:
    """Change inputs so that new lines of potstill are reached."""
    import atheris

    with atheris.instrument_imports(include=["potstill", "ruamel"]):
        from hostile.invariants import check  # noqa: F401
        from hostile.mutations import seeds

        from potstill.registry import load

        for name in ("jsonl", "json", "parquet"):
            load("sources", name)
    Path("seeds").mkdir()
    for i, data in enumerate(seeds(arguments.reader)):
        Path("seeds", str(i)).write_bytes(data)
    flags = [f"-max_total_time={int(arguments.child)}", f"-seed={arguments.seed or 1}"]
    flags += ["-max_len=65536", f"-timeout={STALL}", "-rss_limit_mb=0", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *flags, "seeds"], lambda data: read(arguments.reader, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
