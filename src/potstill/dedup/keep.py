"""Which row of those that repeat one another stays, and what becomes of answers that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal, NamedTuple

from potstill.protocols import Duplicate, Groups, Mapped
from potstill.text.answers import plain_answer

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

Keep = Literal["priority", "reference", "longest", "first"]
"""What is preferred: a row of a source that is named earlier, one with a reference answer or tests,
one with a longer prompt, one that comes earlier."""
Conflicts = Literal["drop", "keep", "drop_all"]
"""What becomes of one question's rows with different answers: those with another answer than the
row that stays are dropped, or one row of each answer stays, or all are dropped."""

COLUMNS = ("source", "messages", "reference_answer", "tests")
"""The columns of a problem that `facts` needs."""


def facts(batch: pa.RecordBatch, priority: Sequence[str] = ()) -> dict[str, NDArray[np.generic]]:
    """Return what the choice needs to know of each row, as columns for `Problems.map`.

    They are `answer`, a hash of the reference answer in its plain spelling and 0 where there is
    none; `priority`, the place of the row's source in `priority`; `reference`, whether there is an
    answer or a test; `longest`, the characters of the prompt. 25 bytes a row.
    """
    import numpy as np

    from potstill.dedup.arrow import column

    places = {name: place for place, name in enumerate(priority)}
    sources = [places.get(name, len(places)) for name in column(batch, "source").to_pylist()]
    answers = [_answer_hash(answer) for answer in column(batch, "reference_answer").to_pylist()]
    tests = [test not in (None, "{}") for test in column(batch, "tests").to_pylist()]
    known = np.array(answers, dtype=np.uint64)
    return {
        "answer": known,
        "priority": np.array(sources, dtype=np.int64),
        "reference": (known > 0) | np.array(tests, dtype=np.bool_),
        "longest": _characters(batch),
    }


def ranks(mapped: Mapped, rows: int, keep: Sequence[Keep]) -> NDArray[np.int64]:
    """Return each row's place in the order of preference, 0 for the best; of equals, the first."""
    import numpy as np

    numbers = np.arange(rows)
    before = keep[: keep.index("first")] if "first" in keep else keep
    known = [mapped.column(name).astype(np.int64) for name in before]
    keys = [each if name == "priority" else -each for name, each in zip(before, known, strict=True)]
    if not keys:
        return numbers
    places = np.empty(rows, dtype=np.int64)
    places[np.lexsort((numbers, *reversed(keys)))] = numbers
    return places


class Drops(NamedTuple):
    """Rows to drop, the rows that they repeat, and whether their answers differ."""

    rows: NDArray[np.int64]
    of: NDArray[np.int64]
    conflict: NDArray[np.bool_]

    def duplicates(self, similarity: NDArray[np.float64] | None = None) -> Iterator[Duplicate]:
        """Yield them in the order of the rows; without similarities, each is 1."""
        import numpy as np

        order = np.argsort(self.rows)
        values = np.ones(len(order)) if similarity is None else similarity
        for row, of, value, conflict in zip(
            *(each[order].tolist() for each in (self.rows, self.of, values, self.conflict)),
            strict=True,
        ):
            yield Duplicate(row, of, value, "reference_conflict" if conflict else "duplicate")


def settle(
    groups: Groups,
    ranks: NDArray[np.int64],
    answers: NDArray[np.uint64],
    conflicts: Conflicts,
) -> Drops:
    """Choose the row of each group that stays, which is the best.

    Rows without an answer count as having the best row's; where it has none, that of the best one
    with an answer. Where a group's answers differ, `conflicts` says what is dropped: each row in
    conflict names the best one with another answer, which is dropped itself by `drop_all`.

    Args:
        groups: Rows that repeat one another.
        ranks: The preference for each row of the table, 0 for the best.
        answers: A hash of each row's answer, or 0. It is changed: what stays has its group's.
        conflicts: What becomes of the rows with other answers.
    """
    import numpy as np

    starts = groups.offsets[:-1]
    if not len(starts):
        return _drops(())
    of_group = np.repeat(np.arange(len(starts)), np.diff(groups.offsets))
    rows = groups.rows[np.lexsort((ranks[groups.rows], of_group))]
    given = answers[rows]
    most = np.maximum.reduceat(given, starts)
    least = np.minimum.reduceat(np.where(given == 0, most[of_group], given), starts)
    differ = most != least
    best = rows[starts]
    answers[best] = most
    drop = ~differ[of_group]
    drop[starts] = False
    plain = Drops(rows[drop], best[of_group[drop]], np.zeros(drop.sum(), dtype=np.bool_))
    clashes = (
        found
        for start, end in zip(starts[differ], groups.offsets[1:][differ], strict=True)
        for found in _clash(rows[start:end].tolist(), answers, given[start:end].tolist(), conflicts)
    )
    return _joined(plain, _drops(clashes))


def _clash(
    rows: Sequence[int], answers: NDArray[np.uint64], given: Sequence[int], conflicts: Conflicts
) -> Iterator[tuple[int, int, bool]]:
    """Yield the rows to drop of one group with several answers, the best first."""
    main = next(answer for answer in given if answer)
    known = [answer or main for answer in given]
    best = {answer: row for row, answer in reversed([*zip(rows, known, strict=True)])}
    answers[[*best.values()]] = [*best]
    witness = rows[given.index(main)]
    other = next(row for row, answer in zip(rows, known, strict=True) if answer != main)
    for row, answer in zip(rows, known, strict=True):
        if conflicts == "drop_all" or (conflicts == "drop" and answer != main):
            yield row, other if answer == main else witness, True
        elif row != best[answer]:
            yield row, best[answer], False


def _drops(found: Iterable[tuple[int, int, bool]]) -> Drops:
    import numpy as np

    table = np.array([*found], dtype=np.int64).reshape(-1, 3)
    return Drops(table[:, 0], table[:, 1], table[:, 2].astype(np.bool_))


def _joined(*parts: Drops) -> Drops:
    import numpy as np

    return Drops(*map(np.concatenate, zip(*parts, strict=True)))


def chained(
    equal: Drops, near: Drops, similarity: NDArray[np.float64], rows: int
) -> Iterator[Duplicate]:
    """Yield the drops of equal rows and then of near ones among those that were left.

    What is equal to a row that is dropped itself repeats what that one does.

    Args:
        equal: Drops of rows of similarity 1.
        near: Drops of rows that `equal` left.
        similarity: That of each of `near` to the row that it repeats.
        rows: How many the table has.
    """
    import numpy as np

    of, values = np.arange(rows), np.ones(rows)
    of[near.rows], values[near.rows] = near.of, similarity
    last = np.where(equal.conflict, equal.of, of[equal.of])
    value = np.where(equal.conflict, 1.0, values[equal.of])
    yield from _joined(equal._replace(of=last), near).duplicates(
        np.concatenate((value, similarity))
    )


def _answer_hash(answer: str | None) -> int:
    spelled = plain_answer(answer) if answer else ""
    if not spelled:
        return 0
    digest = blake2b(spelled.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1


def _characters(batch: pa.RecordBatch) -> NDArray[np.int64]:
    import numpy as np

    from potstill.dedup.arrow import column

    messages = column(batch, "messages")
    lengths = [0, *map(len, messages.flatten().field("content").to_pylist())]
    offsets = messages.offsets.to_numpy()
    return np.diff(np.cumsum(lengths)[offsets - offsets[0]])
