"""Whether potstill keeps going: 200,000 requests at 300 in flight, to a teacher that often fails.

    python benchmarks/soak.py --plot docs/soak.svg --json benchmarks/soak.json
    python benchmarks/soak.py --prompts 20000 --kills 5       # kill -9 at five random moments

`potstill serve-scripted` answers. Of all requests 10% end in a 429, 5% in a server error, 2% are
reset, 2% stall, 2% come back empty, 2% truncated and 1% malformed; some streams end without
`[DONE]`, with two of them, or with two finish reasons. Time is scaled: a reply comes after 0.3 s
(median; lognormal) where a reasoning model takes minutes, a stall is told after 2 s instead of 600,
and Retry-After is 0.2 s.

While `potstill run` works, its memory and open files are read from /proc, and the server's
counters; latencies are those that the journal has of each request. At the end `soak_claims.py`
looks whether every prompt has its answer or its named ending, none is lost or doubled, and nothing
grew. With `--kills` the run is killed, and the same command given again: what the journal had as
done by then must not be asked again. The plot needs matplotlib.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from soak_claims import (
    Calls,
    Claim,
    Kill,
    Reading,
    Span,
    journal_path,
    of_answers,
    of_calls,
    of_growth,
)

from potstill.models.policies import is_final
from potstill.storage.journal import Journal

SCRIPT = {
    "latency_spread": 0.3,
    "words": 100,
    "chunk": 10,
    "faults": {
        "rate_limited": 0.10,
        "server_error": 0.05,
        "network": 0.02,
        "stalled": 0.02,
        "empty": 0.02,
        "truncated": 0.02,
        "malformed": 0.01,
    },
    "overloaded": 0.5,
    "retry_after": 0.2,
    "quirks": {
        "done_missing": 0.02,
        "closed_early": 0.01,
        "done_doubled": 0.02,
        "finish_doubled": 0.01,
    },
}
EXPECTED = 1.28
"""Requests for each prompt: all faults but truncation are tried again."""

RECIPE = """
name: soak
sources: [{{path: problems.jsonl, map: {{problem: question}}}}]
distil:
  teachers:
    - model: scripted
      base_url: "{base_url}"
      max_in_flight: {in_flight}
      stream: true
      stall_s: 2
      deadline_s: 60
      sampling: {{temperature: 0.6, max_tokens: 4096}}
export: [{{use: messages}}]
"""


class Outcome(NamedTuple):
    """What a soak left."""

    seconds: float
    """From the first process's start to the last one's end."""
    readings: list[Reading]
    """While calls were asked."""
    spans: list[Span]
    """Of the asking."""
    first: float
    """When the first request ended, in seconds since 1970."""
    claims: list[Claim]
    """What it shows."""
    server: dict[str, object]
    """The server's counters at the end."""


@contextmanager
def teacher(latency: float) -> Iterator[str]:
    """Serve the script in a process and on a core of its own; yield the address up to `/v1`."""
    Path("script.json").write_text(json.dumps({"latency": latency, **SCRIPT}))
    command = [sys.executable, "-m", "potstill", "serve-scripted", "--port", "0"]
    command += ["--script", "script.json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            os.sched_setaffinity(server.pid, {CORES[-1]})
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()


CORES = sorted(os.sched_getaffinity(0))


def start() -> subprocess.Popen[bytes]:
    """Start the run, or go on with it, on the other cores."""
    command = [sys.executable, "-m", "potstill", "run", "recipe.yaml", "--out", "run", "--quiet"]
    with Path("run.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    os.sched_setaffinity(process.pid, set(CORES[:-1] or CORES))
    return process


def stats(base_url: str, query: str = "?brief") -> dict[str, object]:
    """Return the server's counters."""
    with urlopen(f"{base_url.removesuffix('/v1')}/stats{query}") as reply:
        return json.loads(reply.read())


def read(pid: int, base_url: str) -> Reading:
    """Read the process and the server's counters.

    Raises:
        OSError: The process has ended.
    """
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    descriptors = len(os.listdir(f"/proc/{pid}/fd"))
    counted = stats(base_url)
    in_flight, requests = (int(str(counted[name])) for name in ("in_flight", "requests"))
    return Reading(time.time(), memory, descriptors, in_flight, requests)


def soak(given: argparse.Namespace, base_url: str) -> tuple[list[Reading], list[Kill]]:
    """Run until the end, with all kills on the way."""
    readings: list[Reading] = []
    kills: list[Kill] = []
    requests = range(given.prompts // 20, int(given.prompts * EXPECTED))
    moments = sorted(random.Random(given.seed).sample(requests, given.kills))
    process = start()
    while process.poll() is None:
        time.sleep(given.every)
        try:
            readings.append(read(process.pid, base_url))
        except OSError:
            continue
        if moments and readings[-1].requests >= moments[0]:
            del moments[0]
            kills.append(kill(process, base_url))
            process = start()
    if process.returncode:
        sys.exit(f"the run ended with {process.returncode}: {Path('run.log').read_text()[-2000:]}")
    return readings, kills


def kill(process: subprocess.Popen[bytes], base_url: str) -> Kill:
    """End the run at once; return what the journal and the server have of it."""
    in_flight = int(str(stats(base_url)["in_flight"]))
    process.kill()
    process.wait()
    while stats(base_url)["in_flight"]:
        time.sleep(0.05)  # the server sees one broken connection after another
    answers = stats(base_url, "")["by_request"]
    assert isinstance(answers, dict)
    with Journal(journal_path()) as journal:
        endings = journal.endings(list(journal.keys()))
    return Kill(frozenset(k for k, e in endings.items() if is_final(e)), answers, in_flight)


def work(given: argparse.Namespace) -> Outcome:
    """Soak in the current folder."""
    lines = (json.dumps({"question": f"What is {n} + {n}?"}) for n in range(given.prompts))
    Path("problems.jsonl").write_text("\n".join(lines) + "\n")
    with teacher(given.latency) as base_url:
        recipe = RECIPE.format(base_url=base_url, in_flight=given.in_flight)
        Path("recipe.yaml").write_text(recipe)
        began = time.monotonic()
        readings, kills = soak(given, base_url)
        took = time.monotonic() - began
        server = stats(base_url, "")
    answers = server.pop("by_request")
    assert isinstance(answers, dict)
    calls = Calls()
    first, last = calls.ended[0][0], calls.ended[-1][0]
    readings = [each for each in readings if first <= each.at <= last]
    spans = list(calls.spans())
    unbooked = 2 * given.in_flight * len(kills)
    claims = list(of_calls(given.prompts, calls, int(str(server["requests"])), unbooked))
    claims += of_answers(calls, kills, answers)
    claims += [] if kills else of_growth(readings, spans)
    return Outcome(took, readings, spans, first, claims, server)


def report(given: argparse.Namespace, outcome: Outcome) -> None:
    """Print the table."""
    minutes = (outcome.readings[-1].at - outcome.first) / 60
    print(f"\n{given.prompts:,} prompts at {given.in_flight:,} in flight, {given.kills} kills:")
    print(f"{minutes:.1f} minutes of asking, {outcome.seconds / 60:.1f} in all\n")
    print("| | measured | holds |")
    print("|---|---|---|")
    for claim, measured, holds in outcome.claims:
        print(f"| {claim} | {measured} | {'yes' if holds else '**no**'} |")


def as_json(given: argparse.Namespace, outcome: Outcome) -> str:
    """Return all figures; times are seconds since the first request ended."""
    readings = [each._replace(at=each.at - outcome.first) for each in outcome.readings]
    body = {
        "prompts": given.prompts,
        "in_flight": given.in_flight,
        "kills": given.kills,
        "script": {"latency": given.latency, **SCRIPT},
        "seconds": round(outcome.seconds, 1),
        "claims": [each._asdict() for each in outcome.claims],
        "server": outcome.server,
        "spans": {"columns": Span._fields, "rows": rounded(outcome.spans)},
        "readings": {"columns": Reading._fields, "rows": rounded(readings)},
    }
    return json.dumps(body, indent=1) + "\n"


def rounded(rows: Sequence[tuple[float, ...]]) -> list[list[float]]:
    """Return rows with as many digits as they mean."""
    return [[round(value, 3) for value in row] for row in rows]


def main() -> None:
    """Soak as the command line says; the exit status is 1 where something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prompts", type=int, default=160_000)
    parser.add_argument("--in-flight", type=int, default=300)
    parser.add_argument("--latency", type=float, default=0.3, help="median seconds of an answer")
    parser.add_argument("--kills", type=int, default=0, help="kill the run so often")
    parser.add_argument("--seed", type=int, default=0, help="draws the moments of the kills")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two readings")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write the plot, an SVG")
    given = parser.parse_args()
    back = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="soak-", dir=".") as folder:
        os.chdir(folder)
        try:
            outcome = work(given)
        finally:
            os.chdir(back)
    report(given, outcome)
    if given.json:
        given.json.write_text(as_json(given, outcome))
    if given.plot:
        from soak_plot import plot

        plot(given.plot, outcome.readings, outcome.spans, outcome.first)
    sys.exit(0 if all(each.holds for each in outcome.claims) else 1)


if __name__ == "__main__":
    main()
