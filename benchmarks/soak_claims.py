"""What a soak has to show, from the run's journal and rows and from the server's counters."""

import json
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import potstill
from potstill.models.policies import is_final
from potstill.models.script.plan import hash_of
from potstill.records import ANSWERED, Sample
from potstill.storage.journal import Journal

SPANS = 100
"""Into so many the time of the asking is cut for rates and latencies."""
MOST_REQUESTS = 1.35
"""Requests for each prompt; independent draws of the faults cost 1.28."""


class Reading(NamedTuple):
    """What was read of the run and of the server at one moment."""

    at: float
    """Seconds since 1970."""
    memory_mb: float
    """Resident set of the run's process."""
    descriptors: int
    """Its open files and sockets."""
    in_flight: int
    """Requests that the server is answering."""
    requests: int
    """Requests that it got so far."""


class Span(NamedTuple):
    """What ended in one span of the asking."""

    at: float
    """Its middle, in seconds since the first request ended."""
    rate: float
    """Requests a second."""
    p50: float
    """Median seconds of the answers, from sending to the end."""
    p99: float
    """What 99 in 100 of them took at most."""


class Kill(NamedTuple):
    """What was known when a run had been killed."""

    done: frozenset[str]
    """Calls that the journal had as done."""
    answers: dict[str, int]
    """Answers that the server had given, by the request's hash."""
    in_flight: int
    """Requests at that moment."""


class Claim(NamedTuple):
    """One thing that must be so."""

    claim: str
    measured: str
    holds: bool


class Calls:
    """What the journal has of the calls."""

    def __init__(self) -> None:
        """Read it."""
        self.endings = Counter[str]()
        """Of the calls."""
        self.attempts = Counter[str]()
        """Endings of the requests."""
        self.most_attempts = 0
        """Requests for one call."""
        self.digests: dict[str, str] = {}
        """The server's hash of each call's request."""
        self.ended: list[tuple[float, float, bool]] = []
        """When each request ended, how many seconds it took, and whether with an answer."""
        with Journal(journal_path()) as journal:
            for key in list(journal.keys()):
                self._read(journal, key)
        self.ended.sort()

    def _read(self, journal: Journal, key: str) -> None:
        entry = journal.get(key)
        assert entry is not None
        self.endings[entry.ending] += 1
        self.most_attempts = max(self.most_attempts, len(entry.attempts))
        self.digests[key] = hash_of(json.loads(entry.request))
        for each in entry.attempts:
            self.attempts[each.ending] += 1
            end = datetime.fromisoformat(each.at).timestamp() + each.seconds
            self.ended.append((end, each.seconds, each.ending in ANSWERED))

    def spans(self) -> Iterator[Span]:
        """Yield rates and latencies over the time of the asking."""
        first, last = self.ended[0][0], self.ended[-1][0]
        width = (last - first) / SPANS
        found: list[list[tuple[float, float, bool]]] = [[] for _ in range(SPANS)]
        for each in self.ended:
            found[min(SPANS - 1, int((each[0] - first) / width))].append(each)
        for i, here in enumerate(found):
            took = [seconds for _, seconds, answered in here if answered]
            if len(took) > 1:
                cuts = statistics.quantiles(took, n=100)
                yield Span((i + 0.5) * width, len(here) / width, cuts[49], cuts[98])


def journal_path() -> Path:
    """Return where the run's journal is."""
    lines = Path("run/events.jsonl").read_text().splitlines()
    started = next(event for event in map(json.loads, lines) if event["event"] == "run_started")
    return Path(started["journal"])


def of_calls(prompts: int, calls: Calls, requests: int, unbooked_at_most: int) -> Iterator[Claim]:
    """Yield what must be so of calls and requests.

    Args:
        prompts: How many were asked.
        calls: What the journal has of them.
        requests: As the server counted them.
        unbooked_at_most: How many of these a kill may have kept from the journal: those in flight,
            and the earlier attempts of calls that had no ending yet.
    """
    told = ", ".join(f"{n:,} {ending}" for ending, n in calls.endings.most_common())
    final = all(map(is_final, calls.endings)) and calls.endings.total() == prompts
    yield Claim("every prompt has its ending", told, final)
    places = rows_of_distil()
    lost, doubled = prompts - len(places), sum(n > 1 for n in places.values())
    told = f"{lost:,} lost, {doubled:,} doubled"
    yield Claim("no row is lost or doubled", told, not lost and not doubled)
    journaled = calls.attempts.total()
    ratio = journaled / prompts
    told = f"{journaled:,}, {ratio:.3f} for each, at most {calls.most_attempts} for one"
    yield Claim(f"requests are at most {MOST_REQUESTS} × prompts", told, ratio <= MOST_REQUESTS)
    unbooked = requests - journaled
    told = f"{unbooked:,} of the server's {requests:,} are not"
    yield Claim("every request is in the journal", told, 0 <= unbooked <= unbooked_at_most)


def rows_of_distil() -> Counter[str]:
    """Return how often each problem left distil, as a sample or dropped with a reason."""
    run = potstill.open_run(Path("run"))
    places = Counter[str]()
    for dropped in (False, True):
        for row in run.rows(stage="distil", dropped=dropped):
            places[row.problem.row_id if isinstance(row, Sample) else row.row_id] += 1
    return places


def of_answers(calls: Calls, kills: Sequence[Kill], answers: dict[str, int]) -> Iterator[Claim]:
    """Yield what must be so of the answers that the server gave, by the requests' hashes."""
    doubled = sum(count > 1 for count in answers.values())
    if not kills:
        yield Claim("nothing is answered twice", f"{doubled:,} of {len(answers):,}", not doubled)
        return
    again = 0
    for each in kills:
        digests = [calls.digests[key] for key in each.done]
        again += sum(answers.get(digest, 0) > each.answers.get(digest, 0) for digest in digests)
    told = f"{again:,} of {', '.join(f'{len(each.done):,}' for each in kills)} done"
    yield Claim("what is journaled at a kill is not asked again", told, not again)
    most = sum(each.in_flight for each in kills)
    told = f"{doubled:,}, where {most:,} were in flight at {len(kills)} kills"
    yield Claim("only what is in flight at a kill is answered twice", told, doubled <= most)


def of_growth(readings: Sequence[Reading], spans: Sequence[Span]) -> Iterator[Claim]:
    """Yield what must not grow from the second to the last fifth of the asking."""
    early, late = fifths([each.memory_mb for each in readings])
    most = max(each.memory_mb for each in readings)
    told = f"{early:.0f} MB, then {late:.0f} MB; most {most:.0f}"
    yield Claim("memory is flat", told, late < 1.15 * early)
    early, late = fifths([each.descriptors for each in readings], max)
    told = f"at most {early:.0f}, then at most {late:.0f}"
    yield Claim("descriptors are flat", told, late < 1.15 * early)
    for name, values in (("median", [s.p50 for s in spans]), ("99%", [s.p99 for s in spans])):
        early, late = fifths(values)
        told = f"{early:.2f} s, then {late:.2f} s"
        yield Claim(f"the {name} latency is flat", told, late < 1.25 * early)


def fifths(
    values: Sequence[float], of: Callable[[Sequence[float]], float] = statistics.median
) -> tuple[float, float]:
    """Return the median, or another figure, of the second and of the last fifth."""
    fifth = max(1, len(values) // 5)
    return of(values[fifth : 2 * fifth]), of(values[-fifth:])
