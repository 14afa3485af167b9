"""What `minhash` makes of a batch of problems, and of the whole set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from potstill.dedup import keep as choice
from potstill.dedup import turns as conversation
from potstill.dedup.arrow import digests, lists, record_batch
from potstill.dedup.clusters import Clusters, among
from potstill.dedup.keep import Conflicts, Keep, chained, ranks, settle
from potstill.dedup.pairs import Pairs
from potstill.dedup.shingles import Sets, shingle_sets
from potstill.dedup.signatures import band_keys
from potstill.dedup.turns import Turns, turns_of
from potstill.protocols import Duplicate, Mapped
from potstill.text.characters import mixed
from potstill.text.figures import figure_hashes
from potstill.text.tokens import group_sums, token_hashes

COLUMNS = [*dict.fromkeys((*choice.COLUMNS, *conversation.COLUMNS))]


class Signatures(NamedTuple):
    """Makes, of a batch of problems, the columns that `near_duplicates` needs.

    They are `question`, a digest of the turns' shingles and numbers; `band_0` and so on, the keys
    of the bands; `sets`, the shingles of each turn; and the facts by which a row is kept.
    """

    shingle: int
    bands: int
    size: int
    same_numbers: bool
    priority: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the columns of one batch."""
        turns = turns_of(batch)
        tokens = token_hashes(turns.texts)
        figures = figure_hashes(tokens)
        sets = shingle_sets(turns.texts, tokens, self.shingle)
        keys = _band_keys(turns, sets, figures if self.same_numbers else None, self)
        bands = {f"band_{number}": band for number, band in enumerate(keys)}
        return record_batch(
            {
                "question": digests(*_questions(turns, sets, figures)),
                "sets": lists(turns.offsets, lists(sets.offsets, sets.values)),
                **bands,
                **choice.facts(batch, self.priority),
            }
        )


class Measure(NamedTuple):
    """When two rows are near duplicates."""

    threshold: float
    bands: int
    same_answers: bool


def near_duplicates(
    found: Mapped, rows: int, measure: Measure, keep: Sequence[Keep], conflicts: Conflicts
) -> Iterator[Duplicate]:
    """Yield the rows to drop, of what `Signatures` made of the whole set."""
    order = ranks(found, rows, keep)
    answers = found.column("answer").astype(np.uint64) * np.uint64(measure.same_answers)
    equal = settle(found.groups("question"), order, answers, conflicts)
    left = np.ones(rows, dtype=np.bool_)
    left[equal.rows] = False
    pairs = Pairs(found.batches, "sets")
    clusters = _clusters(found, left, answers, pairs, measure)
    near = settle(clusters.groups(), order, answers, "keep")
    yield from chained(equal, near, pairs.similarities(near.rows, near.of), rows)


def _questions(
    turns: Turns, sets: Sets, figures: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    low = group_sums(mixed(sets.values), sets.offsets)
    high = group_sums(mixed(~sets.values), sets.offsets)
    return turns.combined(low, high, figures), turns.combined(high, low, figures)


def _band_keys(
    turns: Turns, sets: Sets, figures: NDArray[np.uint64] | None, by: Signatures
) -> NDArray[np.uint64]:
    apart = turns.combined() if figures is None else turns.combined(figures)
    # A shingle of another turn is another one: the turns of a row are compared one by one.
    place = np.arange(len(turns.texts)) - np.repeat(turns.offsets[:-1], np.diff(turns.offsets))
    members = mixed(sets.values) + np.repeat(mixed(place.astype(np.uint64)), np.diff(sets.offsets))
    return band_keys(members, sets.offsets[turns.offsets], apart, by.bands, by.size)


def _clusters(
    found: Mapped,
    left: NDArray[np.bool_],
    answers: NDArray[np.uint64],
    pairs: Pairs,
    measure: Measure,
) -> Clusters:
    """Return clusters of similar rows, of those that are left."""
    content = found.column("question").view(np.uint64).reshape(-1, 2)[:, 0] + answers
    clusters = Clusters(len(left))

    def similar(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
        a, b = answers[one], answers[other]
        alike = (a == 0) | (b == 0) | (a == b)
        alike[alike] = pairs.similarities(one[alike], other[alike]) >= measure.threshold
        return alike

    for band in range(measure.bands):
        groups = among(found.groups(f"band_{band}"), left)
        clusters.join_similar(groups, content, similar)
    return clusters
