"""A few calls that stand for all that are still to be asked."""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from potstill.models.requests import Request
from potstill.recipe import DistilSpec, TeacherSpec
from potstill.records import Problem
from potstill.stages.collect import is_done
from potstill.stages.plan import requests_to
from potstill.storage.journal import Journal

MOST_STRATA = 1000
"""Of each teacher; what comes beyond them is drawn as one."""
LEAST = 2
"""Calls to each teacher, if there are as many: one alone says nothing of how they differ."""


class Drawn(NamedTuple):
    """One call to ask."""

    key: str
    """Its key in the journal."""
    model: str
    """The teacher."""
    problem: Problem
    """The problem."""


class Draw(NamedTuple):
    """The calls to ask, and for how many they stand."""

    calls: list[Drawn]
    """Those that were drawn."""
    to_ask: dict[str, int]
    """All calls that are still to be asked, by model."""


Stratum = tuple[str, str, str]
"""Reasoning mode, source and category."""


class _Urn:
    """The calls to one teacher, of which the first ones by key are kept in each stratum."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.sizes: Counter[Stratum] = Counter()
        self._kept: dict[Stratum, list[tuple[str, Problem]]] = {}

    def put(self, problem: Problem, request: Request) -> None:
        stratum: Stratum = (request.reasoning, problem.source, problem.category or "")
        if stratum not in self.sizes and len(self.sizes) >= MOST_STRATA:
            stratum = (request.reasoning, "", "")
        self.sizes[stratum] += 1
        kept = self._kept.setdefault(stratum, [])
        if all(key != request.key for key, _ in kept):  # equal problems are one call
            insort(kept, (request.key, problem), key=lambda each: each[0])
            del kept[self._count :]

    def draw(self, count: int) -> Iterator[tuple[str, Problem]]:
        """Yield `count` calls, evenly spaced over the strata laid end to end."""
        total, before, taken = self.sizes.total(), 0, 0
        for stratum in sorted(self.sizes):
            before += self.sizes[stratum]
            until = (2 * before * count + total) // (2 * total) if total else 0
            yield from self._kept[stratum][: until - taken]
            taken = until


def draw(
    problems: Iterable[Problem], spec: DistilSpec, journal: Journal | None, count: int
) -> Draw:
    """Draw `count` of the calls that are still to be asked, the same ones each time.

    Teachers get theirs in proportion to their calls, and at least `LEAST`; within a teacher they
    are spread in proportion over reasoning modes, sources and categories. Which calls of these, the
    calls' own keys decide, which are hashes of what is asked. `count` calls of each of them are
    held in memory.

    Args:
        problems: The problems that the teachers get.
        spec: What they are asked.
        journal: What is in it is not asked again; None where there is none yet.
        count: How many; all where there are fewer.
    """
    urns = {teacher.model: _Urn(count) for teacher in spec.teachers}
    for problem in problems:
        for teacher in spec.teachers:
            for request in _to_ask(teacher, problem, spec, journal):
                urns[teacher.model].put(problem, request)
    to_ask = {model: urn.sizes.total() for model, urn in urns.items()}
    shares = share(to_ask, count)
    calls = [
        Drawn(key, model, problem)
        for model, urn in urns.items()
        for key, problem in urn.draw(shares[model])
    ]
    return Draw(calls, to_ask)


def _to_ask(
    teacher: TeacherSpec, problem: Problem, spec: DistilSpec, journal: Journal | None
) -> Iterator[Request]:
    for request in requests_to(teacher, problem, spec):
        if journal is None or not is_done(journal, request, teacher.policies):
            yield request


def share(sizes: dict[str, int], count: int) -> dict[str, int]:
    """Return how many of `count` each gets: in proportion, but `LEAST` where it has as many.

    Where these alone are more than `count`, they are asked all the same.
    """
    least = {name: min(LEAST, size) for name, size in sizes.items()}
    rest = {name: size - least[name] for name, size in sizes.items()}
    spare = max(0, min(count, sum(sizes.values())) - sum(least.values()))
    total, before, taken = sum(rest.values()), 0, 0
    for name, size in rest.items():
        before += size
        until = (2 * before * spare + total) // (2 * total) if total else 0
        least[name] += until - taken
        taken = until
    return least
