"""Benchmark items that a problem repeats word for word, in part or whole."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Annotated, Literal

from pydantic import Field

from potstill.decontaminate.items import Item, distinct, traits
from potstill.decontaminate.numbers import keeps, numbers
from potstill.errors import InputError
from potstill.protocols import Contamination
from potstill.records import Problem
from potstill.text.ngrams import Token, located, ngrams, words

Unit = Literal["word", "character"]

_SHARED = 10
"""An n-gram of more items than this is the benchmark's wording, not an item's."""


def ngram(
    items: Iterable[Problem],
    /,
    *,
    n: Annotated[int, Field(ge=1, le=200)] = 8,
    unit: Unit = "word",
    coverage: Annotated[float, Field(gt=0, le=1)] = 0.5,
    suspect: Annotated[float, Field(gt=0, le=1)] = 0.3,
    same_numbers: bool = True,
) -> "NgramIndex":
    """Find problems that hold a share of an item's n-grams: `coverage`, or, less sure, `suspect`.

    A token is a word, a number, a LaTeX command, a sign or one Han character, so that the rule is
    as strict for Chinese as for English; of code, words and signs count, white space and brackets
    don't. An item with fewer than `n` tokens must be the whole problem. N-grams that more than ten
    items share, such as "answer with the letter of the right choice", count for none of them; the
    time of a look-up depends on the problem alone.

    The defaults: one n-gram in common is no evidence. Of GSM8K's training problems 1.2% share an
    8-gram with a test item, and of MATH's test problems outside of MATH-500 17% share one with it,
    mostly stock phrases; half of an item's 8-grams are shared by 0.03% and 1%, variants of the
    item. 8 is the length that open-r1 takes; runs of 13, as for GPT-3 (arXiv 2005.14165), end at
    every changed word and find next to no edited item.

    What this can't find: rephrased and translated items, of which next to none keep half of their
    8-grams; `similar` is for these.

    Args:
        items: The benchmark's items; their last user turn counts.
        n: Tokens in an n-gram.
        unit: What n-grams are made of. `character` takes the letters of the tokens one by one, for
            texts whose words run together or are cut, as scans are; n should then be 30 or so.
        coverage: Share of an item's n-grams from which a problem is contaminated.
        suspect: Share from which it is suspect; at most `coverage`.
        same_numbers: Whether a problem that has an item's words but other numbers is another
            problem. Numbers in code are examples, and are not looked at.

    Raises:
        InputError: `suspect` is more than `coverage`.

    Example:
        decontaminate:
          - use: ngram
            coverage: 0.4
            against:
              - {path: benchmark.jsonl, map: {problem: question}}
    """
    if suspect > coverage:
        raise InputError(f"ngram: suspect ({suspect:g}) is more than coverage ({coverage:g})")
    index = NgramIndex(distinct(items), n, unit, same_numbers=same_numbers)
    index.thresholds = suspect, coverage
    return index


class NgramIndex:
    """Looks problems up among benchmark items; can be pickled.

    Memory: about 200 bytes for each token of an item.
    """

    thresholds: tuple[float, float] = (0.3, 0.5)
    """Coverage from which a problem is suspect, and contaminated."""

    def __init__(
        self, items: Sequence[Item], n: int, unit: Unit, *, same_numbers: bool = True
    ) -> None:
        """Index the items."""
        self._n, self._unit = n, unit
        self._items = [item.row_id for item in items]
        self._texts = [item.text for item in items]
        self._same_numbers = same_numbers
        tokens = [self._tokens(item.text) for item in items]
        holders: dict[str, list[int]] = {}
        for item, each in enumerate(tokens):
            for gram in dict.fromkeys(ngrams(each, n)):
                holders.setdefault(gram, []).append(item)
        self._holders = {gram: tuple(h) for gram, h in holders.items() if len(h) <= _SHARED}
        self._sizes = Counter(item for h in self._holders.values() for item in h)
        whole = ((" ".join(each), item) for item, each in enumerate(tokens))
        self._whole = {key: item for key, item in whole if not self._sizes[item]}

    def __call__(self, problems: Sequence[Problem]) -> list[Contamination | None]:
        """Return the item of which each problem holds the largest share, if that is enough."""
        return [self._find(problem) for problem in problems]

    def _find(self, problem: Problem) -> Contamination | None:
        text = "\n".join(message.content for message in problem.messages)
        grams = set(ngrams(self._tokens(text), self._n))
        found = Counter(item for gram in grams for item in self._holders.get(gram, ()))
        shares = {item: count / self._sizes[item] for item, count in found.items()}
        if self._whole:
            item = self._whole.get(" ".join(self._tokens(problem.text)))
            shares |= {item: 1.0} if item is not None else {}
        suspect, contaminated = self.thresholds
        for share, item in sorted((-share, item) for item, share in shares.items()):
            if -share >= suspect and not (self._same_numbers and self._renumbered(item, text)):
                span = self._span(text, item) if item in found else problem.text.strip()
                verdict = "contaminated" if -share >= contaminated else "suspect"
                return Contamination(self._items[item], round(-share, 4), span, verdict)
        return None

    def _renumbered(self, item: int, text: str) -> bool:
        """Return whether the text has fewer of the item's numbers than of its words."""
        needed = traits(self._texts[item]).numbers
        if not needed:
            return False
        its = set(words(self._texts[item]))
        return not keeps(needed, numbers(text), of=len(its.intersection(words(text))) / len(its))

    def _tokens(self, text: str) -> list[str]:
        tokens = words(text)
        return [*"".join(tokens)] if self._unit == "character" else tokens

    def _located(self, text: str) -> list[Token]:
        tokens = located(text)
        if self._unit == "word":
            return [*tokens]
        return [Token(each, token.start, token.end) for token in tokens for each in token.text]

    def _span(self, text: str, item: int) -> str:
        """Return the longest stretch of `text` whose n-grams are all the item's."""
        tokens = self._located(text)
        grams = ngrams([token.text for token in tokens], self._n)
        hits = [item in self._holders.get(gram, ()) for gram in grams]
        runs = [list(run) for hit, run in groupby(range(len(hits)), key=hits.__getitem__) if hit]
        longest = max(runs, key=len)
        return text[tokens[longest[0]].start : tokens[longest[-1] + self._n - 1].end]
