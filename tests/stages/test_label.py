"""Labels are added, fields filled, and no row is lost."""

from pathlib import Path

import pytest

from potstill.recipe.conditions import Condition
from potstill.records import Label, Message, Problem
from potstill.stages.io import StageIO
from potstill.stages.label import Rule, label
from potstill.storage.events import EventLog


class Rows(list):
    def write(self, row: object) -> None:
        self.append(row)


def problem(line: int, **fields: object) -> Problem:
    messages = (Message(role="user", content=f"Question {line}"),)
    return Problem(source="s", file="f", line=line, messages=messages, **fields)


def run(rows: list[Problem], *rules: Rule) -> tuple[StageIO, Rows, Rows]:
    kept, noted = Rows(), Rows()
    io = StageIO(
        "label", lambda: rows, kept=kept, dropped=noted, folder=Path(), events=EventLog(None)
    )
    label(io, rules)
    return io, kept, noted


def math(problem: Problem, /) -> Label:
    return Label(name="category", value="math", confidence=0.9)


def test_a_label_fills_an_empty_field_only() -> None:
    rows = [problem(1), problem(2, category="code")]
    _, kept, _ = run(rows, Rule("mine", None, math))
    told = Label(name="category", value="math", origin="mine", confidence=0.9)
    assert [row.category for row in kept] == ["math", "code"]
    assert [row.labels for row in kept] == [(told,), (told,)]


def test_a_label_wins_where_its_rule_overwrites() -> None:
    _, kept, _ = run([problem(1, category="code")], Rule("mine", None, math, overwrite=True))
    assert kept[0].category == "math"


def test_a_label_that_is_no_field_is_only_recorded() -> None:
    def level(problem: Problem, /) -> Label:
        return Label(name="level", value="3")

    row = problem(1)
    _, kept, _ = run([row], Rule("mine", None, level))
    assert kept == [
        row.model_copy(update={"labels": (Label(name="level", value="3", origin="mine"),)})
    ]


def test_the_problem_and_its_calls_stay_the_same() -> None:
    row = problem(1)
    _, kept, _ = run([row], Rule("mine", None, math))
    assert (kept[0].id, kept[0].messages) == (row.id, row.messages)


def test_a_labeler_that_can_not_say_leaves_the_row_as_it_is() -> None:
    row = problem(1)
    io, kept, _ = run([row], Rule("mine", None, lambda _: None))
    assert kept == [row]
    assert io.totals == {"label_failed": 0}


def test_where_sees_what_earlier_labelers_said() -> None:
    def second(problem: Problem, /) -> Label:
        return Label(name="second", value="seen")

    where = Condition("category = 'math'", "problem")
    rows = [problem(1), problem(2, category="code")]
    _, kept, _ = run(rows, Rule("mine", None, math), Rule("other", where, second))
    assert [[each.name for each in row.labels] for row in kept] == [
        ["category", "second"],
        ["category"],
    ]


def test_a_labeler_that_fails_is_noted_and_the_row_stays() -> None:
    def broken(problem: Problem, /) -> Label:
        raise ValueError(f"no idea about {problem.line}")

    rows = [problem(1), problem(2)]
    io, kept, noted = run(rows, Rule("broken", None, broken), Rule("mine", None, math))
    assert [row.category for row in kept] == ["math", "math"]
    assert io.totals == {"label_failed": 2}
    assert [(note.row_id, note.rule, note.reason) for note in noted] == [
        ("s:f:1", "broken", "label_failed"),
        ("s:f:2", "broken", "label_failed"),
    ]
    assert "no idea about 1" in str(noted[0].evidence["detail"])
    (account,) = io.balance()
    assert (account.entered, account.kept, account.dropped) == (2, 2, {})


@pytest.mark.parametrize("confidence", [-0.1, 1.1])
def test_a_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        Label(name="a", value="b", confidence=confidence)
