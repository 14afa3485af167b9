"""Problems that are nearly equal: MinHash finds the candidates, their shingles decide."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Annotated, NamedTuple
from zlib import crc32

from pydantic import Field

from potstill.dedup.clusters import Clusters
from potstill.dedup.rows import RowIds
from potstill.dedup.signatures import Bands
from potstill.dedup.texts import Texts, stored_texts
from potstill.protocols import Duplicate
from potstill.records import Problem
from potstill.text.ngrams import ngrams, words
from potstill.text.normalise import normalise
from potstill.text.numerals import figures

_BATCH = 1000
_CHARACTERS = 1 << 20
"""Problems whose signatures are made at once; long ones are fewer."""
_REMEMBERED = 1000
"""Rows whose shingles are kept while candidates are compared."""


def minhash(
    problems: Iterable[Problem],
    /,
    *,
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.8,
    shingle: Annotated[int, Field(ge=1, le=20)] = 2,
    permutations: Annotated[int, Field(ge=16, le=1024)] = 128,
    same_numbers: bool = True,
    same_answers: bool = True,
) -> Iterator[Duplicate]:
    """Find problems that are nearly the same; the first of a cluster stays.

    Two problems are near duplicates if they have the same roles in the same order, and each turn's
    shingles have a Jaccard similarity of `threshold` at least; the least similar turn counts, so
    that a long system prompt in common makes no duplicates. Each call of a tool and each tool that
    the prompt offers counts as a turn. A shingle is a run of tokens, and a token is a word, a
    number, a LaTeX command, a sign or one Han character (`text/ngrams.py`): the measure does not
    see punctuation and spacing, and works alike for English and for Chinese. Candidates are
    verified, so that the measure is exact; of the pairs just at the threshold at most 1% are not
    found, of more similar ones hardly any.

    Clusters are transitive; which rows make one does not depend on their order, only which is the
    first. `similarity` is that to the row that stays: below the threshold where others lie between.

    Memory: 208 bytes a row with the defaults (8 for each of 21 bands, and 40), however long it is;
    beyond 64 MiB texts lie in a temporary file until the end.

    Args:
        problems: The whole set; read once.
        threshold: Jaccard similarity from which two turns are nearly the same.
        shingle: Tokens in a shingle. One changed word costs as many shingles, and with 2 stays
            above 0.8 in prompts of about 20 words and more.
        permutations: Hashes of a signature.
        same_numbers: Whether problems with other numbers, or in another order, are other problems.
            "Tom has 3 apples …" and "Tom has 5 apples …" have one word and the answer apart; sets
            of school mathematics are full of such pairs.
        same_answers: Whether problems with other reference answers are other problems: "Find the
            least value of …" and "Find the greatest value of …".

    Example:
        dedup:
          - {use: minhash, threshold: 0.7, where: "language = 'en'"}
    """
    rows, bands = RowIds(), Bands(threshold, permutations)
    with stored_texts() as texts:
        for batch in _batches(problems):
            for problem in batch:
                rows.add(problem.row_id)
                texts.add(problem)
            turns = [_read(problem.text, shingle) for problem in batch]
            apart = [crc32(turn.figures.encode()) if same_numbers else 0 for turn in turns]
            bands.add([turn.shingles for turn in turns], apart)
        similarity = _Similarity(texts, shingle, same_numbers, same_answers)
        clusters = Clusters(len(rows))
        for meeting in bands.meetings():
            clusters.join_similar(meeting, lambda a, b: similarity(a, b) >= threshold)
        for row in range(len(rows)):
            first = clusters.root(row)
            # Through a row without an answer, two rows with other answers can come together.
            if first != row and (value := similarity(first, row)):
                yield Duplicate(rows[row], rows[first], round(value, 4))


def _batches(problems: Iterable[Problem]) -> Iterator[list[Problem]]:
    batch: list[Problem] = []
    characters = 0
    for problem in problems:
        batch.append(problem)
        characters += len(problem.text)
        if len(batch) == _BATCH or characters > _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class _Turn(NamedTuple):
    shingles: set[str]
    figures: str


def _read(text: str, shingle: int) -> _Turn:
    tokens = words(text)
    grams = ngrams(tokens, min(shingle, len(tokens))) if tokens else [normalise(text)]
    return _Turn(set(grams), " ".join(figures(tokens)))


class _Row(NamedTuple):
    roles: list[str]
    turns: list[_Turn]
    answer: str | None


class _Similarity:
    """The similarity of two rows, by their numbers; 0 where they are other problems."""

    def __init__(self, texts: Texts, shingle: int, same_numbers: bool, same_answers: bool) -> None:
        self._texts, self._shingle = texts, shingle
        self._same_numbers, self._same_answers = same_numbers, same_answers
        self._row = lru_cache(_REMEMBERED)(self._read)

    def __call__(self, one: int, other: int) -> float:
        a, b = self._row(one), self._row(other)
        if a.roles != b.roles:
            return 0.0
        if self._same_answers and None not in (a.answer, b.answer) and a.answer != b.answer:
            return 0.0
        turns = list(zip(a.turns, b.turns, strict=True))
        if self._same_numbers and any(x.figures != y.figures for x, y in turns):
            return 0.0
        return min(_jaccard(x.shingles, y.shingles) for x, y in turns)

    def _read(self, row: int) -> _Row:
        turns, answer = self._texts[row]
        return _Row(
            roles=[role for role, _ in turns],
            turns=[_read(content, self._shingle) for _, content in turns],
            answer=None if answer is None else normalise(answer),
        )


def _jaccard(one: set[str], other: set[str]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)
