"""What differs between two runs, and why."""

import sqlite3
import tracemalloc

import pytest

import potstill
from potstill.report.diff import ResponseDiff

ROWS = [
    {"q": "1 + 1?", "a": "2", "r": ["\\boxed{2}", "\\boxed{3}"]},
    {"q": "2 + 2?", "a": "4", "r": "\\boxed{4}"},
    "no json",
    {"q": "3 + 3?", "a": "6", "r": "\\boxed{7}"},
]


@pytest.fixture(scope="module")
def before(make_run) -> potstill.Run:
    return make_run(ROWS)


def told(found: potstill.Diff) -> list[tuple[str, str, str]]:
    return [(row.row_id, row.before, row.after) for row in found.rows()]


def only(found: potstill.Diff) -> ResponseDiff:
    (response,) = found.responses()
    return response


def test_a_run_does_not_differ_from_itself(before: potstill.Run) -> None:
    with before.diff(before) as found:
        assert found.stages == ()
        assert list(found.rows()) == []
        assert list(found.responses()) == []


def test_rows_that_moved_are_the_same_rows(before: potstill.Run, make_run) -> None:
    with before.diff(make_run([ROWS[3], *ROWS[:3]])) as found:
        assert told(found) == [  # a row that can't be read is known by its place alone
            ("rows:rows.jsonl:3", "dropped by gather: jsonl: not_json", "not there"),
            ("rows:rows.jsonl:4", "not there", "dropped by gather: jsonl: not_json"),
        ]
        assert list(found.responses()) == []
        (gather,) = found.stages
        assert gather.stage == "gather"
        assert gather.because == ("the file rows.jsonl changed",)


def test_added_lost_and_changed_rows(before: potstill.Run, make_run) -> None:
    changed = {"q": "5 + 5?", "a": "10", "r": "\\boxed{10}"}
    rows = [ROWS[0], changed, {"q": "9 + 9?", "a": "18", "r": "18"}]
    with before.diff(make_run(rows)) as found:
        assert told(found) == [
            ("rows:rows.jsonl:2", "kept", "kept"),
            ("rows:rows.jsonl:4", "kept", "not there"),
            ("rows:rows.jsonl:3", "dropped by gather: jsonl: not_json", "kept"),
        ]
        assert [row.text_changed for row in found.rows()] == [True, False, True]


def test_a_row_that_another_rule_drops(make_run) -> None:
    twice = [ROWS[1], ROWS[1], ROWS[1]]
    other = make_run(twice, {"dedup: [{use: exact}]": "dedup: []"})
    with make_run(twice).diff(other) as found:
        reason = "dropped by dedup: exact: duplicate"
        assert told(found) == [(f"rows:rows.jsonl:{i}", reason, "kept") for i in (2, 3)]
        assert next(s for s in found.stages if s.stage == "dedup").because == (
            "only one run has it",
        )


def test_another_text_and_so_another_verdict(before: potstill.Run, make_run) -> None:
    rows = [ROWS[0] | {"r": ["\\boxed{2}", "\\boxed{2}."]}, *ROWS[1:]]
    with before.diff(make_run(rows)) as found:
        response = only(found)
        assert response.row_id == "rows:rows.jsonl:1"
        assert response.changed == ("text", "outcome", "reason", "destination")
        assert response.because == ("the source gives another response",)
        assert response.before is not None
        assert response.after is not None
        assert (response.before.outcome, response.after.outcome) == ("fail", "pass")
        assert response.after.destination == "exported to messages"


def test_another_reference_explains_a_verdict(before: potstill.Run, make_run) -> None:
    with before.diff(make_run([*ROWS[:3], ROWS[3] | {"a": "7"}])) as found:
        response = only(found)
        assert response.changed == ("outcome", "reason", "destination")
        assert response.because == ("the reference changed",)


def test_settings_of_verify_and_filter_explain_the_rest(before: potstill.Run, make_run) -> None:
    with before.diff(make_run(ROWS, {"{use: math}": "{use: choice}"})) as found:
        for response in found.responses():
            assert response.because == (
                "math spoke last, now choice",
                "the settings of verify changed",
            )
        verify = next(s for s in found.stages if s.stage == "verify")
        assert verify.because == ('verify.0.use was "math", is "choice"',)
    with before.diff(make_run(ROWS, {"max_answer_chars: 30": "max_answer_chars: 3"})) as found:
        assert {r.changed for r in found.responses()} == {("destination",)}
        assert {r.because for r in found.responses()} == {("the settings of filter changed",)}


def test_responses_that_only_one_run_has(before: potstill.Run, make_run) -> None:
    fewer = make_run([ROWS[0] | {"r": "\\boxed{2}"}, *ROWS[1:]])
    with before.diff(fewer) as found:
        assert only(found).changed == ("missing",)
        assert only(found).after is None
    with fewer.diff(before) as found:
        assert only(found).changed == ("new",)
        assert only(found).before is None


def test_a_teacher_that_was_exchanged_stands_for_the_other(make_run) -> None:
    def rows(teacher: str) -> list:
        both = [{"answer": "\\boxed{2}", "teacher": name} for name in ("old", teacher)]
        return [{"q": "1 + 1?", "a": "2", "r": both}]

    with make_run(rows("a")).diff(make_run(rows("b"))) as found:
        response = only(found)
        assert response.changed == ("teacher",)
        assert response.before is not None
        assert response.before.teacher == "a"


def test_the_order_is_that_of_the_rows(make_run) -> None:
    def rows(answer: str) -> list:
        return [{"q": f"{i} + 1?", "a": str(i + 1), "r": answer} for i in range(30)]

    with make_run(rows("\\boxed{7}")).diff(make_run(rows("\\boxed{8}"))) as found:
        lines = [int(response.row_id.split(":")[-1]) for response in found.responses()]
        assert lines == list(range(1, 31))


def test_a_full_disk_is_one_sentence(before: potstill.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    made = sqlite3.connect("")
    made.execute("PRAGMA max_page_count = 3")
    monkeypatch.setattr("potstill.report.pairs.sqlite3.connect", lambda name: made)
    with pytest.raises(potstill.StorageError, match="can't compare the runs.*disk is full"):
        before.diff(before)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        made.execute("SELECT 1")


@pytest.mark.slow
def test_the_memory_does_not_grow_with_the_rows(make_run) -> None:
    def peak(count: int) -> int:
        rows = [{"q": f"{i} + 1?", "a": "1", "r": "\\boxed{1}"} for i in range(count)]
        run = make_run(rows, {"dedup: [{use: exact}]": "dedup: []"})
        tracemalloc.start()
        with run.diff(run) as found:
            assert not list(found.responses())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak(100)
    assert peak(6000) < 1.5 * peak(2000)
