"""Reading what a recipe names: its sources, and the benchmarks to keep out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from pydantic import JsonValue

from potstill import registry
from potstill.errors import SourceError
from potstill.pipeline.job import Job
from potstill.protocols import Place, Schema
from potstill.recipe import SourceSpec
from potstill.records import Dropped, Problem

PROMPTLESS = frozenset({"verify", "filter"})
"""Stages alone that can do without a problem's text."""

_SHOWN = 12
"""Columns that a sentence names."""


def read_source(spec: SourceSpec, job: Job) -> Iterator[Problem | Dropped]:
    """Open one source: at most `--limit` rows of it.

    Raises:
        SourceError: There is nothing to read, or no row of it can be used.
    """
    place = Place(
        name=spec.name,
        path=spec.path,
        map=spec.map,
        set=spec.set,
        # Formats may use the columns that a schema makes; other stages alone keep the input's.
        whole=job.alone not in (None, "convert"),
        prompt_needed=job.alone not in PROMPTLESS,
        verdicts=job.alone in ("filter", "convert"),
        schema=_schema(spec, job),
    )
    rows = job.bound("sources", spec)(place)
    yield from _usable(spec, islice(rows, job.limit))


def _schema(spec: SourceSpec, job: Job) -> Schema | None:
    if spec.schema_ is None:
        return None
    return registry.load("schemas", spec.schema_, allow_code=job.allow_code)


def _usable(spec: SourceSpec, rows: Iterable[Problem | Dropped]) -> Iterator[Problem | Dropped]:
    """Pass the rows on; that none of them can be used is no bad row, but a wrong recipe."""
    reasons: Counter[str] = Counter()
    first: dict[str, Dropped] = {}
    kept = 0
    for row in rows:
        if isinstance(row, Dropped):
            reasons[row.reason] += 1
            first.setdefault(row.reason, row)
        else:
            kept += 1
        yield row
    if reasons and not kept:
        counts = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
        hint = _columns(first[reasons.most_common(1)[0][0]].evidence)
        raise SourceError(
            f"{spec.path}: none of the {reasons.total():,} rows that were read can be used: "
            f"{counts}{hint}"
        )


def _columns(evidence: dict[str, JsonValue]) -> str:
    column, found = evidence.get("column"), evidence.get("found")
    if not isinstance(column, str) or not isinstance(found, list):
        return ""
    names = ", ".join(map(str, found[:_SHOWN])) + (", …" if len(found) > _SHOWN else "")
    return f"; there is no column {column!r}, the columns are {names}: name it by `map`"


def read_sources(specs: Sequence[SourceSpec], job: Job) -> Iterator[Problem | Dropped]:
    """Open several sources, one after another."""
    for spec in specs:
        yield from read_source(spec, job)


def read_items(
    against: Sequence[SourceSpec], job: Job, totals: dict[str, int]
) -> Iterator[Problem]:
    """Open benchmarks whole, and count their items in `totals`, those that can't be read too."""
    names = ("benchmark_items", "benchmark_unreadable")
    totals |= {name: totals.get(name, 0) for name in names}
    # Whatever a stage alone needs of its input, an item needs its text.
    for row in read_sources(against, job._replace(limit=None, alone=None)):
        totals[names[isinstance(row, Dropped)]] += 1
        if isinstance(row, Problem):
            yield row
