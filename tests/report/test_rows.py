"""Rows of a run: which are found, where they went, and as what they come."""

import json
import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import potstill
from potstill.recipe.columns import TABLES
from potstill.records import Dropped, Problem, Sample
from potstill.report.flat import TEXTS
from potstill.report.rows import rows


def answers(found: potstill.Rows) -> list[str]:
    return [row.response.answer for row in found if isinstance(row, Sample)]


def ends(run: potstill.Run, where: str | None = None) -> list[str]:
    return [str(found.destination) for found in run.rows(where).found()]


def test_the_default_is_every_response_with_its_verdict(run: potstill.Run) -> None:
    outcomes = [row.outcome for row in run.rows() if isinstance(row, Sample)]
    assert outcomes == ["pass", "pass", "fail", "pass", "fail", "undecided"]


def test_a_condition_finds_what_a_later_filter_dropped(run: potstill.Run) -> None:
    assert answers(run.rows("dropped_by = 'length'")) == ["\\boxed{6}, as everybody knows by now."]
    assert answers(run.rows("outcome = 'pass' and not exported")) == [
        "\\boxed{6}, as everybody knows by now."
    ]
    assert answers(run.rows("reason = 'no_reference'")) == ["Nobody."]


def test_each_row_says_where_it_went(run: potstill.Run) -> None:
    assert ends(run) == [
        "exported to messages",
        "exported to messages, am-1.4m",
        "in no dataset (not_selected, no_think)",
        "dropped by filter: length: too_long",
        "in no dataset (not_selected, no_think)",
        "in no dataset (not_selected, no_think)",
    ]


@pytest.mark.parametrize(
    ("stage", "count", "dropped"),
    [("gather", 5, 1), ("dedup", 4, 1), ("verify", 6, 0), ("filter", 5, 1), ("export", 2, 7)],
)
def test_each_stage_has_its_rows(run: potstill.Run, stage: str, count: int, dropped: int) -> None:
    assert len(list(run.rows(stage=stage))) == count == run.rows(stage=stage).total
    assert len(list(run.rows(stage=stage, dropped=True))) == dropped


def test_a_problem_says_where_it_was_dropped(run: potstill.Run) -> None:
    found = [str(f.destination) for f in run.rows(stage="gather").found()]
    assert found == ["", "", "dropped by dedup: exact: duplicate", "", ""]


def test_the_dropped_rows_of_every_stage_but_the_export(run: potstill.Run) -> None:
    dropped = list(run.rows(dropped=True))
    assert all(isinstance(row, Dropped) for row in dropped)
    reasons = [row.reason for row in dropped if isinstance(row, Dropped)]
    assert reasons == ["not_json", "duplicate", "too_long"]
    (row,) = run.rows("reason = 'duplicate'", dropped=True)
    assert row.row_id == "rows:rows.jsonl:4"


def test_a_limit_and_the_first_row(run: potstill.Run) -> None:
    assert len(list(run.rows(limit=2))) == 2
    first = run.rows("outcome = 'fail'").first()
    assert isinstance(first, Sample)
    assert first.response.answer == "\\boxed{5}"
    assert run.rows("outcome = 'fail' and outcome = 'pass'").first() is None


def test_rows_can_be_read_again(run: potstill.Run) -> None:
    found = run.rows()
    assert list(found) == list(found)


def test_a_random_sample_is_in_order_and_the_same_for_a_seed(run: potstill.Run) -> None:
    ids = [found.row for found in run.rows().found()]
    drawn = [[f.row for f in run.rows().sample(3, seed)] for seed in range(20)]
    for each in drawn:
        assert each == [row for row in ids if row in each]
        assert len(each) == 3
    assert len({str(each) for each in drawn}) > 5
    assert drawn[4] == [f.row for f in run.rows().sample(3, 4)]
    assert len(run.rows().sample(100, 0)) == 6


def test_the_table_has_the_columns_of_conditions_and_the_texts(run: potstill.Run) -> None:
    table = run.rows().arrow()
    assert table.column_names == [*TABLES["result"], *TEXTS["result"]]
    (row,) = run.rows("has_think").arrow().to_pylist()
    assert row["problem"] == "2 + 2?"
    (turn,) = row["messages"]
    told = {name: value for name, value in turn.items() if value is not None}
    assert told == {"role": "user", "content": "2 + 2?"}
    assert (row["tools"], row["tool_calls"]) == (None, None)
    assert row["think"] == "Well, $2 + 2$."
    assert (row["outcome"], row["verifier"], row["reason"]) == ("pass", "math", "equal")
    assert json.loads(row["evidence"])["answer"] == "4"
    assert row["datasets"] == ["messages", "am-1.4m"]
    assert b"thinking" in table.schema.field("think").metadata[b"doc"]


@pytest.mark.parametrize("stage", ["gather", "verify"])
@pytest.mark.parametrize("dropped", [True, False])
def test_batches_hold_what_the_table_holds(run: potstill.Run, stage: str, dropped: bool) -> None:
    found = run.rows(stage=stage, dropped=dropped)
    assert pa.Table.from_batches(found.batches(), found.schema) == found.arrow()


def test_pandas_keeps_whole_numbers(run: potstill.Run) -> None:
    pytest.importorskip("pandas")
    frame = run.rows().pandas()
    assert list(frame.groupby("outcome").size()) == [2, 3, 1]
    assert str(frame["prompt_tokens"].dtype) == "Int64"


def test_a_dataset_of_hugging_face(run: potstill.Run) -> None:
    pytest.importorskip("datasets")
    dataset = run.rows("outcome = 'fail'").dataset()
    assert dataset["answer"][:] == ["\\boxed{5}", "\\boxed{7}"]


def test_a_selection_says_what_it_is(run: potstill.Run) -> None:
    shown = repr(run.rows("outcome = 'fail'", limit=2))
    total = run.rows().total
    assert shown.startswith(f"<Rows of {total} result rows, where=\"outcome = 'fail'\", limit=2: ")


@pytest.mark.parametrize("name", ["pandas", "datasets"])
def test_a_missing_library_is_told(
    run: potstill.Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    call = {"pandas": run.rows().pandas, "datasets": run.rows().dataset}[name]
    with pytest.raises(potstill.InputError, match=f"pip install {name}, .* -m pip --python"):
        call()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"where": "outcom = 'fail'"}, "did you mean 'outcome'"),
        ({"stage": "gather", "where": "outcome = 'fail'"}, "unknown column 'outcome'"),
        ({"dropped": True, "where": "outcome = 'fail'"}, "the columns are stage, rule, reason"),
        ({"stage": "dedupe"}, "did you mean 'dedup'"),
        ({"limit": -1}, "at least 0"),
    ],
)
def test_what_can_not_be_asked(directory: Path, options: dict, said: str) -> None:
    with pytest.raises(potstill.InputError, match=said):
        rows(directory, **options)


def test_a_stage_that_is_made_again_hides_what_was_made_after_it(
    directory: Path, tmp_path: Path
) -> None:
    shutil.copytree(directory, tmp_path / "run")
    (tmp_path / "run" / "06-verify" / "manifest.json").unlink()
    found = rows(tmp_path / "run")
    assert [row.outcome for row in found if isinstance(row, Sample)] == [None] * 6
    with pytest.raises(potstill.InputError, match="no complete stage 'export'"):
        rows(tmp_path / "run", stage="export")


def test_a_run_with_problems_only(directory: Path, tmp_path: Path) -> None:
    shutil.copytree(directory, tmp_path / "run")
    (tmp_path / "run" / "05-responses" / "manifest.json").unlink()
    found = rows(tmp_path / "run", where="has_reference")
    assert [row.text for row in found if isinstance(row, Problem)] == ["1 + 1?", "2 + 2?", "3 + 3?"]


def test_what_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(potstill.InputError, match="no run directory"):
        rows(tmp_path)
    (tmp_path / "recipe.yaml").touch()
    with pytest.raises(potstill.InputError, match="no stage of the run in .* is complete"):
        rows(tmp_path)
