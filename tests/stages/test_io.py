"""A stage can't lose a row: what it reads and neither keeps nor drops is found out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from potstill.errors import BooksError, Paused
from potstill.protocols import Rejection
from potstill.recipe.conditions import Condition
from potstill.records import Dropped, Message, Problem, Response, Sample
from potstill.stages.filter import Rule as FilterRule
from potstill.stages.filter import filter_samples
from potstill.stages.io import Pause, StageIO
from potstill.storage.events import EventLog


class Rows(list):
    def write(self, row: object) -> None:
        self.append(row)


def problem(line: int, text: str = "?") -> Problem:
    messages = (Message(role="user", content=text),)
    return Problem(source="s", file="f", line=line, messages=messages)


def sample(line: int) -> Sample:
    response = Response(
        id=f"r{line}",
        problem_id="p",
        call="c",
        teacher="t",
        reasoning="off",
        sample=0,
        round=0,
        ending="ok",
        think=None,
        answer=f"answer {line}",
    )
    return Sample(problem=problem(line), response=response)


@pytest.fixture
def open_io() -> Callable[..., tuple[StageIO, Rows, Rows]]:
    def open_io(rows: list, pause: Pause | None = None) -> tuple[StageIO, Rows, Rows]:
        kept, dropped = Rows(), Rows()
        io = StageIO(
            "test",
            lambda: rows,
            kept=kept,
            dropped=dropped,
            folder=Path(),
            events=EventLog(None),
            pause=pause,
        )
        return io, kept, dropped

    return open_io


def test_a_row_that_vanishes_is_found_out(open_io) -> None:
    io, _, _ = open_io([problem(1), problem(2)])
    for row in io.rows():
        if row.line == 1:
            io.keep(row)
    with pytest.raises(BooksError, match="2 in, 1 kept"):
        io.balance()


def test_a_row_that_is_kept_and_dropped_is_found_out(open_io) -> None:
    io, _, _ = open_io([problem(1)])
    for row in io.rows():
        io.keep(row)
        io.drop(row, "rule", "reason")
    with pytest.raises(BooksError):
        io.balance()


def test_a_pause_stops_between_two_rows(open_io) -> None:
    pause = Pause()
    io, kept, _ = open_io([problem(1), problem(2)], pause)

    def keep() -> None:
        for row in io.rows():
            io.keep(row)
            pause.requested = True

    with pytest.raises(Paused):
        keep()
    assert [row.line for row in kept] == [1]


def test_a_filter_that_fails_drops_the_row_and_says_so(open_io) -> None:
    def broken(row: Sample) -> Rejection | None:
        if row.problem.line == 2:
            raise KeyError("nothing")
        return Rejection("odd", line=row.problem.line) if row.problem.line == 3 else None

    io, kept, dropped = open_io([sample(1), sample(2), sample(3)])
    filter_samples(io, [FilterRule("mine", None, broken)])
    assert [row.problem.line for row in kept] == [1]
    assert [d.reason for d in dropped] == ["filter_failed", "odd"]
    assert "KeyError" in dropped[0].evidence["detail"]
    assert (dropped[1].response_id, dropped[1].evidence) == ("r3", {"line": 3})
    io.balance()


def test_a_filter_looks_only_where_it_should(open_io) -> None:
    io, kept, _ = open_io([sample(1), sample(2)])
    reject = FilterRule("all", Condition("line = 2"), lambda row: Rejection("no"))
    filter_samples(io, [reject])
    assert [row.problem.line for row in kept] == [1]


def test_a_dropped_row_of_a_source_keeps_its_reason(open_io) -> None:
    io, _, dropped = open_io([])
    bad = Dropped(stage="gather", rule="jsonl", reason="not_json", row_id="s:f:1", row="{")
    io.ledger.entered = 1
    io.drop(bad, bad.rule, bad.reason)
    assert dropped == [bad.model_copy(update={"stage": "test"})]
    assert io.balance()[0].dropped == {"not_json": 1}


def test_progress_is_told_less_often_the_longer_a_stage_runs(
    open_io, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("potstill.stages.io.time.monotonic", lambda: now[0])
    io, _, _ = open_io([])
    told = []
    for hour in (0, 1, 24):
        now[0] = hour * 3600 + 1.0
        io.progress()
        seconds = 0.0
        while not io.is_due:
            seconds += 0.1
            now[0] += 0.1
        told.append(round(seconds, 1))
    assert told == pytest.approx([0.5, 3.6, 10.0], abs=0.11)
