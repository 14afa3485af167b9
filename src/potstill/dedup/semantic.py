"""Problems that mean the same, by the vectors that an embedder makes of their texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from potstill.dedup.keep import Conflicts, Keep
from potstill.errors import InputError
from potstill.models.embeddings.embedder import DEFAULT, Spec, embedder
from potstill.protocols import Duplicate, Problems

_THRESHOLD = 0.8
"""Of the default embedder, measured in `benchmarks/semantic.md`."""


def semantic(
    problems: Problems,
    /,
    *,
    embed: Spec = DEFAULT,
    threshold: Annotated[float, Field(gt=0, le=1)] | None = None,
    max_chars: Annotated[int, Field(ge=1)] = 4000,
    same_numbers: bool = True,
    same_answers: bool = True,
    keep: Sequence[Keep] = ("reference", "first"),
    priority: Sequence[str] = (),
    conflicts: Conflicts = "drop",
) -> Iterator[Duplicate]:
    """Find problems that say the same in other words, or in another language.

    Two problems are duplicates if the vectors of their last user turns have a cosine of
    `threshold` at least, and all other turns and the tools that they offer are equal: so a long
    system prompt in common makes no duplicates. A translation is one where the embedder says so.

    Clusters are transitive, and which rows make one depends neither on the order of the rows, nor
    on how they are sharded, nor on the number of processes: the default embedder reads each text by
    itself, an endpoint is asked for it once, and cosines are computed in whole numbers. On
    processors of another kind an embedder's last bits may differ. `similarity` is the cosine with
    the row that stays: below the threshold where others lie between.

    Rows with equal numbers and other turns are compared with each other, each with each up to
    10,000 rows; of more, a row is compared with those of the 8 nearest of many cells, which finds
    more than 99% of the pairs.

    Memory: at most 150 bytes a row, and 100 MB. On disk, until the end: 2 bytes for each number of
    a vector in the folder of temporary files (TMPDIR), and as much in the run directory for a local
    embedder (together 2 kB a row for the default one), which is given each text in the processes of
    the engine. An endpoint's vectors are kept with 4 bytes a number.

    Args:
        problems: The whole set.
        embed: What makes the vectors: `default`, which comes in a package with its weights and
            reads English, Chinese and 14 other languages; the folder of a model of model2vec or
            sentence-transformers; its name on the hub, `owner/name`; or an endpoint that answers
            /v1/embeddings, as {base_url, model, key_env}, whose vectors are kept in the file that
            POTSTILL_EMBEDDINGS names, so that no text is paid for twice, unless two runs need it
            at the same moment.
        threshold: Cosine from which two texts say the same. It is 0.8 for the default embedder;
            another one has a scale of its own and needs one measured for it.
        max_chars: Longer last turns are left alone: a vector tells little of what such a text asks
            for among what it brings along.
        same_numbers: Whether problems with other numbers in their last turn, or in another order,
            are other problems. Embedders hardly see numbers.
        same_answers: Whether problems with other reference answers are other problems. Answers are
            compared in a plain spelling (`text/answers.py`). A problem without one is like either;
            where it stands between two with others, it goes with the one that `keep` prefers.
        keep: Which row of a cluster stays, the first rule that tells two apart: `priority`, of the
            source that `priority` names first; `reference`, with a reference answer or tests;
            `longest`, with the longest prompt; `first`, the first one, which also decides last.
        priority: Names of sources, the preferred one first.
        conflicts: What becomes of one question, the same to the letter, that has different answers.
            `drop` keeps the row that `keep` says and drops those with another answer as
            `reference_conflict`; `keep` keeps one row of each answer; `drop_all` drops them all,
            since none of the answers can be trusted. Without `same_answers`, answers are not looked
            at.

    Raises:
        InputError: The embedder, a package that it needs, its key or a threshold for it is missing.
        EndpointError: The embedder's endpoint refuses, or is away.

    Example:
        dedup:
          - use: semantic
            embed: {base_url: "http://127.0.0.1:8080/v1", model: bge-m3}
            threshold: 0.9
    """
    if threshold is None and embed != DEFAULT:
        raise InputError(
            "dedup semantic needs a threshold for this embedder: cosines of models differ, and "
            f"{_THRESHOLD} is right for {DEFAULT} only"
        )
    from potstill.dedup.meanings import COLUMNS, Meanings, same_meanings

    model = embedder(embed)
    work = Meanings(
        model if model.where == "local" else None, max_chars, same_numbers, tuple(priority)
    )
    found = problems.map(work, COLUMNS)
    yield from same_meanings(found, model, threshold or _THRESHOLD, same_answers, keep, conflicts)
