"""Responses that repeat themselves."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Annotated

from pydantic import Field

from potstill.protocols import Rejection
from potstill.records import Sample
from potstill.text.ngrams import ngrams, words

_SENTENCE = re.compile(r"[.!?。！？;；\n]+")
_SHORTEST = 3
"""Tokens from which a sentence counts: `0. 0. 0.` is no loop."""
_SHOWN = 200
"""Characters of the repeated text that the evidence shows."""


def repetition(
    sample: Sample,
    /,
    *,
    ngram: Annotated[int, Field(ge=1)] = 20,
    most: Annotated[int, Field(ge=1)] = 20,
    loop: Annotated[int, Field(ge=2)] = 8,
) -> Rejection | None:
    """Reject a response in which the same words come again and again.

    The numbers 20 and 20 are those of DeepDistill (arXiv 2504.17565), which removes 20-token
    strings that occur more than 20 times in the whole set; here they are counted within one
    response. AM-1.4M drops excessive consecutive repetition without naming a number; eight equal
    sentences in a row is ours, from the loops that small models fall into.

    Args:
        sample: The sample; its thinking and its answer are looked at.
        ngram: Tokens of a run (words, numbers, single Han characters).
        most: How often the same run may occur, and the same word in a row.
        loop: How often the same sentence may follow itself.

    Returns:
        `repetition`, with the repeated text and how often it occurs.
    """
    for text in filter(None, (sample.response.think, sample.response.answer)):
        tokens = words(text)
        runs = Counter(ngrams(tokens, ngram)).most_common(1)
        found = (
            _over(runs, most)
            or _over(_in_a_row([t for t in tokens if not t.isdigit()]), most)
            or _over(_in_a_row(_sentences(text)), loop - 1)
        )
        if found:
            return Rejection("repetition", text=found[0][:_SHOWN], count=found[1])
    return None


def _over(counts: Iterable[tuple[str, int]], most: int) -> tuple[str, int] | None:
    return next(((text, count) for text, count in counts if count > most), None)


def _in_a_row(items: Sequence[str]) -> Iterable[tuple[str, int]]:
    return ((item, sum(1 for _ in group)) for item, group in groupby(items))


def _sentences(text: str) -> list[str]:
    tokens = (words(sentence) for sentence in _SENTENCE.split(text))
    return [" ".join(each) for each in tokens if len(each) >= _SHORTEST]
