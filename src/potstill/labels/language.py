"""The language that a problem is written in."""

import re
from typing import Annotated

from pydantic import Field

from potstill.records import Label, Problem
from potstill.text.language import guess, prose, scripts

_CLAUSE = re.compile("[A-Za-z\u00c0-\u052f]+(?:[ ,;:'\u2019-]+[A-Za-z\u00c0-\u052f]+){2,}")


def language(
    problem: Problem, /, *, mixed: Annotated[float, Field(gt=0, le=0.5)] = 0.3
) -> Label | None:
    """The language of the last user turn: an ISO 639-1 code, or `mixed`.

    Formulas and code blocks don't count. The confidence is the share of the text that is written
    in the language's script, or for alphabets the score of the model that tells them apart; none
    for `mixed`, and for a few plain words that are called English.

    Args:
        problem: The problem.
        mixed: A text is `mixed` where Chinese and another script have at least this share each. A
            Han character counts as three letters; fewer than three words of an alphabet in a row
            count as names.

    Example:
        label:
          - {use: language, overwrite: true}

    Returns:
        The label, or None for a text without words.
    """
    words = prose(problem.text)
    found = scripts(words)
    clauses = found.hangul + sum(map(len, _CLAUSE.findall(words)))
    han = 0 if 10 * found.kana > found.han else found.han  # Japanese has both
    if min(han, clauses) >= mixed * (han + clauses) > 0:
        return Label(name="language", value="mixed")
    share = han / max(han + found.hangul + found.letters, 1)
    if share >= mixed:
        return Label(name="language", value="zh", confidence=round(share, 2))
    best = guess(problem.text)
    return Label(name="language", value=best.language, confidence=best.score) if best else None
