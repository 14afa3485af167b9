"""Drop samples by rule."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from potstill.engine.plugins import Failure, guarded
from potstill.protocols import Rejection
from potstill.recipe.conditions import Condition
from potstill.records import Sample
from potstill.stages.io import StageIO


class Rule(NamedTuple):
    """One filter of the recipe."""

    name: str
    where: Condition | None
    reject: Callable[[Sample], object]
    """Returns a `Rejection` or None; what else one of the user's returns, is a failure."""


def filter_samples(io: StageIO[Sample, Sample], rules: Sequence[Rule]) -> None:
    """Drop each sample that one of the rules rejects; the first that does gives the reason.

    Args:
        io: Samples in and out.
        rules: The filters, in the recipe's order.
    """
    for sample in io.rows():
        for rule in rules:
            if rule.where is not None and not rule.where.matches(sample):
                continue
            found = guarded(rule.reject, sample)
            if found is not None and not isinstance(found, Rejection | Failure):
                kind = type(found).__name__
                found = Failure("error", f"returned a value of type {kind}, no Rejection or None")
            if isinstance(found, Failure):
                io.drop(sample, rule.name, "filter_failed", kind=found.kind, detail=found.detail)
                break
            if found is not None:
                io.drop(sample, rule.name, found.reason, **found.evidence)
                break
        else:
            io.keep(sample)
