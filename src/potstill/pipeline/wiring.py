"""What each stage takes from its section of a recipe: settings, files to read, and its work."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from pydantic import JsonValue

from potstill.pipeline import benchmarks
from potstill.pipeline.decontamination import decontaminate
from potstill.pipeline.gathering import Gathering
from potstill.pipeline.inputs import inputs
from potstill.pipeline.job import Job
from potstill.pipeline.reading import read_sources
from potstill.pipeline.verification import verify
from potstill.recipe import DistilSpec, JudgeSpec, PluginSpec, Recipe, SourceSpec
from potstill.recipe.decontaminate import DecontaminateSpec
from potstill.recipe.specs import (
    DedupSpec,
    ExportSpec,
    FilterSpec,
    LabelSpec,
    Spec,
)
from potstill.records import Record
from potstill.report.card import card
from potstill.sources.locations import Input
from potstill.stages import dedup
from potstill.stages.dedup import Rule as DedupRule
from potstill.stages.distil import distil
from potstill.stages.export import Exporter, export
from potstill.stages.filter import Rule as FilterRule
from potstill.stages.filter import filter_samples
from potstill.stages.gather import gather
from potstill.stages.io import StageIO
from potstill.stages.label import Rule as LabelRule
from potstill.stages.label import label
from potstill.stages.line import LINE, StageInfo
from potstill.stages.responses import responses
from potstill.stages.tables import Decided, Tables
from potstill.storage.journal import Journal

_TEACHERS_ELSEWHERE = {
    *("base_url", "endpoints", "key_env", "max_in_flight", "rpm", "tpm"),
    *("seed", "stream", "stall_s", "deadline_s", "salvage", "prices", "batch"),
}
ELSEWHERE = {
    "gather": {"path"},
    "decontaminate": {"path", *_TEACHERS_ELSEWHERE},
    "distil": _TEACHERS_ELSEWHERE,
}
"""Settings that say where and how fast, not what: a change of them makes no stage run again."""


Section = Sequence[PluginSpec | JudgeSpec] | DistilSpec
"""What a recipe says of one stage."""


class Step(NamedTuple):
    """One stage, ready to work in one of three ways: as one piece, by shard, or by decisions."""

    info: StageInfo
    """Which stage."""
    settings: dict[str, JsonValue]
    """What its output depends on, beside its rows."""
    files: tuple[Path | Input, ...]
    """What it reads beside its rows: data, and code of plug-ins."""
    work: Callable[..., None] | None
    """Does the work on all rows of a `StageIO`, in one piece; that of distil takes `only`, too."""
    shards: Callable[[StageIO[Any, Any]], None] | None = None
    """Does the work on the rows of one shard; can be pickled."""
    decide: Callable[[StageIO[Any, Any], Tables], Iterator[Decided]] | None = None
    """Says, of the whole table, what becomes of which row."""
    read: Callable[[], Iterable[Record]] = tuple
    """Opens the rows of the first stage; later ones read those of the stage before."""
    gathering: Gathering | None = None
    """The shards of the first stage; those of later ones are the parts of the stage before."""
    cautions: tuple[Callable[[Iterable[Any]], Iterable[str]], ...] = ()
    """Say what is to be known of its rows before it works on them."""
    tells: bool = False
    """Whether what it writes tells of the stages before it."""


def steps(recipe: Recipe, job: Job) -> list[Step]:
    """Return the stages that the recipe has, in order."""
    sections = {info: _section(recipe, info.name) for info in LINE}
    return [step(info, section, job) for info, section in sections.items() if section]


def _section(recipe: Recipe, stage: str) -> Section | None:
    if stage == "responses":
        takes = recipe.verify or recipe.filter or recipe.export
        return recipe.sources if takes and not recipe.distil else None
    return recipe.sources if stage == "gather" else getattr(recipe, stage)


def step(info: StageInfo, section: Section, job: Job) -> Step:
    """Return a stage with what its section says."""
    specs = () if isinstance(section, DistilSpec) else section
    sources = [spec for spec in specs if isinstance(spec, SourceSpec)]
    return Step(
        info,
        settings(info.name, section, job),
        tuple(_files(info.name, section)),
        _bound(_WORK, info, section, job),
        _bound(_BY_SHARD, info, section, job._replace(sites=None)),  # which can't be pickled
        _bound(_DECIDE, info, section, job),
        partial(read_sources, sources, job),
        Gathering(sources, job) if info.name == "gather" else None,
        _cautions(info.name, section),
        tells=info.name == "export",
    )


def _cautions(stage: str, section: Section) -> tuple[Callable[[Iterable[Any]], Iterable[str]], ...]:
    if stage != "decontaminate":
        return ()
    return (partial(benchmarks.cautions, _decontamination(section)),)


def _decontamination(section: Section) -> list[DecontaminateSpec]:
    specs = () if isinstance(section, DistilSpec) else section
    return [spec for spec in specs if isinstance(spec, DecontaminateSpec)]


def _bound(
    table: Mapping[str, Callable[..., Any]], info: StageInfo, section: Section, job: Job
) -> Callable[..., Any] | None:
    return partial(table[info.name], section=section, job=job) if info.name in table else None


def settings(stage: str, section: Section, job: Job) -> dict[str, JsonValue]:
    """Return what the stage's output depends on."""
    if stage == "responses":
        return {}  # what is taken up is settled when the rows are read
    specs = [section] if isinstance(section, DistilSpec) else section
    dumped = [_dumped(stage, spec) for spec in specs]
    value: JsonValue = dumped[0] if isinstance(section, DistilSpec) else [*dumped]
    key = "sources" if stage == "gather" else stage
    found: dict[str, JsonValue] = {key: value}
    if stage == "decontaminate":
        found["benchmarks"] = benchmarks.identity(_decontamination(section))
    if stage == "gather":
        found["limit"] = job.limit
        if job.alone is not None:
            found["alone"] = job.alone  # which columns a row keeps depends on it
    return found


def _dumped(stage: str, spec: Spec) -> JsonValue:
    """Return what a rule is, less what says where and how fast."""
    # A verifier's own options may be called as those of teachers are.
    keys = _TEACHERS_ELSEWHERE if isinstance(spec, JudgeSpec) else ELSEWHERE.get(stage, set())
    return _without(spec.model_dump(mode="json"), keys)


def _without(value: JsonValue, keys: set[str]) -> JsonValue:
    if isinstance(value, dict):
        return {k: _without(v, keys) for k, v in value.items() if k not in keys}
    if isinstance(value, list):
        return [_without(item, keys) for item in value]
    return value


def _files(stage: str, section: Section) -> Iterator[Path | Input]:
    if isinstance(section, DistilSpec) or stage == "responses":
        return
    for spec in section:
        against = getattr(spec, "against", ())
        sources = [each for each in (spec, *against) if isinstance(each, SourceSpec)]
        for source in sources:
            for place in (source, *source.fill):
                yield from inputs(place)
        names = [spec.use, *(source.schema_ or "" for source in sources)]
        yield from (Path(name.rpartition(":")[0]) for name in names if ".py:" in name)


def _gather(io: StageIO[Any, Any], section: Section, job: Job) -> None:
    gather(io)


def _dedup(
    io: StageIO[Any, Any], tables: Tables, section: Sequence[DedupSpec], job: Job
) -> Iterator[Decided]:
    rules = [DedupRule(s.use, s.where, job.bound("dedup", s)) for s in section]
    return dedup.decide(tables, rules)


def _label(io: StageIO[Any, Any], section: Sequence[LabelSpec], job: Job) -> None:
    rules = [LabelRule(s.use, s.where, job.bound("labels", s), s.overwrite) for s in section]
    label(io, rules)


def _filter(io: StageIO[Any, Any], section: Sequence[FilterSpec], job: Job) -> None:
    rules = [FilterRule(s.use, s.where, job.bound("filters", s)) for s in section]
    filter_samples(io, rules)


def _distil(
    io: StageIO[Any, Any],
    section: DistilSpec,
    job: Job,
    only: Collection[str] | None = None,
) -> None:
    with Journal(job.journal) as journal:
        budget = job.open_budget(journal)
        distil(io, section, journal, sites=job.sites, budget=budget, only=only)


def _responses(io: StageIO[Any, Any], section: Section, job: Job) -> None:
    responses(io)


def _export(io: StageIO[Any, Any], section: Sequence[ExportSpec], job: Job) -> None:
    exporters = [
        Exporter(
            spec.name,
            spec.when,
            job.bound("formats", spec),
            get_type_hints(job.plugin("formats", spec))["return"],
        )
        for spec in section
    ]
    export(io, exporters, partial(card, io.folder.parent))


_WORK: dict[str, Callable[..., None]] = {
    "distil": _distil,
    "responses": _responses,
    "verify": verify,
    "export": _export,
}
"""Work on all rows, in one piece."""

_BY_SHARD: dict[str, Callable[..., None]] = {
    "gather": _gather,
    "label": _label,
    "filter": _filter,
}
"""Work on the rows of one shard."""

_DECIDE: dict[str, Callable[..., Iterator[Decided]]] = {
    "dedup": _dedup,
    "decontaminate": decontaminate,
}
"""Decisions on rows that are made of the whole table before one is written."""
