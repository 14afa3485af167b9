"""Reading what a recipe names: its sources, and the benchmarks to keep out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from pydantic import JsonValue

from potstill import registry
from potstill.errors import SourceError
from potstill.pipeline.fill import originals
from potstill.pipeline.job import Job
from potstill.protocols import Place, Schema
from potstill.recipe import SourceSpec
from potstill.records import Dropped, Problem

PROMPTLESS = frozenset({"verify", "filter"})
"""Stages alone that can do without a problem's text."""

_SHOWN = 12
"""Columns that a sentence names."""


def read_source(spec: SourceSpec, job: Job) -> Iterator[Problem | Dropped]:
    """Read one source: at most `--limit` rows of it.

    Raises:
        SourceError: There is nothing to read, or no row of it can be used.
    """
    usable = Usable(spec)
    for row in islice(open_source(spec, job), job.limit):
        usable.note(row)
        yield row
    usable.check()


def open_source(spec: SourceSpec, job: Job) -> Iterable[Problem | Dropped]:
    """Open one source: what its plug-in returns.

    Raises:
        SourceError: There is nothing to read.
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
        commit=spec.commit,
        license=spec.license,
        fill=originals(spec.fill, job),
    )
    return job.bound("sources", spec)(place)


def _schema(spec: SourceSpec, job: Job) -> Schema | None:
    if spec.schema_ is None:
        return None
    if ".py:" in spec.schema_:
        return SchemaOfFile(spec.schema_, job.allow_code)
    return registry.load("schemas", spec.schema_)


class SchemaOfFile:
    """A schema in a file of the user's, which is imported where it is used: it can be pickled."""

    def __init__(self, name: str, allow_code: bool) -> None:
        """Keep its name, `path/to/file.py:function`, and whether the file may be run."""
        self._given = (name, allow_code)

    def __call__(self, row: Mapping[str, JsonValue], /) -> dict[str, JsonValue]:
        """Return the canonical row.

        Raises:
            InputError: There is no such function, or code is not allowed.
        """
        return self._function(row)

    @cached_property
    def _function(self) -> Schema:
        name, allow_code = self._given
        return registry.load("schemas", name, allow_code=allow_code)

    def __reduce__(self) -> tuple[type, tuple[str, bool]]:
        """Leave the function out of a pickle."""
        return SchemaOfFile, self._given


class Usable:
    """Counts a source's rows: that none of them can be used is no bad row, but a wrong recipe."""

    def __init__(self, spec: SourceSpec) -> None:
        """Begin with none."""
        self._spec = spec
        self._reasons: Counter[str] = Counter()
        self._first: dict[str, Dropped] = {}
        self._kept = 0

    def note(self, row: Problem | Dropped) -> None:
        """Count one row."""
        if isinstance(row, Dropped):
            self.add(Counter([row.reason]), 0, {row.reason: row})
        else:
            self._kept += 1

    def add(self, reasons: Counter[str], kept: int, first: dict[str, Dropped]) -> None:
        """Count what another process has counted, with the first row of each reason."""
        self._reasons += reasons
        self._kept += kept
        self._first = first | self._first

    def check(self) -> None:
        """Look whether there was one that can be used.

        Raises:
            SourceError: There was none.
        """
        if not self._reasons or self._kept:
            return
        ranked = self._reasons.most_common()
        counts = ", ".join(f"{reason} {count}" for reason, count in ranked)
        hint = _hint(self._first[ranked[0][0]].evidence)
        raise SourceError(
            f"{self._spec.path}: none of the {self._reasons.total():,} rows that were read can be "
            f"used: {counts}{hint}"
        )


def _hint(evidence: dict[str, JsonValue]) -> str:
    if isinstance(advice := evidence.get("advice"), str):
        return f"; {advice}"
    column, found = evidence.get("column"), evidence.get("found")
    if not isinstance(column, str) or not isinstance(found, list):
        return ""
    names = ", ".join(map(str, found[:_SHOWN])) + (", …" if len(found) > _SHOWN else "")
    return f"; the first has no column {column!r}, the columns are {names}: name it by `map`"


def read_sources(specs: Sequence[SourceSpec], job: Job) -> Iterator[Problem | Dropped]:
    """Open several sources, one after another."""
    for spec in specs:
        yield from read_source(spec, job)


def read_items(
    against: Sequence[SourceSpec], job: Job, totals: dict[str, int]
) -> Iterator[Problem]:
    """Open benchmarks whole, and count the items of each, those that can't be read too."""
    # Whatever a stage alone needs of its input, an item needs its text.
    job = job._replace(limit=None, alone=None)
    for spec in against:
        counts = Counter[str]()
        for row in read_source(spec, job):
            counts["unreadable" if isinstance(row, Dropped) else "items"] += 1
            if isinstance(row, Problem):
                yield row
        totals |= {f"{what}:{spec.name}": count for what, count in sorted(counts.items())}
