"""What a recipe says of benchmarks, as the work of a stage."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from potstill.pipeline import benchmarks
from potstill.pipeline.job import Job
from potstill.pipeline.reading import read_items
from potstill.recipe.decontaminate import DecontaminateSpec
from potstill.recipe.specs import SourceSpec
from potstill.stages.decontaminate import Rule, decide
from potstill.stages.io import StageIO
from potstill.stages.judge import Judge
from potstill.stages.tables import Decided, Tables
from potstill.storage.journal import Journal


def decontaminate(
    io: StageIO[Any, Any], tables: Tables, section: Sequence[DecontaminateSpec], job: Job
) -> Iterator[Decided]:
    """Yield what becomes of the rows; without a benchmark at hand, all pass."""
    named = [(spec, benchmarks.resolve(spec.against)) for spec in section]
    used = [(spec, sources) for spec, sources in named if sources]
    if not used:
        yield from (Decided(shard, {}) for shard in tables.shards)
        return
    rules = [_rule(io, spec, sources, job) for spec, sources in used]
    with ExitStack() as stack:
        judges = {
            spec.use: _judge(io, spec, sources, job, stack)
            for spec, sources in used
            if spec.judge and not job.is_rehearsal
        }
        yield from benchmarks.counted(decide(tables, rules, judges), io.totals)


def _rule(
    io: StageIO[Any, Any], spec: DecontaminateSpec, sources: Sequence[SourceSpec], job: Job
) -> Rule:
    build = job.bound("decontaminate", spec)
    return Rule(spec.use, build(read_items(sources, job, io.totals)), spec.drop, spec.where)


def _judge(
    io: StageIO[Any, Any],
    spec: DecontaminateSpec,
    sources: Sequence[SourceSpec],
    job: Job,
    stack: ExitStack,
) -> Judge:
    assert spec.judge is not None
    journal = stack.enter_context(Journal(job.journal))
    items = partial(read_items, sources, job, {})
    return Judge(io, job.models(spec.judge, journal), items)
