"""What kind of problem it is, by rules that any reader can check."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from potstill.labels import signs
from potstill.records import Label, Problem

_SEEN = 10_000
"""Characters from the start that are looked at."""
_TOOL_COLUMNS = ("tools", "functions", "function")
"""Columns in which data sets keep the tools of a problem, as JSON or as text of it."""


class _Rule(NamedTuple):
    value: str
    holds: Callable[[str], bool]
    confidence: float
    """Share of right labels on data whose set implies the category: `benchmarks/labels.md`."""


def category(problem: Problem, /) -> Label | None:
    """The kind of problem by rules, where they can say.

    The values are `math`, `code`, `science`, `instruction_following`, `tool_calling` and `chat`,
    the kinds of AM-DeepSeek-R1-0528-Distilled and Nemotron-Post-Training-Dataset-v1. The rules
    look for what shows a category in the last user turn, in English or Chinese, and at the
    problem's tools; the first that holds decides. `benchmarks/labels.md` has their precision,
    which is the confidence.

    Args:
        problem: The problem.

    Example:
        label:
          - {use: category, where: "category is null"}

    Returns:
        The label, or None where no rule holds.
    """
    if _has_tools(problem):
        return Label(name="category", value="tool_calling", confidence=0.99)
    text = problem.text[:_SEEN]
    for rule in _RULES:
        if rule.holds(text):
            return Label(name="category", value=rule.value, confidence=rule.confidence)
    return None


def _has_tools(problem: Problem) -> bool:
    if problem.tools:
        return True
    columns = (problem.extra.get(name) for name in _TOOL_COLUMNS)
    listed = (value if isinstance(value, str) else json.dumps(value) for value in columns if value)
    system = (m.content for m in problem.messages if m.role == "system")
    return any('"name"' in text and '"parameters"' in text for text in (*listed, *system))


def _is_code(text: str) -> bool:
    return bool(signs.CODE.search(text))


def _is_instruction(text: str) -> bool:
    return bool(signs.CONSTRAINT.search(text))


def _is_science(text: str) -> bool:
    needed = 1 if signs.OPTIONS.search(text) else 3
    return _science(text) >= needed and not signs.ARGUMENT.search(text)


def _is_math(text: str) -> bool:
    if _science(text) >= 2 or signs.ARGUMENT.search(text):
        return False
    if signs.MATH_NOTATION.search(text):
        return True
    if signs.OPTIONS.search(text):
        return False
    numbers = len(signs.NUMBER.findall(text))
    words = _count(signs.MATH_WORDS, text)
    if signs.MATH_QUESTION.search(text):
        return numbers >= 2 or (numbers > 0 and words > 0) or words >= 2
    return bool(signs.MATH_TASK.search(text)) and words > 0 and numbers + words >= 3


def _is_chat(text: str) -> bool:
    others = (signs.SCIENCE, signs.PROGRAMMING, signs.MATH_NOTATION, signs.OPTIONS)
    return bool(signs.CHAT.search(text)) and not any(sign.search(text) for sign in others)


@lru_cache(maxsize=1)  # two rules ask it of one text
def _science(text: str) -> int:
    return _count(signs.SCIENCE, text)


def _count(sign: re.Pattern[str], text: str) -> int:
    """Return how many different things `sign` finds."""
    return len({found[0].lower() for found in sign.finditer(text)})


_RULES = (
    _Rule("code", _is_code, 0.99),
    _Rule("instruction_following", _is_instruction, 0.95),
    _Rule("science", _is_science, 0.93),
    _Rule("math", _is_math, 0.99),
    _Rule("chat", _is_chat, 0.91),
)
