"""Label problems; nothing is dropped here."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from potstill.engine.plugins import Failure, guarded
from potstill.recipe.conditions import Condition
from potstill.records import Label, Problem
from potstill.stages.io import StageIO

FIELDS = frozenset({"category", "language"})
"""Labels that are fields of a problem too."""


class Rule(NamedTuple):
    """One labeler of the recipe."""

    name: str
    where: Condition | None
    label: Callable[[Problem], Label | None]
    overwrite: bool = False


def label(io: StageIO[Problem, Problem], rules: Sequence[Rule]) -> None:
    """Let every labeler look at each problem, in order; a later one sees what earlier ones said.

    A label that is a field of the problem fills the field where it is empty, or where its rule
    overwrites. A labeler that fails leaves no label: it is noted among the dropped rows with what
    went wrong, and counted in the totals, and the problem stays.

    Args:
        io: Problems in and out.
        rules: The labelers, in the recipe's order.
    """
    io.totals["label_failed"] = 0
    for problem in io.rows():
        for rule in rules:
            if rule.where is None or rule.where.matches(problem):
                problem = _apply(io, rule, problem)
        io.keep(problem)


def _apply(io: StageIO[Problem, Problem], rule: Rule, problem: Problem) -> Problem:
    found = guarded(rule.label, problem)
    if isinstance(found, Failure):
        io.totals["label_failed"] += 1
        io.note(problem, rule.name, "label_failed", kind=found.kind, detail=found.detail)
        return problem
    return problem if found is None else _tag(problem, found, rule)


def _tag(problem: Problem, found: Label, rule: Rule) -> Problem:
    told = found.model_copy(update={"origin": rule.name})
    update: dict[str, object] = {"labels": (*problem.labels, told)}
    if told.name in FIELDS and (rule.overwrite or getattr(problem, told.name) is None):
        update[told.name] = told.value
    return problem.model_copy(update=update)
