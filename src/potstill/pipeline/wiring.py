"""What each stage takes from the recipe: its settings, the files that it reads, and its work."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from pydantic import JsonValue

from potstill import registry
from potstill.engine.plugins import PluginCall
from potstill.engine.workers import Workers
from potstill.machine import cores
from potstill.protocols import Place
from potstill.recipe import PluginSpec, Recipe, SourceSpec
from potstill.records import Dropped, Problem
from potstill.stages.decontaminate import decontaminate
from potstill.stages.dedup import Rule as DedupRule
from potstill.stages.dedup import dedup
from potstill.stages.distil import distil
from potstill.stages.export import Exporter, export
from potstill.stages.filter import Rule as FilterRule
from potstill.stages.filter import filter_samples
from potstill.stages.gather import gather
from potstill.stages.io import StageIO
from potstill.stages.verify import Rule as VerifyRule
from potstill.stages.verify import verify
from potstill.storage.journal import Journal
from potstill.version import VERSION

VERIFY_SECONDS = 10.0
"""CPU time for one verifier on one sample: Math-Verify's worst cases take 5 to 10 s (measured)."""

ELSEWHERE = {
    "gather": {"path"},
    "decontaminate": {"path"},
    "distil": {"base_url", "key_env", "max_in_flight", "stall_s", "seed"},
}
"""Settings that say where and how fast, not what: a change of them makes no stage run again."""


class Job(NamedTuple):
    """One run's recipe and what was said beside it."""

    recipe: Recipe
    journal: Path
    limit: int | None
    allow_code: bool

    def plugin(self, kind: str, spec: PluginSpec) -> registry.Plugin:
        """Return the plug-in that `spec` names."""
        return registry.load(kind, spec.use, allow_code=self.allow_code)

    def bound(self, kind: str, spec: PluginSpec) -> registry.Plugin:
        """Return the plug-in that `spec` names, with its options."""
        return registry.bind(self.plugin(kind, spec), spec.options)


def settings(stage: str, job: Job) -> dict[str, JsonValue] | None:
    """Return what the stage's output depends on, or None if the recipe leaves the stage out."""
    key = "sources" if stage == "gather" else stage
    section = job.recipe.model_dump(mode="json")[key]
    if not section:
        return None
    found: dict[str, JsonValue] = {key: _without(section, ELSEWHERE.get(stage, set()))}
    if stage == "gather":
        found["limit"] = job.limit
    return found


def _without(value: JsonValue, keys: set[str]) -> JsonValue:
    if isinstance(value, dict):
        return {k: _without(v, keys) for k, v in value.items() if k not in keys}
    if isinstance(value, list):
        return [_without(item, keys) for item in value]
    return value


def files(stage: str, recipe: Recipe) -> Iterator[Path]:
    """Yield the files that the stage reads beside its rows: data, and code of plug-ins."""
    sources = {
        "gather": recipe.sources,
        "decontaminate": [s for spec in recipe.decontaminate for s in spec.against],
    }
    for source in sources.get(stage, ()):
        if source.path.is_dir():
            yield from sorted(p for p in source.path.rglob("*") if p.is_file())
        else:
            yield source.path
    plugins = {"gather": recipe.sources, "distil": ()}.get(stage)
    for spec in getattr(recipe, stage) if plugins is None else plugins:
        if ".py:" in spec.use:
            yield Path(spec.use.rpartition(":")[0])


def stamp(path: Path) -> str:
    """Return a text that changes when the file does: name, size and time of the last change."""
    stat = path.stat()
    return f"{path.name} {stat.st_size} {stat.st_mtime_ns}"


def read_source(spec: SourceSpec, job: Job) -> Iterator[Problem | Dropped]:
    """Open one source: at most `--limit` rows of it."""
    place = Place(name=spec.name, path=spec.path, map=spec.map, set=spec.set)
    return islice(job.bound("sources", spec)(place), job.limit)


def read_sources(specs: Sequence[SourceSpec], job: Job) -> Iterator[Problem | Dropped]:
    """Open several sources, one after another."""
    for spec in specs:
        yield from read_source(spec, job)


def work(stage: str, io: StageIO[Any, Any], job: Job) -> None:
    """Do the stage's work on the rows of `io`."""
    _WORK[stage](io, job)


def _gather(io: StageIO[Any, Any], job: Job) -> None:
    gather(io)


def _dedup(io: StageIO[Any, Any], job: Job) -> None:
    dedup(io, [DedupRule(s.use, s.where, job.bound("dedup", s)) for s in job.recipe.dedup])


def _decontaminate(io: StageIO[Any, Any], job: Job) -> None:
    unlimited = job._replace(limit=None)
    rules = [
        (spec.use, job.bound("decontaminate", spec)(_items(spec.against, unlimited)))
        for spec in job.recipe.decontaminate
    ]
    decontaminate(io, rules)


def _items(against: Sequence[SourceSpec], job: Job) -> Iterator[Problem]:
    return (row for row in read_sources(against, job) if isinstance(row, Problem))


def _distil(io: StageIO[Any, Any], job: Job) -> None:
    with Journal(job.journal) as journal:
        distil(io, job.recipe.distil, journal)


def _verify(io: StageIO[Any, Any], job: Job) -> None:
    rules = [
        VerifyRule(
            name=spec.use,
            where=spec.where,
            verify=PluginCall("verifiers", spec.use, spec.options, job.allow_code),
            version=VERSION,
        )
        for spec in job.recipe.verify
    ]
    with Workers(job.recipe.engine.workers or cores(), preload=["math_verify"]) as workers:
        verify(io, rules, workers, timeout_s=VERIFY_SECONDS)


def _filter(io: StageIO[Any, Any], job: Job) -> None:
    rules = [FilterRule(s.use, s.where, job.bound("filters", s)) for s in job.recipe.filter]
    filter_samples(io, rules)


def _export(io: StageIO[Any, Any], job: Job) -> None:
    exporters = [
        Exporter(
            spec.name,
            spec.when,
            job.bound("formats", spec),
            get_type_hints(job.plugin("formats", spec))["return"],
        )
        for spec in job.recipe.export
    ]
    export(io, exporters)


_WORK: dict[str, Callable[[StageIO[Any, Any], Job], None]] = {
    "gather": _gather,
    "dedup": _dedup,
    "decontaminate": _decontaminate,
    "distil": _distil,
    "verify": _verify,
    "filter": _filter,
    "export": _export,
}
