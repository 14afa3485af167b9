"""Responses that repeat themselves."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple

from pydantic import Field

from potstill.protocols import Rejection
from potstill.records import Sample
from potstill.text.ngrams import Token, located, ngrams

_SEED = 3
"""Tokens that have to come again before a stretch is followed as a loop."""
_LOOP_CHARS = 200
"""Characters from which a loop counts: a poem's refrain or a short chant is none."""
_SHOWN = 200
"""Characters of the repeated text that the evidence shows."""


class _Stretch(NamedTuple):
    """Tokens `start` to `end` (without it), each equal to the one `period` tokens before."""

    start: int
    end: int
    period: int


def repetition(
    sample: Sample,
    /,
    *,
    ngram: Annotated[int, Field(ge=1)] = 20,
    most: Annotated[int, Field(ge=1)] = 20,
    loop: Annotated[int, Field(ge=2)] = 8,
) -> Rejection | None:
    """Reject a response in which the same words come again and again.

    The numbers 20 and 20 are those of DeepDistill (arXiv 2504.17565), which removes strings of 20
    tokens that occur more than 20 times in the whole set; here they are counted within one
    response. AM-1.4M drops excessive consecutive repetition and names no number: eight times and
    200 characters are ours, from the loops that small models fall into.

    Args:
        sample: The sample; its thinking and its answer are looked at.
        ngram: Tokens of a run (words, numbers, signs, single Han characters).
        most: How often the same run may occur in thinking and answer together.
        loop: How often the same words may follow each other over 200 characters or more; figures
            and formulas alone may do so more often.

    Example:
        filter:
          - {use: repetition, most: 10}

    Returns:
        `repeated_run` or `loop`, with the repeated text and how often it occurs.
    """
    parts = [text for text in (sample.response.think, sample.response.answer) if text]
    tokens = [list(located(text)) for text in parts]
    runs = Counter(run for part in tokens for run in ngrams([t.text for t in part], ngram))
    for run, count in runs.most_common(1):
        if count > most:
            return Rejection("repeated_run", text=run[:_SHOWN], count=count)
    for text, part in zip(parts, tokens, strict=True):
        for start, end, period in _stretches(part):
            first, last = part[start].start, part[end - 1].end
            count = (end - start) // period
            unit = part[start : start + period]
            if count >= loop and last - first >= _LOOP_CHARS and _has_words(unit):
                shown = text[first : unit[-1].end]
                return Rejection("loop", text=shown[:_SHOWN], count=count)
    return None


def _stretches(tokens: Sequence[Token]) -> Iterator[_Stretch]:
    """Yield the stretches that repeat with some period, in one pass.

    The distance to the last occurrence of the latest few tokens is a candidate for the period. It
    is dropped at the first token that breaks it, for the next candidate. Within a loop every
    distance but the loop's own breaks before the unit ends.
    """
    seen: dict[tuple[str, ...], int] = {}
    start = period = 0
    for i, token in enumerate(tokens):
        if period and token.text != tokens[i - period].text:
            yield _Stretch(start, i, period)
            period = 0
        seed = tuple(t.text for t in tokens[max(0, i - _SEED + 1) : i + 1])
        if not period and len(seed) == _SEED and seed in seen:
            period = i - seen[seed]
            start = seen[seed] - _SEED + 1
        seen[seed] = i
    if period:
        yield _Stretch(start, len(tokens), period)


def _has_words(tokens: Sequence[Token]) -> bool:
    return any((len(t.text) > 1 and t.text.isalpha()) or not t.text.isascii() for t in tokens)
