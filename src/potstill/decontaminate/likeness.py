"""The items that are most like a text, by the weight of the terms that the two have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from potstill.decontaminate.near import CANDIDATES, Near, near
from potstill.decontaminate.questions import question
from potstill.decontaminate.spans import densest
from potstill.decontaminate.terms import Terms, term_runs, terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_POSTINGS = 4096
"""Entries of the inverted index that are looked at for a text, from its rarest terms on."""
_UNKNOWN = 0.6
"""Weight of a term that no item has, as a share of the greatest."""
_LEAST = 0.05
"""Weight of a term that every item has."""


class Coefficients(NamedTuple):
    """What makes a score of a likeness, by logistic regression.

    `benchmarks/decontaminate.py --fit` computes them from one half of the labelled rows.
    """

    likeness: float
    """Of the likeness."""
    item: float
    """Of the likeness that is usual for the item."""
    text: float
    """Of the likeness that is usual for the text."""
    code: float
    """Where both hold code, of which bodies and examples differ more than words do."""
    constant: float


_COEFFICIENTS = Coefficients(25.9, -7.6, -19.1, 3.5, -4.7)


class _Desk(NamedTuple):
    """Arrays of zeros, and zeros again after each text: making them takes longer than a look-up."""

    shared: NDArray[np.float64]
    """By item: the weight that it shares with the text."""
    last: NDArray[np.int64]
    """By item: its last place among the entries of the text's terms; not zeros."""
    full: NDArray[np.float64]
    """By term: its weight where the text has it."""
    asked: NDArray[np.float64]
    """By term: its weight where the text's question has it."""


class _Texts(NamedTuple):
    """Texts as numbers of known terms."""

    numbers: NDArray[np.int64]
    """Those of text `i` are `numbers[offsets[i] : offsets[i + 1]]`."""
    offsets: NDArray[np.int64]
    weights: NDArray[np.float64]
    """By text: the weight of its terms, unknown ones included."""

    def of(self, i: int) -> NDArray[np.int64]:
        return self.numbers[self.offsets[i] : self.offsets[i + 1]]


class TermIndex:
    """Finds the items most like texts; can be pickled.

    Memory: about 10 bytes for each term of an item, and 24 for each different one; while texts are
    looked up, 16 more for each different term and each item.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        """Index the texts of items, whose numbers are their places."""
        import numpy as np

        full, asked = terms(texts), terms([question(text) for text in texts])
        self._known, numbers, counts = np.unique(
            full.hashes, return_inverse=True, return_counts=True
        )
        items = np.repeat(np.arange(len(texts)), np.diff(full.offsets))
        most = np.log(len(texts) + 1)
        self._weights = np.maximum(most - np.log(counts + 1), _LEAST)
        self._unknown = max(_UNKNOWN * most, _LEAST)
        self._terms, self._starts = numbers.astype(np.int32), full.offsets
        self._holders = items[np.argsort(numbers, kind="stable")].astype(np.int32)
        self._places = np.concatenate(([0], np.cumsum(counts)))
        self._asked = self._among(asked, items * len(counts) + numbers)
        weights = self._weights[numbers]
        self._full_weight = np.bincount(items, weights, minlength=len(texts))
        self._asked_weight = np.bincount(items, weights * self._asked, minlength=len(texts))
        self._options = np.diff(full.offsets) > np.diff(asked.offsets)

    def nearest(self, texts: Sequence[str]) -> list[Near]:
        """Return the items most like each text, none where it shares no term with any."""
        import numpy as np

        full = self._texts(terms(texts))
        asked = self._texts(terms([question(text) for text in texts]))
        options = np.diff(full.offsets) > np.diff(asked.offsets)
        items, known = len(self._options), len(self._known)
        desk = _Desk(
            np.zeros(items), np.zeros(items, np.int64), *(np.zeros(known) for _ in range(2))
        )
        found: list[Near] = []
        for i in range(len(texts)):
            candidates = self._candidates(full.of(i), desk)
            desk.full[full.of(i)] = self._weights[full.of(i)]
            desk.asked[asked.of(i)] = self._weights[asked.of(i)]
            weights = float(full.weights[i]), float(asked.weights[i])
            likeness = self._likeness(candidates, desk, weights, options=bool(options[i]))
            desk.full[full.of(i)] = desk.asked[asked.of(i)] = 0
            found.append(near(candidates, likeness))
        return found

    def scores(
        self, near: Near, usual: NDArray[np.float64], code: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return the score of a logistic regression for each item."""
        import numpy as np

        by = _COEFFICIENTS
        of_pair = by.likeness * near.likeness + by.item * usual + by.code * code
        return 1 / (1 + np.exp(-(of_pair + by.text * near.usual + by.constant)))

    def span(self, item: int, text: str) -> str:
        """Return the stretch of `text` that has the most of the item, and the least besides."""
        import numpy as np

        words, pairs = term_runs(text)
        alone, joined = self._shares(item, words), self._shares(item, pairs)
        joined[1:] = np.maximum(joined[1:], joined[:-1])
        return densest(text, np.maximum(alone, joined))

    def _shares(self, item: int, hashes: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Return the weight of each term that the item has, and 0 for others."""
        import numpy as np

        own = self._terms[self._starts[item] : self._starts[item + 1]]
        at = np.minimum(np.searchsorted(self._known[own], hashes), len(own) - 1)
        return np.where(self._known[own][at] == hashes, self._weights[own][at], 0.0)

    def _among(self, asked: Terms, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which terms of items, given as item × terms + term, their questions have."""
        import numpy as np

        some = self._texts(asked)
        items = np.repeat(np.arange(len(some.weights)), np.diff(some.offsets))
        return np.isin(places, items * len(self._known) + some.numbers)

    def _texts(self, given: Terms) -> _Texts:
        import numpy as np

        count = len(given.offsets) - 1
        texts = np.repeat(np.arange(count), np.diff(given.offsets))
        at = np.searchsorted(self._known, given.hashes)
        known = at < len(self._known)
        known[known] = self._known[at[known]] == given.hashes[known]
        weights = np.full(len(at), self._unknown)
        weights[known] = self._weights[at[known]]
        ends = np.cumsum(np.bincount(texts[known], minlength=count))
        offsets = np.concatenate(([0], ends))
        sums = np.bincount(texts, weights, minlength=count).astype(np.float64)
        return _Texts(at[known].astype(np.int64), offsets, sums)

    def _candidates(self, text: NDArray[np.int64], desk: _Desk) -> NDArray[np.intp]:
        """Return the items that share the most, as far as the text's rarest terms tell."""
        import numpy as np

        sizes = self._places[text + 1] - self._places[text]
        order = np.argsort(sizes, kind="stable")
        sizes = sizes[order]
        enough = max(1, int(np.searchsorted(np.cumsum(sizes), _POSTINGS, side="right")))
        rarest, sizes = text[order[:enough]], sizes[:enough]
        holders = self._holders[_ranges(self._places[rarest], sizes)]
        np.add.at(desk.shared, holders, np.repeat(self._weights[rarest], sizes))
        turns = np.arange(len(holders))
        desk.last[holders] = turns
        items = holders[desk.last[holders] == turns].astype(np.intp)
        shares = desk.shared[items] / np.sqrt(self._asked_weight[items] + self._unknown)
        desk.shared[items] = 0
        if len(items) <= CANDIDATES:
            return items
        return items[np.argpartition(-shares, CANDIDATES)[:CANDIDATES]]

    def _likeness(
        self, items: NDArray[np.intp], desk: _Desk, weights: tuple[float, float], *, options: bool
    ) -> NDArray[np.float64]:
        """Return the geometric mean of the shares that a text and each item have of the other.

        They are shares, by weight, of the item's question that the text has, and of the text's
        question that the item has, each with its options. Where both have options, these count as
        part of the questions: many items have one question.
        """
        import numpy as np

        if not len(items):
            return np.zeros(0)
        sizes = self._starts[items + 1] - self._starts[items]
        places = _ranges(self._starts[items], sizes)
        numbers, firsts = self._terms[places], np.cumsum(sizes) - sizes
        whole = self._options[items] & options
        full = desk.full[numbers]
        of_item = np.add.reduceat(full * (self._asked[places] | np.repeat(whole, sizes)), firsts)
        of_item /= np.where(whole, self._full_weight[items], self._asked_weight[items]) + 1e-9
        of_text = np.add.reduceat(desk.asked[numbers], firsts) / (weights[1] + 1e-9)
        if whole.any():
            of_full = np.add.reduceat(full, firsts) / (weights[0] + 1e-9)
            of_text = np.where(whole, of_full, of_text)
        return np.sqrt(of_item * of_text)


def _ranges(starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers of each range, one range after another."""
    import numpy as np

    ends = np.cumsum(sizes)
    return np.repeat(starts - ends + sizes, sizes) + np.arange(ends[-1] if len(ends) else 0)
