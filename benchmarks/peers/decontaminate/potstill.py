"""What the rules of potstill have in common."""

from collections.abc import Callable, Sequence

from peers.decontaminate.common import Found, Lookup

from potstill import protocols
from potstill.records import Message, Problem

_BATCH = 1000


def problem(place: int, text: str) -> Problem:
    """Return a problem whose row id is the text's place."""
    message = Message(role="user", content=text)
    return Problem(source="x", file="x", line=place, messages=(message,))


def looked_up(rule: Callable[..., protocols.Lookup], items: Sequence[str]) -> Lookup:
    """Return a look-up of texts by one of potstill's rules."""
    index = rule([problem(place, text) for place, text in enumerate(items)])

    def find(rows: Sequence[str]) -> Sequence[Found]:
        problems = [problem(place, text) for place, text in enumerate(rows)]
        batches = (problems[i : i + _BATCH] for i in range(0, len(problems), _BATCH))
        return [
            None if match is None else (int(match.item.rpartition(":")[2]), match.verdict)
            for batch in batches
            for match in index(batch)
        ]

    return find
