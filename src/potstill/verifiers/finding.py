"""What a comparison of two answers finds."""

from typing import NamedTuple

from potstill.records import Outcome


class Finding(NamedTuple):
    """The outcome of one comparison."""

    outcome: Outcome
    """`undecided` where the comparison can't tell."""
    reason: str
    """A stable slug."""


EQUAL = Finding("pass", "equal")
DIFFERENT = Finding("fail", "different")


def undecided(reason: str) -> Finding:
    """Return that it can't be told, and why."""
    return Finding("undecided", reason)
