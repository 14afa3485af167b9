"""Read the sources' rows."""

from potstill.records import Dropped, Problem
from potstill.stages.io import StageIO


def gather(io: StageIO[Problem | Dropped, Problem]) -> None:
    """Pass on what could be read as a problem; book the rest with its file and line.

    Args:
        io: Rows of the sources, one source after another, in; problems out.
    """
    for row in io.rows():
        if isinstance(row, Dropped):
            io.drop(row, row.rule, row.reason)
        else:
            io.keep(row)
