"""What a recipe would do: every stage that costs nothing is done, and no model is asked."""

import os
from collections import Counter
from collections.abc import Iterator

from potstill.books import Account
from potstill.models.budget import BudgetSpec
from potstill.pipeline.benchmarks import cautions as not_at_hand
from potstill.pipeline.calls import TeacherPlan, count_calls
from potstill.pipeline.cautions import missing_references, of_teachers, without_teacher
from potstill.pipeline.scratch import Scratch, rehearsed
from potstill.pipeline.stage import Done, StageRun
from potstill.pipeline.target import Target, find_target
from potstill.recipe import Condition, DistilSpec, Judgement, JudgeSpec, Recipe
from potstill.recipe.columns import PROBLEM_COLUMNS, Value, problem_columns
from potstill.records import Problem, Record
from potstill.report.destinations import drops
from potstill.report.progress import display
from potstill.report.tables import Table
from potstill.stages.io import Pause
from potstill.stages.plan import requests
from potstill.stages.responses import given
from potstill.storage.events import EventLog, Listener
from potstill.storage.manifest import read_manifest

CALL_COLUMNS = ("teacher", "reasoning", "sample", "round")
"""What a condition can know of a response before there is one."""


class SourcePlan(Record):
    """What became of one source's rows before the first answer."""

    source: str
    """Its name."""
    read: int
    """Rows read."""
    kept: int
    """Rows that the teachers get."""
    dropped: dict[str, int]
    """The others, by reason."""


class StagePlan(Record):
    """What one stage would do."""

    stage: str
    """Its name."""
    due: str | None
    """Why it would run; None where it is complete and would not run again."""
    account: Account | None
    """Its rows; None where they depend on answers that there are not yet."""


class VerifierPlan(Record):
    """What one verifier would look at."""

    use: str
    """Its name."""
    where: str | None
    """Its condition."""
    at_most: int
    """Responses that it may get: those of which the condition is not false already."""
    models: tuple[str, ...] = ()
    """The models that a judge asks."""
    most_calls: int = 0
    """Calls that a judge makes at most."""
    most_completion_tokens: int = 0
    """What they can cost at most: each call's `max_tokens`."""


class ExportPlan(Record):
    """A dataset that would be written."""

    name: str
    """Its folder."""
    use: str
    """Its format."""
    when: str | None
    """Which samples it would hold."""


class Plan(Record):
    """What a recipe would do, and what that could cost."""

    name: str
    """The recipe's name."""
    directory: str
    """The run directory."""
    journal: str
    """Where answers are kept."""
    sources: tuple[SourcePlan, ...]
    """The rows by source."""
    stages: tuple[StagePlan, ...]
    """The stages, in order."""
    teachers: tuple[TeacherPlan, ...]
    """Whom it would ask how much; empty where the responses come with the rows."""
    verifiers: tuple[VerifierPlan, ...]
    """What would judge the responses."""
    exports: tuple[ExportPlan, ...]
    """What would be written."""
    budget: BudgetSpec | None = None
    """What the run may spend at most."""
    cautions: tuple[str, ...] = ()
    """What should be known before anything is paid, a sentence each."""


def plan(
    recipe: Recipe | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    limit: int | None = None,
    allow_code: bool = False,
    listener: Listener | None = None,
    progress: bool | None = None,
) -> Plan:
    """Return what `run` with the same arguments would do, without asking a model.

    The stages before the first answer are done for real, in a temporary directory beside the run's,
    unless the run has them already; the run itself stays as it is.

    Args:
        recipe: A recipe, or the path of one.
        out: The run directory; `runs/NAME` by default.
        limit: At most this many rows of each source.
        allow_code: Whether the recipe may name plug-ins by file.
        listener: Told of every event as it happens.
        progress: Whether to show bars; by default only in a notebook.

    Raises:
        InputError: The recipe or the data is not usable.
        RunError: A stage could not be finished.
    """
    target = find_target(recipe, out=out, limit=limit, allow_code=allow_code)
    with (
        display(progress, listener) as listener,
        rehearsed(target, EventLog(None, listener), Pause()) as scratch,
    ):
        return plan_of(target, scratch)


def plan_of(target: Target, scratch: Scratch) -> Plan:
    """Return the plan of what is left, after the stages before the first answer."""
    recipe, spec = target.recipe, target.recipe.distil
    problems = scratch.problems
    teachers = count_calls(problems(), spec, target.job.journal) if spec else ()
    early = (
        StagePlan(stage=done.info.name, due=due, account=done.manifest.accounts[0])
        for done, due in scratch.stages
    )
    return Plan(
        name=recipe.name,
        directory=os.fspath(target.directory),
        journal=os.fspath(target.job.journal),
        sources=tuple(_sources(recipe, scratch)),
        stages=(*early, *_later(target, scratch)),
        teachers=teachers,
        verifiers=_verifiers(recipe, problems()),
        exports=tuple(
            ExportPlan(name=e.name, use=e.use, when=str(e.when) if e.when else None)
            for e in recipe.export
        ),
        budget=recipe.budget,
        cautions=(
            *not_at_hand(recipe.decontaminate),
            *missing_references(recipe.verify, target.job, problems()),
            *(text for asked in _asked(recipe) for text in of_teachers(asked)),
            *(without_teacher(spec, problems()) if spec else ()),
        ),
    )


def _asked(recipe: Recipe) -> Iterator[DistilSpec]:
    yield from (spec for spec in (recipe.distil, *recipe.judges) if spec is not None)


def _sources(recipe: Recipe, scratch: Scratch) -> Iterator[SourcePlan]:
    names = sorted((spec.name for spec in recipe.sources), key=len, reverse=True)
    kept = Counter(problem.source for problem in scratch.problems())
    dropped: dict[str, Counter[str]] = {name: Counter() for name in names}
    for done, _ in scratch.stages:
        table = Table(done.info.name, scratch.directory / done.info.folder, done.manifest)
        for drop in drops(table):
            # The longest name first: a name may hold a colon, as row ids do.
            name = next(name for name in names if drop.row_id.startswith(f"{name}:"))
            dropped[name][drop.reason] += 1
    for spec in recipe.sources:
        lost = dropped[spec.name]
        yield SourcePlan(
            source=spec.name,
            read=kept[spec.name] + lost.total(),
            kept=kept[spec.name],
            dropped=dict(sorted(lost.items())),
        )


def _later(target: Target, scratch: Scratch) -> Iterator[StagePlan]:
    """Yield the stages that need answers, as the run has them."""
    before, changed = scratch.last, None
    for step in target.steps[len(scratch.stages) :]:
        manifest = read_manifest(target.directory / step.info.folder)
        stage = StageRun(target.directory, step, before, EventLog(None), Pause())
        due = stage.reason() or (f"if the rows of {changed} change" if changed else None)
        account = manifest.accounts[0] if manifest and not due else None
        yield StagePlan(stage=step.info.name, due=due, account=account)
        changed = changed or (step.info.name if due else None)
        before = Done(step.info, manifest) if manifest else before


def _verifiers(recipe: Recipe, problems: Iterator[Problem]) -> tuple[VerifierPlan, ...]:
    known = {*PROBLEM_COLUMNS, *CALL_COLUMNS}
    bounds = [spec.where and spec.where.known_part(known) for spec in recipe.verify]
    counts = [0] * len(bounds)
    for columns in _responses(recipe, problems) if bounds else ():
        for i, bound in enumerate(bounds):
            counts[i] += bound is None or bound.evaluate(columns) is True
    return tuple(map(_verifier, recipe.verify, counts))


def _verifier(spec: Judgement, at_most: int) -> VerifierPlan:
    where: Condition | None = spec.where
    found = VerifierPlan(use=spec.use, where=str(where) if where else None, at_most=at_most)
    if not isinstance(spec, JudgeSpec):
        return found
    each = at_most * spec.votes
    most = {
        "use": spec.name,
        "models": tuple(teacher.model for teacher in spec.teachers),
        "most_calls": each * len(spec.teachers),
        "most_completion_tokens": each * sum(t.sampling.max_tokens for t in spec.teachers),
    }
    return found.model_copy(update=most)


def _responses(recipe: Recipe, problems: Iterator[Problem]) -> Iterator[dict[str, Value]]:
    """Yield what is known of each response before there is one."""
    for problem in problems:
        columns = problem_columns(problem)
        if recipe.distil is None:
            for sample in given(problem):
                response = sample.response
                yield columns | {name: getattr(response, name) for name in CALL_COLUMNS}
        else:
            for request in requests(problem, recipe.distil):
                call = {name: getattr(request, name) for name in CALL_COLUMNS[1:]}
                yield columns | call | {"teacher": request.model}
