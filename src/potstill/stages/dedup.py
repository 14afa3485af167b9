"""Drop problems that repeat an earlier one."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from potstill.protocols import Dedup, Duplicate
from potstill.recipe.conditions import Condition
from potstill.records import Problem
from potstill.stages.io import StageIO


class Rule(NamedTuple):
    """One deduplication of the recipe."""

    name: str
    where: Condition | None
    find: Dedup


def dedup(io: StageIO[Problem, Problem], rules: Sequence[Rule]) -> None:
    """Apply the rules in order, each to what those before it left.

    Args:
        io: Problems in and out.
        rules: What to apply.
    """
    found: dict[str, tuple[str, Duplicate]] = {}

    def left(name: str, where: Condition | None) -> Iterator[Problem]:
        for done, problem in enumerate(io.scan()):
            io.progress(done=done, phase=name)
            if problem.row_id not in found and (where is None or where.matches(problem)):
                yield problem

    for name, where, find in rules:
        # The whole list first: `find` may still read what is left while it yields.
        duplicates = list(find(left(name, where)))
        found |= {duplicate.row_id: (name, duplicate) for duplicate in duplicates}
    for problem in io.rows():
        if problem.row_id in found:
            name, duplicate = found[problem.row_id]
            io.drop(problem, name, "duplicate", of=duplicate.of, similarity=duplicate.similarity)
        else:
            io.keep(problem)
