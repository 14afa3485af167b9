"""What a comparison of two answers finds."""

from typing import NamedTuple

from potstill.records import Outcome


class Finding(NamedTuple):
    """The outcome of one comparison."""

    outcome: Outcome
    """`undecided` where the comparison can't tell."""
    reason: str
    """A stable slug."""
    by: str = ""
    """Which comparison decided, such as `number`, `interval`, `text`."""


EQUAL = Finding("pass", "equal")
DIFFERENT = Finding("fail", "different")


def equal(by: str) -> Finding:
    """Return that two answers are equal, and what showed it."""
    return Finding("pass", "equal", by)


def different(by: str) -> Finding:
    """Return that two answers differ for certain, and what showed it."""
    return Finding("fail", "different", by)


def undecided(reason: str, by: str = "") -> Finding:
    """Return that it can't be told, and why."""
    return Finding("undecided", reason, by)
