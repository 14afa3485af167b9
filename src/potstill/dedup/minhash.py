"""Problems that are nearly equal: MinHash finds the candidates, their shingles decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from potstill.dedup.keep import Conflicts, Keep
from potstill.protocols import Duplicate, Problems


def minhash(
    problems: Problems,
    /,
    *,
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.8,
    shingle: Annotated[int, Field(ge=1, le=20)] = 2,
    permutations: Annotated[int, Field(ge=16, le=1024)] = 128,
    same_numbers: bool = True,
    same_answers: bool = True,
    keep: Sequence[Keep] = ("reference", "first"),
    priority: Sequence[str] = (),
    conflicts: Conflicts = "drop",
) -> Iterator[Duplicate]:
    """Find problems that are nearly the same.

    Two problems are near duplicates if they have the same roles in the same order, and each turn's
    shingles have a Jaccard similarity of `threshold` at least; the least similar turn counts, so
    that a long system prompt in common makes no duplicates. Each call of a tool and each tool that
    the prompt offers counts as a turn. A shingle is a run of tokens, and a token is a word, a
    number, a LaTeX command, a sign or one Han character (`text/ngrams.py`): the measure does not
    see punctuation and spacing, and works alike for English and for Chinese. Candidates are
    verified, so that the measure is exact; of the pairs just at the threshold at most 1% are not
    found, of more similar ones hardly any.

    Clusters are transitive; which rows make one does not depend on their order, only which stays.
    `similarity` is that to the row that stays: below the threshold where others lie between.

    Memory: at most 100 bytes a row, however long it is. On disk, until the end: 8 bytes for each of
    21 bands and each token, some 600 for a row of 250 characters.

    Args:
        problems: The whole set.
        threshold: Jaccard similarity from which two turns are nearly the same.
        shingle: Tokens in a shingle. One changed word costs as many shingles, and with 2 stays
            above 0.8 in prompts of about 20 words and more.
        permutations: Hashes of a signature.
        same_numbers: Whether problems with other numbers, or in another order, are other problems.
            "Tom has 3 apples …" and "Tom has 5 apples …" have one word and the answer apart; sets
            of school mathematics are full of such pairs.
        same_answers: Whether problems with other reference answers are other problems: "Find the
            least value of …" and "Find the greatest value of …". Answers are compared in a plain
            spelling (`text/answers.py`). A problem without one is like either; where it stands
            between two with others, it goes with the one that `keep` prefers.
        keep: Which row of a cluster stays, the first rule that tells two apart: `priority`, of the
            source that `priority` names first; `reference`, with a reference answer or tests;
            `longest`, with the longest prompt; `first`, the first one, which also decides last.
        priority: Names of sources, the preferred one first.
        conflicts: What becomes of one question, of similarity 1 with the same numbers, that has
            different answers. `drop` keeps the row that `keep` says and drops those with another
            answer as `reference_conflict`; `keep` keeps one row of each answer; `drop_all` drops
            them all, since none of the answers can be trusted. Without `same_answers`, answers
            are not looked at.

    Example:
        dedup:
          - {use: minhash, threshold: 0.7, where: "language = 'en'"}
    """
    from potstill.dedup.near import COLUMNS, Measure, Signatures, near_duplicates
    from potstill.dedup.signatures import rows_per_band

    size = rows_per_band(threshold, permutations)
    bands = permutations // size
    work = Signatures(shingle, bands, size, same_numbers, tuple(priority))
    found = problems.map(work, COLUMNS)
    measure = Measure(threshold, bands, same_answers)
    yield from near_duplicates(found, len(problems), measure, keep, conflicts)
