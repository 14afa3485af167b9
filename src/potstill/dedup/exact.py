"""Problems that are equal but for their spelling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from potstill.dedup import keep as choice
from potstill.dedup.keep import Conflicts, Keep, ranks, settle
from potstill.protocols import Duplicate, Problems

if TYPE_CHECKING:
    import pyarrow as pa


def exact(
    problems: Problems,
    /,
    *,
    keep: Sequence[Keep] = ("reference", "first"),
    priority: Sequence[str] = (),
    conflicts: Conflicts = "drop",
) -> Iterator[Duplicate]:
    """Find problems whose messages are equal but for case, width, white space and LaTeX spacing.

    Calls of tools and the tools that a prompt offers count, too. `text/normalise.py` says what
    counts as equal. Memory: at most 90 bytes a row, while digests of 128 bits are compared.

    Args:
        problems: The whole set.
        keep: Which of equal rows stays, the first rule that tells two apart: `priority`, of the
            source that `priority` names first; `reference`, with a reference answer or tests;
            `longest`, with the longest prompt; `first`, the first one, which also decides last.
        priority: Names of sources, the preferred one first.
        conflicts: What becomes of equal questions with different reference answers, which are
            compared in a plain spelling (`text/answers.py`). `drop` keeps the row that `keep` says
            and drops those with another answer as `reference_conflict`; `keep` keeps one row of
            each answer; `drop_all` drops them all, since none of the answers can be trusted.

    Example:
        dedup:
          - {use: exact, keep: [reference, longest]}
    """
    found = problems.map(_Keys(tuple(priority)), _columns())
    order = ranks(found, len(problems), keep)
    answers = found.column("answer").astype("u8")
    yield from settle(found.groups("key"), order, answers, conflicts).duplicates()


def _columns() -> Sequence[str]:
    return [*dict.fromkeys((*choice.COLUMNS, "messages", "tools"))]


class _Keys(NamedTuple):
    """Makes the digests of a batch's rows."""

    priority: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        from potstill.dedup.arrow import digests, record_batch
        from potstill.dedup.turns import turns_of
        from potstill.text.spellings import spelling_digests

        turns = turns_of(batch)
        low, high = spelling_digests(turns.texts).T
        keys = digests(turns.combined(low, high), turns.combined(high, low))
        return record_batch({"key": keys, **choice.facts(batch, self.priority)})
