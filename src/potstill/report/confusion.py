"""How often verdicts agree with labels that people gave: the confusion table of a verifier."""

from collections import Counter
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from potstill.errors import InputError
from potstill.records import Outcome, Record, Sample

_RIGHT: dict[JsonValue, bool] = {
    **dict.fromkeys(("true", "1", "correct", "pass"), True),
    **dict.fromkeys(("false", "0", "incorrect", "fail"), False),
}
_OUTCOMES: tuple[Outcome, ...] = ("pass", "fail", "undecided")
MOST_SHOWN = 5
"""Rows that are named of each kind of mistake."""


class Confusion(Record):
    """Verdicts against labels."""

    column: str
    """The column of the labels."""
    right: dict[Outcome, int]
    """Verdicts on the answers that are labelled right."""
    wrong: dict[Outcome, int]
    """Verdicts on those that are labelled wrong."""
    accuracy: float | None
    """Share of verdicts that agree with their label; undecided ones don't. None without rows."""
    accuracy_of_decided: float | None
    """The same of the decided verdicts alone; None without one."""
    false_positives: int
    """Wrong answers that passed."""
    false_negatives: int
    """Right answers that failed."""
    first_false_positives: tuple[str, ...]
    """Row ids of the first of them."""
    first_false_negatives: tuple[str, ...]
    """Row ids of the first of them."""

    @property
    def undecided(self) -> int:
        """Verdicts that decide nothing."""
        return self.right["undecided"] + self.wrong["undecided"]

    def lines(self) -> Iterator[str]:
        """Yield the table, and what it comes to, as plain text."""
        yield f"{'expected':<10}{''.join(f'{name:>11}' for name in _OUTCOMES)}"
        for name, counts in (("true", self.right), ("false", self.wrong)):
            yield f"{name:<10}{''.join(f'{counts[each]:>11,}' for each in _OUTCOMES)}"
        yield (
            f"accuracy  {_share(self.accuracy)} with undecided counted against, "
            f"{_share(self.accuracy_of_decided)} of the decided"
        )
        passed = _named("false positive", self.false_positives, self.first_false_positives)
        failed = _named("false negative", self.false_negatives, self.first_false_negatives)
        yield f"mistakes  {passed}"
        yield f"          {failed}"


def confusion(samples: Iterable[Sample], column: str) -> Confusion:
    """Count how verdicts agree with the labels in a column of the source's rows.

    Raises:
        InputError: A row has no label, or one that is neither right nor wrong.
    """
    counts: dict[bool, Counter[Outcome]] = {True: Counter(), False: Counter()}
    mistakes: dict[bool, list[str]] = {True: [], False: []}
    for sample in samples:
        label, outcome = label_of(sample, column), sample.outcome or "undecided"
        counts[label][outcome] += 1
        if outcome == ("fail" if label else "pass") and len(mistakes[label]) < MOST_SHOWN:
            mistakes[label].append(sample.problem.row_id)
    right, wrong = counts[True], counts[False]
    agreed, rows = right["pass"] + wrong["fail"], right.total() + wrong.total()
    decided = rows - right["undecided"] - wrong["undecided"]
    return Confusion(
        column=column,
        right={each: right[each] for each in _OUTCOMES},
        wrong={each: wrong[each] for each in _OUTCOMES},
        accuracy=agreed / rows if rows else None,
        accuracy_of_decided=agreed / decided if decided else None,
        false_positives=wrong["pass"],
        false_negatives=right["fail"],
        first_false_positives=tuple(mistakes[False]),
        first_false_negatives=tuple(mistakes[True]),
    )


def label_of(sample: Sample, column: str) -> bool:
    """Return whether the answer is labelled right, in a column of its source's row.

    Raises:
        InputError: It has no label, or one that is neither right nor wrong.
    """
    row = sample.problem
    if column not in row.extra:
        columns = ", ".join(row.extra)
        raise InputError(f"row {row.row_id} has no column {column!r}, the columns are {columns}")
    value = row.extra[column]
    number = int(value) if isinstance(value, bool | float) and value in (0, 1) else value
    label = _RIGHT.get(str(number).strip().casefold())
    if label is None:
        raise InputError(
            f"row {row.row_id} has {value!r:.80} in column {column!r}, which is no label: true, "
            "false, 1, 0, correct, incorrect, pass or fail"
        )
    return label


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.2%}"


def _named(kind: str, count: int, first: tuple[str, ...]) -> str:
    if not count:
        return f"no {kind}"
    more = ", …" if count > len(first) else ""
    return f"{count:,} {kind}{'' if count == 1 else 's'}: {', '.join(first)}{more}"
