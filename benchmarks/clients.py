"""How fast potstill asks, side by side with its peers.

    python benchmarks/clients.py --peers-dir PEERS --install       # all clients, 300 and 1,000
    python benchmarks/clients.py --peers-dir PEERS --only potstill,aiohttp --in-flight 5000
    python benchmarks/clients.py --peers-dir PEERS --stream --only potstill,aiohttp,openai

The server (`server.py`) replies after one second with 8 kB, from bytes prepared beforehand, on the
last core; the clients run one at a time on the other ones, each run in a process of its own and an
empty folder. Peers have virtual environments of their own below `--peers-dir`, since what they
require conflicts; `--install` makes them. Repeats are interleaved, and the table has the medians.

- requests/s: all requests, from the first one's arrival at the server to the last reply that it
  sent; for potstill to the last commit of its journal (SQLite, WAL, synchronous=FULL).
- CPU ms a request: what the process and its children took, less what a run of 100 requests took,
  so without imports and start-up. The row "asking" has the CPU time between potstill's first
  request and its last commit; "whole line" is the same run from a file of problems to the exported
  samples, as the peers' figures hold their reading and writing.
- peak: the largest resident set of any one of the client's processes.
- complete: prompts whose answer came out right, to the last character.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from peers.common import Job

HERE = Path(__file__).parent
FEW = 100
"""Requests of the run that tells what a client takes to start."""


class Peer(NamedTuple):
    """A client: `peers/NAME.py`."""

    packages: tuple[str, ...] = ()
    """What its virtual environment holds; none for a client that runs in this one."""
    venv: str = ""
    """Name of the environment's folder."""
    streams: bool = False
    """Whether it can take replies as streams here."""


PEERS = {
    "aiohttp": Peer(streams=True),
    "potstill": Peer(streams=True),
    "openai": Peer(("openai[aiohttp]==3.54.0",), "openai", streams=True),
    "openai_aiohttp": Peer(("openai[aiohttp]==3.54.0",), "openai", streams=True),
    "curator": Peer(("bespokelabs-curator==0.1.31",), "curator"),
    "distilabel": Peer(("distilabel[openai]==1.5.3", "requests"), "distilabel"),
    "data_designer": Peer(("data-designer==0.9.6",), "data_designer"),
    "inspect_ai": Peer(("inspect-ai==0.3.285", "openai==3.54.0"), "inspect_ai"),
}

QUIET = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "NO_PROXY": "127.0.0.1",
    "PYTHONPATH": str(HERE),
}

Figures = dict[str, float | str]
"""Of one run; `error` where it failed."""


def install(peers_dir: Path, names: Sequence[str]) -> None:
    """Make the virtual environments that are missing; what can't be installed is told later."""
    for name in names:
        peer, folder = PEERS[name], peers_dir / PEERS[name].venv
        if peer.packages and not (folder / "installed").exists():
            print(f"installing {' '.join(peer.packages)}", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", *peer.packages]
            if subprocess.run(pip, stdout=sys.stderr).returncode == 0:
                (folder / "installed").touch()


def python(name: str, peers_dir: Path) -> Path:
    """Return the interpreter of a client."""
    peer = PEERS[name]
    return peers_dir / peer.venv / "bin/python" if peer.packages else Path(sys.executable)


@contextmanager
def server(core: int, latency: float) -> Iterator[str]:
    """Serve on a core; yield the address up to `/v1`."""
    command = [sys.executable, HERE / "server.py", "--core", str(core), "--latency", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def counts(url: str, action: str = "stats") -> Figures:
    """Return what the server counted; with the action `reset` it begins anew."""
    with urlopen(f"{url.removesuffix('/v1')}/{action}") as reply:
        return json.loads(reply.read())


def measure(name: str, job: Job, *, peers_dir: Path, limit_s: float) -> Figures:
    """Run a client once in an empty folder, and return its figures with those of the server."""
    counts(job.url, "reset")
    command = [python(name, peers_dir), "-m", f"peers.{name}"]
    command += [job.url, str(job.requests), str(job.in_flight)]
    command += ["--stream"] if job.stream else []
    with tempfile.TemporaryDirectory(prefix="clients-", dir=".") as folder:
        began = time.monotonic()
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=os.environ | QUIET | {"HOME": str(Path(folder).resolve())},
                capture_output=True,
                text=True,
                timeout=limit_s,
            )
        except FileNotFoundError:
            return {"error": "not installed"}
        except subprocess.TimeoutExpired:
            return {"error": f"not done after {limit_s:g} s"}
    if done.returncode:
        return {"error": (done.stderr.strip() or "no word").splitlines()[-1][:200]}
    figures: Figures = json.loads(done.stdout.strip().splitlines()[-1])
    return figures | seen(counts(job.url), figures, began)


def start(name: str, job: Job, *, peers_dir: Path, limit_s: float) -> Figures:
    """Return the figures of a short second run: the first one may compile what it imports."""
    runs = [measure(name, job, peers_dir=peers_dir, limit_s=limit_s) for _ in range(2)]
    return runs[-1]


def seen(server: Figures, figures: Figures, began: float) -> Figures:
    """Return what the server adds to a client's figures, and what follows from both."""
    first, last = float(server["first"]), float(figures.get("committed", server["last"]))
    return {
        "seconds": last - first,
        "whole_s": float(figures["finished"]) - began,
        "requests": server["requests"],
        "most_in_flight": server["most"],
        "server_busy": float(server["cpu_s"]) / (float(server["last"]) - first),
    }


def rate(runs: Sequence[Figures], job: Job, key: str = "seconds") -> float:
    """Return the median of the requests a second."""
    return statistics.median(job.requests / float(run[key]) for run in runs)


def cpu_ms(runs: Sequence[Figures], job: Job, few: Figures, key: str = "cpu_s") -> float:
    """Return the median of the CPU time of a request, without what a start takes."""
    spent = statistics.median(float(run[key]) for run in runs) - float(few[key])
    return 1000 * spent / (job.requests - FEW)


def row(name: str, runs: Sequence[Figures], job: Job, few: Figures, bare: float) -> Iterator[str]:
    """Yield the table's rows of one client."""
    if errors := [run["error"] for run in (few, *runs) if "error" in run]:
        yield f"| {name} | failed: {errors[0]} | | | | | |"
        return
    version = runs[0]["version"]
    peak = max(float(run["peak_mb"]) for run in runs)
    complete = min(int(run["complete"]) for run in runs)
    more = max(int(run["requests"]) for run in runs) - job.requests
    told = f"{complete:,} of {job.requests:,}" + (f", {more:,} asked twice" if more > 0 else "")
    found = rate(runs, job)
    ratio = f"{found / bare:.2f}" if bare else ""

    def line(what: str, rate: float, ratio: str, cpu: float) -> str:
        return f"| {what} | {version} | {rate:,.0f} | {ratio} | {cpu:.2f} | {peak:.0f} | {told} |"

    if name != "potstill":
        yield line(name, found, ratio, cpu_ms(runs, job, few))
        return
    asking = statistics.median(1000 * float(run["asking_cpu_s"]) / job.requests for run in runs)
    yield line("potstill, asking", found, ratio, asking)
    whole = rate(runs, job, "line_s")
    ratio = f"{whole / bare:.2f}" if bare else ""
    yield line("potstill, whole line", whole, ratio, cpu_ms(runs, job, few))


def table(found: dict[str, list[Figures]], few: dict[str, Figures], job: Job) -> Iterator[str]:
    """Yield the table of one condition."""
    kind = "streamed" if job.stream else "whole"
    yield f"\n{job.requests:,} requests at {job.in_flight:,} in flight, {kind} replies\n"
    yield "| client | version | requests/s | of bare aiohttp | CPU ms | peak MB | complete |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    bare = [run for run in found.get("aiohttp", []) if "error" not in run]
    for name, runs in found.items():
        yield from row(name, runs, job, few[name], rate(bare, job) if bare else 0)
    busy = [
        float(run["server_busy"]) for runs in found.values() for run in runs if "error" not in run
    ]
    if busy:
        yield f"\nThe server's core was busy for {min(busy):.0%} to {max(busy):.0%} of the time."


def bench(given: argparse.Namespace, names: Sequence[str], url: str) -> list[dict[str, object]]:
    """Measure every condition, print its table, and return every run's figures."""
    limits = {"peers_dir": given.peers_dir, "limit_s": given.limit_s}
    few = {name: start(name, Job(url, FEW, FEW, given.stream), **limits) for name in names}
    every: list[dict[str, object]] = [{"client": name, "few": few[name]} for name in names]
    for in_flight in given.in_flight:
        job = Job(url, given.requests or 5000 + 10 * in_flight, in_flight, given.stream)
        found: dict[str, list[Figures]] = defaultdict(list)
        for _ in range(given.repeat):
            for name in names:
                figures = measure(name, job, **limits)
                print(f"{name} at {in_flight}: {figures}", file=sys.stderr)
                found[name].append(figures)
                every.append({"client": name, **job._asdict(), **figures})
        print("\n".join(table(found, few, job)), flush=True)
    return every


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers-dir", type=Path, default=Path("peers"), metavar="FOLDER")
    parser.add_argument("--install", action="store_true", help="install what is missing there")
    parser.add_argument("--only", help=f"some of: {','.join(PEERS)}")
    parser.add_argument("--in-flight", type=numbers, default=(300, 1000), metavar="N,N")
    parser.add_argument("--requests", type=int, help="by default 5,000 and 10 for each in flight")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--stream", action="store_true")
    parser.add_argument("--latency", type=float, default=1.0, help="seconds before a reply")
    parser.add_argument("--limit-s", type=float, default=900.0, help="most seconds of one run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run's figures")
    given = parser.parse_args()
    given.peers_dir = given.peers_dir.resolve()
    return given


def numbers(text: str) -> tuple[int, ...]:
    """Read numbers between commas."""
    return tuple(int(part) for part in text.split(","))


def main() -> None:
    """Measure the clients that the command line names."""
    given = arguments()
    names = given.only.split(",") if given.only else list(PEERS)
    if unknown := [name for name in names if name not in PEERS]:
        sys.exit(f"{unknown[0]} is none of {', '.join(PEERS)}")
    names = [name for name in names if PEERS[name].streams or not given.stream]
    if given.install:
        install(given.peers_dir, names)
    cores = sorted(os.sched_getaffinity(0))
    with server(cores[-1], given.latency) as url:
        os.sched_setaffinity(0, set(cores[:-1] or cores))  # of this process and so of the clients
        every = bench(given, names, url)
    if given.json:
        given.json.write_text(json.dumps(every, indent=1) + "\n")


if __name__ == "__main__":
    main()
