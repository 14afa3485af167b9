"""What `semantic` makes of a batch of problems, and of the whole set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from potstill.dedup import keep as choice
from potstill.dedup import turns as conversation
from potstill.dedup.arrow import column, digests, record_batch, table_rows
from potstill.dedup.clusters import Clusters
from potstill.dedup.keep import Conflicts, Keep, chained, ranks, settle
from potstill.dedup.nearest import near_pairs
from potstill.dedup.turns import Turns, role_number, turns_of
from potstill.dedup.vectors import Rows, Vectors, Whole, stored, whole
from potstill.engine.arrow import column_of
from potstill.engine.local import group
from potstill.models.embeddings.embedder import Embedder
from potstill.protocols import Duplicate, Mapped
from potstill.text.figures import figure_hashes
from potstill.text.tokens import token_hashes

COLUMNS = [*dict.fromkeys((*choice.COLUMNS, *conversation.COLUMNS))]


class Meanings(NamedTuple):
    """Makes, of a batch of problems, the columns that `same_meanings` needs.

    They are `question`, a digest of the whole prompt; `apart`, a hash of what two duplicates must
    have in common; `vector`, of the last user turn, or its `text` where a remote embedder is still
    to be asked; and the facts by which a row is kept.
    """

    embedder: Embedder | None
    max_chars: int
    same_numbers: bool
    priority: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the columns."""
        turns = turns_of(batch)
        places, has_one = _last_user_turns(turns)
        asked: list[str] = [turns.texts[place] for place in places.tolist()]
        short = [
            text if one and len(text) <= self.max_chars else ""
            for text, one in zip(asked, has_one.tolist(), strict=True)
        ]
        low, high = _digests(turns.texts)
        others = low.copy()
        numbers = figure_hashes(token_hashes(asked)) * np.uint64(self.same_numbers)
        others[places[has_one]] = numbers[has_one]
        return record_batch(
            {
                "question": digests(turns.combined(low, high), turns.combined(high, low)),
                "apart": turns.combined(others),
                **self._meaning(short),
                **choice.facts(batch, self.priority),
            }
        )

    def _meaning(self, texts: Sequence[str]) -> Mapping[str, object]:
        if self.embedder is None:
            return {"text": pa.array(texts, pa.large_string())}
        return {"vector": table_rows(whole(self.embedder.embed(texts)))}


def same_meanings(
    found: Mapped,
    embedder: Embedder,
    threshold: float,
    same_answers: bool,
    keep: Sequence[Keep],
    conflicts: Conflicts,
) -> Iterator[Duplicate]:
    """Yield the rows to drop, of what `Meanings` made of the whole set."""
    apart = found.column("apart").astype(np.uint64)
    order = ranks(found, len(apart), keep)
    answers = found.column("answer").astype(np.uint64) * np.uint64(same_answers)
    equal = settle(found.groups("question"), order, answers, conflicts)
    left = np.ones(len(apart), dtype=np.bool_)
    left[equal.rows] = False
    content = found.column("question").view(np.uint64).reshape(-1, 2)[:, 0] + answers
    rows: list[Rows] = []
    with stored(_vectors(found, left, embedder, rows)) as vectors:
        placed = np.concatenate([np.empty(0, dtype=np.int64), *rows])
        clusters = Clusters(len(apart))
        for one, other in _pairs(vectors, apart[placed], content[placed], threshold):
            one, other = placed[one], placed[other]
            a, b = answers[one], answers[other]
            alike = (a == 0) | (b == 0) | (a == b)
            clusters.join(one[alike], other[alike])
        near = settle(clusters.groups(), order, answers, "keep")
        places = (np.searchsorted(placed, each) for each in (near.rows, near.of))
        similarity = np.round(vectors.cosines(*places), 4)
    yield from chained(equal, near, similarity, len(apart))


def _vectors(
    found: Mapped, left: NDArray[np.bool_], embedder: Embedder, rows: list[Rows]
) -> Iterator[Whole]:
    """Yield the vectors of the rows that are left and have one, and add their numbers to `rows`."""
    start = 0
    for batch in found.batches:
        chosen = np.flatnonzero(left[start : start + len(batch)])
        if embedder.where == "local":
            numbers = column_of([batch], "vector").view(np.int16)
            vectors = numbers.reshape(len(batch), -1)[chosen]
        else:
            texts: list[str] = column(batch, "text").take(pa.array(chosen)).to_pylist()
            vectors = _asked(texts, embedder)
        seen = vectors.any(axis=1)
        if seen.any():
            rows.append(start + chosen[seen])
            yield vectors[seen]
        start += len(batch)


def _asked(texts: Sequence[str], embedder: Embedder) -> Whole:
    """Return the vectors of texts, of zeros where there is none to ask for."""
    full = [i for i, text in enumerate(texts) if text.strip()]
    if not full:
        return np.zeros((len(texts), 1), dtype=np.int16)
    vectors = whole(embedder.embed([texts[i] for i in full]))
    found = np.zeros((len(texts), vectors.shape[1]), dtype=np.int16)
    found[full] = vectors
    return found


def _pairs(
    vectors: Vectors, apart: NDArray[np.uint64], content: NDArray[np.uint64], threshold: float
) -> Iterator[tuple[Rows, Rows]]:
    """Yield the near pairs of each group of rows that can be duplicates at all."""
    groups = group(apart)
    for start, end in zip(groups.offsets[:-1], groups.offsets[1:], strict=True):
        members = groups.rows[start:end]
        members = members[np.argsort(content[members], kind="stable")]
        yield from near_pairs(vectors, members, threshold)


def _last_user_turns(turns: Turns) -> tuple[Rows, NDArray[np.bool_]]:
    """Return the number of each row's last user turn, and whether there is one."""
    user = np.flatnonzero(turns.roles == role_number("user"))
    before = np.searchsorted(user, turns.offsets[1:]) - 1
    last = user[np.maximum(before, 0)] if len(user) else turns.offsets[:-1].copy()
    has_one = (before >= 0) & (last >= turns.offsets[:-1])
    return np.where(has_one, last, turns.offsets[:-1]), has_one


def _digests(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    data = b"".join(blake2b(text.encode(), digest_size=16).digest() for text in texts)
    low, high = np.frombuffer(data, dtype=np.uint64).reshape(-1, 2).T
    return low, high
