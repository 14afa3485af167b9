"""The items of benchmarks, each text once."""

from collections.abc import Iterable
from typing import NamedTuple

from potstill.decontaminate.numbers import numbers
from potstill.decontaminate.questions import is_code, question
from potstill.records import Problem
from potstill.text.ngrams import words


class Item(NamedTuple):
    """One text that a benchmark has."""

    row_id: str
    """The first row id of those that have it."""
    text: str
    """As that row has it."""


class Traits(NamedTuple):
    """What tells whether a problem that is near to an item is the item."""

    code: bool
    """Whether it holds code."""
    numbers: frozenset[str]
    """Those of its question; those in code are examples, and count for nothing."""


def distinct(items: Iterable[Problem]) -> list[Item]:
    """Return the last user turns of items, without repeated and empty ones, by their row ids."""
    named: dict[str, Item] = {}
    for problem in items:
        item = Item(problem.row_id, problem.text)
        if key := " ".join(words(item.text)):
            named[key] = min(item, named.get(key, item))
    return sorted(named.values())


def traits(text: str) -> Traits:
    """Return the traits of an item's text."""
    code = is_code(text)
    return Traits(code, frozenset() if code else numbers(question(text)))
