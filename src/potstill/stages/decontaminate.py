"""Drop problems that hold a benchmark's item."""

from collections.abc import Callable, Sequence

from potstill.protocols import Contamination
from potstill.records import Problem
from potstill.stages.io import StageIO

Lookup = Callable[[Problem], Contamination | None]


def decontaminate(io: StageIO[Problem, Problem], rules: Sequence[tuple[str, Lookup]]) -> None:
    """Drop each problem that one of the rules finds in a benchmark.

    Args:
        io: Problems in and out.
        rules: Name and look-up function of each rule.
    """
    for problem in io.rows():
        for name, lookup in rules:
            if match := lookup(problem):
                io.drop(problem, name, "contaminated", **match._asdict())
                break
        else:
            io.keep(problem)
