"""Benchmark items that a problem repeats word for word, in part or whole."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Annotated

from pydantic import Field

from potstill.protocols import Contamination
from potstill.records import Problem
from potstill.text.ngrams import located, ngrams, words

_SHARED = 10
"""An n-gram of more items than this is the benchmark's wording, not an item's."""


def ngram(
    items: Iterable[Problem],
    /,
    *,
    n: Annotated[int, Field(ge=1, le=50)] = 8,
    coverage: Annotated[float, Field(gt=0, le=1)] = 0.5,
) -> "NgramIndex":
    """Find problems that hold at least the share `coverage` of an item's n-grams of tokens.

    A token is a word, a number, a LaTeX command, a sign or one Han character, so that the rule is
    as strict for Chinese as for English. An item with fewer than `n` tokens must be the whole
    problem. N-grams that more than ten items share, such as "answer with the letter of the right
    choice", count for none of them; the time of a look-up depends on the problem alone.

    The defaults: one n-gram in common is no evidence. Of GSM8K's training problems 1.2% share an
    8-gram with a test item, and of MATH's test problems outside of MATH-500 17% share one with it,
    mostly stock phrases; half of an item's 8-grams are shared by 0.03% and 1%, variants of the
    item. 8 is the length that open-r1 takes; runs of 13, as for GPT-3 (arXiv 2005.14165), end at
    every changed word and find next to no edited item.

    What this can't find: rephrased and translated items, of which next to none keep half of their
    8-grams.

    Args:
        items: The benchmark's items; their last user turn counts.
        n: Tokens in an n-gram.
        coverage: Share of an item's n-grams from which a problem is contaminated.

    Example:
        decontaminate:
          - use: ngram
            coverage: 0.4
            against:
              - {path: benchmark.jsonl, map: {problem: question}}
    """
    return NgramIndex(items, n, coverage)


class NgramIndex:
    """Looks problems up among benchmark items; can be pickled."""

    def __init__(self, items: Iterable[Problem], n: int, coverage: float) -> None:
        """Index the items; of items with equal tokens the first row id stands for all."""
        self._n, self._coverage = n, coverage
        named: dict[str, str] = {}
        for item in items:
            if key := " ".join(words(item.text)):
                named[key] = min(item.row_id, named.get(key, item.row_id))
        ordered = sorted((row_id, key) for key, row_id in named.items())
        self._row_ids = [row_id for row_id, _ in ordered]
        holders: dict[str, list[int]] = {}
        for item, (_, key) in enumerate(ordered):
            for gram in dict.fromkeys(ngrams(key.split(" "), n)):
                holders.setdefault(gram, []).append(item)
        self._holders = {gram: tuple(h) for gram, h in holders.items() if len(h) <= _SHARED}
        self._sizes = Counter(item for h in self._holders.values() for item in h)
        self._whole = {key: item for item, (_, key) in enumerate(ordered) if not self._sizes[item]}

    def __call__(self, problem: Problem) -> Contamination | None:
        """Return the item of which the problem holds the largest share, if that is enough."""
        text = "\n".join(message.content for message in problem.messages)
        grams = set(ngrams(words(text), self._n))
        found = Counter(item for gram in grams for item in self._holders.get(gram, ()))
        ranks = [(-count / self._sizes[item], item) for item, count in found.items()]
        if self._whole and (item := self._whole.get(" ".join(words(problem.text)))) is not None:
            ranks.append((-1.0, item))
        if not ranks or -min(ranks)[0] < self._coverage:
            return None
        rank, item = min(ranks)
        span = self._span(text, item) if item in found else problem.text.strip()
        return Contamination(self._row_ids[item], round(-rank, 4), span)

    def _span(self, text: str, item: int) -> str:
        """Return the longest stretch of `text` whose n-grams are all the item's."""
        tokens = list(located(text))
        grams = ngrams([token.text for token in tokens], self._n)
        hits = [item in self._holders.get(gram, ()) for gram in grams]
        runs = [list(run) for hit, run in groupby(range(len(hits)), key=hits.__getitem__) if hit]
        longest = max(runs, key=len)
        return text[tokens[longest[0]].start : tokens[longest[-1] + self._n - 1].end]
