"""A stage alone on a file: the same books as in a run, and a file with the input's columns."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard

import potstill
from potstill.cli import main
from potstill.pipeline import apply

ROWS = [
    {"question": "What is 12 + 30?", "gold": "42", "answer": "It is \\boxed{42}.", "id": 1},
    {"question": "what  is 12 + 30?", "gold": "42", "answer": "It is \\boxed{43}.", "id": 2},
    {"question": "Name a prime above 100.", "gold": None, "answer": "101 101 101", "id": 3},
]
MAP = {"problem": "question", "reference_answer": "gold"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with ROWS in `in.jsonl`."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in.jsonl", ROWS)
    return tmp_path


def write(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def read(path: str | Path) -> list[dict]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def potstill_command(*arguments: str, **kwargs) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "potstill", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **kwargs)


def test_dedup_keeps_the_columns_and_the_books(folder: Path) -> None:
    run = apply("dedup", "in.jsonl", "out.jsonl", map=MAP, use="exact")
    assert read("out.jsonl") == [ROWS[0], ROWS[2]]
    assert [row["row_id"] for row in read("out.dropped.jsonl")] == ["in:in.jsonl:2"]
    books = {stage.stage: stage.accounts[0] for stage in run.status().stages}
    assert (books["gather"].entered, books["dedup"].entered, books["dedup"].kept) == (3, 3, 2)
    assert run.status().state == "complete"
    assert "duplicate" in run.why("in:in.jsonl:2")[0].steps[-1].text


def test_decontaminate_against_a_file(folder: Path) -> None:
    write(folder / "bench.jsonl", [{"q": "Name a prime number that is above 100, please."}])
    against = [{"path": "bench.jsonl", "map": {"problem": "q"}}]
    rows = [*ROWS, {"question": "Name a prime number that is above 100, please.", "gold": "1"}]
    write(folder / "in.jsonl", rows)
    apply("decontaminate", "in.jsonl", "out.jsonl", map=MAP, use="ngram", against=against)
    assert read("out.jsonl") == ROWS
    assert read("out.dropped.jsonl")[0]["reason"] == "contaminated"


def test_label_adds_what_it_tells(folder: Path) -> None:
    apply("label", "in.jsonl", "out.jsonl", map=MAP, use="language")
    first = read("out.jsonl")[0]
    assert first["language"] == "en"
    assert first["labels"][0]["origin"] == "language"
    assert {key: first[key] for key in ROWS[0]} == ROWS[0]


def test_filter_drops_what_it_rejects(folder: Path) -> None:
    mapped = MAP | {"response": "answer"}
    apply("filter", "in.jsonl", "out.jsonl", map=mapped, use="length", max_answer_chars=15)
    assert read("out.jsonl") == [ROWS[2]]
    assert {row["rule"] for row in read("out.dropped.jsonl")} == {"length"}


def test_a_row_without_a_response_is_dropped_by_reason(folder: Path) -> None:
    write(folder / "in.jsonl", [{"question": "1 + 1 = ?", "gold": "2", "response": None}])
    apply("verify", "in.jsonl", "out.jsonl", map=MAP, use="math")
    assert read("out.jsonl") == []
    assert read("out.dropped.jsonl")[0]["reason"] == "no_response"


def test_distil_asks_each_call_once_whatever_is_added(folder: Path, teacher) -> None:
    asked = teacher.stats()["requests"]
    options = {
        "model": "scripted",
        "base_url": teacher.base_url,
        "samples": 2,
        "sampling": {"max_tokens": 300},
    }
    apply("distil", "in.jsonl", "out.jsonl", map=MAP, **options)
    rows = read("out.jsonl")
    assert [row["id"] for row in rows] == [1, 1, 2, 2, 3, 3]
    assert [row["sample"] for row in rows] == [0, 1] * 3
    assert all(row["response"].startswith("<think>") and row["teacher"] for row in rows)
    assert teacher.stats()["requests"] == asked + 6
    write(folder / "in.jsonl", [{"question": "And 5 + 5?", "gold": "10", "id": 4}, *ROWS])
    apply("distil", "in.jsonl", "out.jsonl", map=MAP, **options)
    assert [row["id"] for row in read("out.jsonl")] == [4, 4, 1, 1, 2, 2, 3, 3]
    assert teacher.stats()["requests"] == asked + 8
    apply("verify", "out.jsonl", "verified.jsonl", map=MAP, use="math")
    assert {row["outcome"] for row in read("verified.jsonl")} <= {"pass", "fail", "undecided"}


def test_distil_in_runs_shares_their_journal(folder: Path, teacher) -> None:
    options = {"map": MAP, "model": "scripted", "base_url": teacher.base_url}
    asked = teacher.stats()["requests"]
    apply("distil", "in.jsonl", "one.jsonl", run="runs/one", **options)
    apply("distil", "in.jsonl", "two.jsonl", run="runs/two", **options)
    assert (folder / "runs/journal/calls.sqlite3").is_file()
    assert teacher.stats()["requests"] == asked + 3
    assert read("one.jsonl") == read("two.jsonl")


def test_a_finished_stage_is_not_done_again_but_its_output_is_restored(folder: Path) -> None:
    heard: list[str] = []
    again = {"map": MAP, "use": "exact", "listener": lambda event: heard.append(event["event"])}
    apply("dedup", "in.jsonl", "out.jsonl", **again)
    first = Path("out.jsonl").read_bytes()
    Path("out.jsonl").unlink()
    heard.clear()
    apply("dedup", "in.jsonl", "out.jsonl", **again)
    assert heard.count("stage_skipped") == 2
    assert Path("out.jsonl").read_bytes() == first


def test_another_stage_into_the_same_output_starts_anew(folder: Path) -> None:
    apply("dedup", "in.jsonl", "out.jsonl", map=MAP, use="exact")
    with pytest.raises(potstill.InputError, match="replace it by --overwrite"):
        apply("label", "in.jsonl", "out.jsonl", map=MAP, use="language")
    run = apply("label", "in.jsonl", "out.jsonl", map=MAP, use="language", overwrite=True)
    assert [stage.stage for stage in run.status().stages] == ["gather", "label"]
    assert len(read("out.jsonl")) == 3


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.zst", ".json", ".parquet"])
def test_every_ending_can_be_read_and_written(folder: Path, ending: str) -> None:
    apply("dedup", "in.jsonl", f"one{ending}", map=MAP, use="exact")
    apply("dedup", f"one{ending}", "two.jsonl", map=MAP, use="exact")
    assert read("two.jsonl") == [ROWS[0], ROWS[2]]
    if ending == ".parquet":
        assert pq.read_table("one.parquet").num_rows == 2
    if ending == ".jsonl.zst":
        with zstandard.open("one.jsonl.zst", "rt") as lines:
            assert [json.loads(line) for line in lines] == [ROWS[0], ROWS[2]]


def test_a_folder_is_read_whole(folder: Path) -> None:
    (folder / "many").mkdir()
    for name in ("b", "a"):
        write(folder / "many" / f"{name}.jsonl", ROWS)
    apply("dedup", "many", "out.jsonl", map=MAP, use="exact")
    assert read("out.jsonl") == [ROWS[0], ROWS[2]]
    dropped = [row["row_id"] for row in read("out.dropped.jsonl")]
    assert dropped == ["many:a.jsonl:2", *(f"many:b.jsonl:{line}" for line in (1, 2, 3))]
    (folder / "many" / "c.json").write_text("[]")
    with pytest.raises(potstill.InputError, match=r"files of several kinds: json, jsonl"):
        apply("dedup", "many", "out.jsonl", map=MAP, use="exact")


def test_standard_input_and_output(folder: Path) -> None:
    text = (folder / "in.jsonl").read_text()
    pipe = ["dedup", "-", "-", "--use", "exact", "--map", "problem=question"]
    done = potstill_command(*pipe, input=text)
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [ROWS[0], ROWS[2]]
    assert "duplicate 1" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["in.jsonl"]


def test_standard_input_is_kept_with_the_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from potstill.storage.rows import spool

    text = (folder / "in.jsonl").read_bytes()
    first = spool(io.BytesIO(text), folder / "run")
    changed = first.stat().st_mtime_ns
    assert spool(io.BytesIO(text), folder / "run").stat().st_mtime_ns == changed
    assert first.read_bytes() == text
    assert spool(io.BytesIO(b"x\n"), folder / "run").read_bytes() == b"x\n"
    assert [path.name for path in first.parent.iterdir()] == ["stdin.jsonl"]


def test_a_closed_pipe_is_no_traceback(folder: Path) -> None:
    write(folder / "in.jsonl", ROWS * 5000)
    command = f"{sys.executable} -m potstill label in.jsonl - --use language --quiet"
    command += " --map problem=question | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["dedup", "in.jsonl", "in.jsonl", "--use", "exact"], "in.jsonl is the input"),
        (["dedup", "in.jsonl", "out.csv", "--use", "exact"], "out.csv must end in .jsonl,"),
        (["dedup", "in.jsonl", "no/out.jsonl", "--use", "exact"], "there is no folder no"),
        (["dedup", "no.jsonl", "out.jsonl", "--use", "exact"], "there is no file or folder"),
        (["dedup", "in.jsonl", "old.jsonl", "--use", "exact"], "replace it by --overwrite"),
        (["dedup", "in.jsonl", "out.jsonl", "--use", "exakt"], "--use: dedup has no 'exakt' (did"),
        (["verify", "in.jsonl", "out.jsonl", "--use", "math", "--set", "rond=1"], "--set rond: "),
        (["dedup", "in.jsonl", "out.jsonl", "--use", "exact", "--map", "x"], "FIELD=COLUMN"),
        (["dedup", "in.jsonl", "out.jsonl", "--use", "exact", "--map", "x=y"], "--map: "),
        (["distil", "in.jsonl", "-", "--model", "x"], "by --run DIR"),
        (["distil", "in.jsonl", "out.jsonl", "--model", "x"], "does not say where the model is"),
        (["distil", "in.jsonl", "out.jsonl", "--key-env", "sk-secret"], "environment variable"),
        (["decontaminate", "in.jsonl", "out.jsonl", "--against", "x.jsonl"], "--against: there is"),
    ],
)
def test_wrong_input_is_one_sentence(
    folder: Path,
    arguments: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "old.jsonl").write_text("precious\n")
    before = sorted(path.name for path in folder.iterdir())
    monkeypatch.setattr("sys.argv", ["potstill", *arguments])
    with pytest.raises(SystemExit) as exit:
        main()
    assert exit.value.code == 2
    text = capsys.readouterr().err
    assert says in text
    assert "Traceback" not in text
    assert "sk-secret" not in text
    assert (folder / "old.jsonl").read_text() == "precious\n"
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_killed_stage_continues(folder: Path, make_project: Callable[[Path], None]) -> None:
    write(folder / "in.jsonl", [{"q": f"What is {i} + {i}?"} for i in range(3000)])
    command = [sys.executable, "-m", "potstill", "label", "in.jsonl", "out.jsonl"]
    command += ["--use", "category", "--map", "problem=q"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as work:
        assert work.stderr is not None
        for line in work.stderr:
            if "label: running" in line:
                os.kill(work.pid, signal.SIGKILL)
        work.wait()
    assert not (folder / "out.jsonl").exists()
    done = potstill_command(*command[3:])
    assert done.returncode == 0
    assert "gather: complete" in done.stderr
    assert len(read("out.jsonl")) == 3000


def test_convert_from_one_shape_to_another_and_back(folder: Path) -> None:
    rows = [
        {"instruction": "Add.", "input": "2 and 3", "output": "<think>\n2+3\n</think>\n\n5"},
        {"instruction": "", "input": "", "output": "nothing was asked"},
    ]
    write(folder / "in.jsonl", rows)
    run = apply("convert", "in.jsonl", "out.jsonl", schema="alpaca", use="messages")
    (row,) = read("out.jsonl")
    assert [turn["role"] for turn in row["messages"]] == ["user", "assistant"]
    assert len(read("out.dropped.jsonl")) == 1
    assert run.status().state == "complete"
    apply("convert", "out.jsonl", "back.jsonl", schema="messages", use="alpaca")
    (back,) = read("back.jsonl")
    assert back["output"].endswith("5")
    assert "2+3" in back["output"]


def test_verify_takes_a_published_shape(folder: Path) -> None:
    rows = [
        {"question": "1 + 1 = ?", "answer": "2", "reply": "\\boxed{2}"},
        {"question": "1 + 2 = ?", "answer": "3", "reply": "\\boxed{4}"},
    ]
    write(folder / "in.jsonl", rows)
    apply("verify", "in.jsonl", "out.jsonl", schema="qa", map={"response": "reply"}, use="math")
    assert [row["outcome"] for row in read("out.jsonl")] == ["pass", "fail"]
    assert [row["question"] for row in read("out.jsonl")] == [row["question"] for row in rows]


def test_a_stage_without_its_plug_in_is_refused(folder: Path) -> None:
    with pytest.raises(potstill.InputError, match="dedup needs --use: exact, minhash"):
        apply("dedup", "in.jsonl", "out.jsonl", map=MAP)
    with pytest.raises(potstill.InputError, match="whom to ask"):
        apply("distil", "in.jsonl", "out.jsonl", map=MAP)
    assert potstill_command("label", "in.jsonl", "out.jsonl").returncode == 2
    assert [path.name for path in folder.iterdir()] == ["in.jsonl"]


def test_a_benchmark_is_read_by_the_columns_of_the_input(folder: Path) -> None:
    command = ["decontaminate", "in.jsonl", "out.jsonl", "--against", "in.jsonl"]
    done = potstill_command(*command, "--map", "problem=question", "--quiet")
    assert done.returncode == 0, done.stderr
    assert read("out.jsonl") == []


def test_a_benchmark_without_items_is_no_benchmark(folder: Path) -> None:
    with pytest.raises(potstill.InputError, match="no column 'q', the columns are") as caught:
        apply(
            "decontaminate",
            "in.jsonl",
            "out.jsonl",
            map=MAP,
            use="ngram",
            against=[{"path": "in.jsonl", "map": {"problem": "q"}}],
        )
    assert "none of the 3 rows" in str(caught.value)


def test_an_input_without_a_usable_row_is_refused(folder: Path) -> None:
    with pytest.raises(potstill.SourceError, match="missing_field 3; the first has no column 'q'"):
        apply("dedup", "in.jsonl", "out.jsonl", map={"problem": "q"}, use="exact")
    assert not (folder / "out.jsonl").exists()


def test_a_verdict_on_a_file_is_read_back(folder: Path) -> None:
    mapped = MAP | {"response": "answer"}
    apply("verify", "in.jsonl", "verified.jsonl", map=mapped, use="math")
    passed = [row["outcome"] for row in read("verified.jsonl")].count("pass")
    assert passed == 1
    where = {"when": "outcome = 'pass'"}
    apply("convert", "verified.jsonl", "out.jsonl", map=mapped, use="messages", **where)
    assert len(read("out.jsonl")) == passed
    again = apply("verify", "verified.jsonl", "again.jsonl", map=mapped, use="math")
    assert again.status().stages[-1].accounts[0].tally == {"fail": 1, "pass": 1, "undecided": 1}


def test_columns_keep_their_order(folder: Path) -> None:
    apply("dedup", "in.jsonl", "out.jsonl", map=MAP, use="exact")
    assert [list(row) for row in read("out.jsonl")] == [list(ROWS[0]), list(ROWS[2])]
    assert read("out.dropped.jsonl")[0]["row"] == ROWS[1]
    assert read("out.dropped.jsonl")[0]["evidence"]["of"] == "in:in.jsonl:1"


def test_what_another_input_made_is_not_replaced_by_accident(folder: Path) -> None:
    apply("dedup", "in.jsonl", "out.jsonl", map=MAP, use="exact")
    write(folder / "other.jsonl", ROWS[:1])
    with pytest.raises(potstill.InputError, match=r"out.jsonl holds what dedup made of .*in.jsonl"):
        apply("dedup", "other.jsonl", "out.jsonl", map=MAP, use="exact")
    apply("dedup", "other.jsonl", "out.jsonl", map=MAP, use="exact", overwrite=True)
    assert read("out.jsonl") == ROWS[:1]


TOOLS = {
    "messages": [
        {"role": "user", "content": "Which?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
}


def test_tools_are_converted_and_stay_where_the_row_is_kept(folder: Path) -> None:
    write(folder / "in.jsonl", [TOOLS])
    apply("convert", "in.jsonl", "out.jsonl", schema="messages", use="sharegpt")
    (row,) = read("out.jsonl")
    assert [turn["from"] for turn in row["conversations"]] == ["human", "function_call"]
    apply("convert", "out.jsonl", "back.jsonl", schema="sharegpt", use="messages")
    (back,) = read("back.jsonl")
    assert json.loads(back["tools"]) == TOOLS["tools"]
    function = TOOLS["messages"][1]["tool_calls"][0]["function"]
    assert back["messages"][-1]["tool_calls"][0]["function"] == function
    apply("filter", "in.jsonl", "kept.jsonl", schema="messages", use="format")
    assert read("kept.jsonl") == [TOOLS]
    apply("convert", "in.jsonl", "none.jsonl", schema="messages", use="alpaca")
    run = apply("convert", "in.jsonl", "none.jsonl", schema="messages", use="alpaca")
    assert run.status().stages[-1].accounts[-1].dropped == {"tool_calls": 1}


def test_a_table_has_columns_that_only_later_rows_have(folder: Path) -> None:
    rows = [{"q": "1?"}, {"q": "2?", "more": 5}]
    write(folder / "in.jsonl", rows)
    apply("dedup", "in.jsonl", "out.parquet", map={"problem": "q"}, use="exact")
    assert pq.read_table("out.parquet").to_pylist() == [{"q": "1?", "more": None}, rows[1]]


LABELLED = [
    {"q": "1 + 1 = ?", "gold": "2", "response": "2", "label": True},
    {"q": "1 + 2 = ?", "gold": "3", "response": "4", "label": "incorrect"},
    {"q": "1 + 3 = ?", "gold": "4", "response": "5", "label": 1},
]
SAME = '''
from potstill import Verdict

def same(problem, response) -> Verdict:
    """Compare texts."""
    outcome = "pass" if response.answer == problem.reference_answer else "fail"
    return Verdict(outcome=outcome, reason="compared")
'''
COLUMNS = {"problem": "q", "reference_answer": "gold"}


@pytest.fixture
def labelled(folder: Path) -> Path:
    write(folder / "labelled.jsonl", LABELLED)
    (folder / "same.py").write_text(SAME)
    return folder


def test_verify_compares_with_labels(labelled: Path) -> None:
    mapped = COLUMNS | {"expected": "label"}
    done = apply(
        "verify", "labelled.jsonl", "out.jsonl", map=mapped, use="same.py:same", allow_code=True
    )
    found = done.confusion("label")
    assert (found.right["pass"], found.wrong["fail"], found.false_negatives) == (1, 1, 1)
    rows = read("out.jsonl")
    assert [row["expected"] for row in rows] == [True, False, True]
    assert [row["label"] for row in rows] == [True, "incorrect", 1]
    again = COLUMNS | {"expected": "expected"}
    apply("verify", "out.jsonl", "again.jsonl", map=again, use="same.py:same", allow_code=True)
    assert read("again.jsonl")[1]["expected"] is False


def test_the_command_prints_the_confusion_table(labelled: Path) -> None:
    command = ["verify", "labelled.jsonl", "out.jsonl", "--use", "same.py:same", "--allow-code"]
    command += ["--map", "problem=q,reference_answer=gold,expected=label", "--quiet"]
    done = potstill_command(*command)
    assert done.returncode == 0, done.stderr
    assert "true                1          1          0\n" in done.stdout
    assert "1 false negative: labelled:labelled.jsonl:3\n" in done.stdout
    shown = json.loads(potstill_command(*command, "--json").stdout)
    assert shown["confusion"]["false_negatives"] == 1
    assert shown["state"] == "complete"
    refused = potstill_command(*command[:2], "-", *command[3:], "--json")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_a_label_that_is_none_is_refused_before_a_response_is_judged(labelled: Path) -> None:
    (labelled / "same.py").write_text(
        SAME.replace("    outcome", "    raise SystemExit\n    outcome")
    )
    for column, says in (("q", "labelled:labelled.jsonl:1 has '1 \\+ 1"), ("x", "no column 'x'")):
        mapped = COLUMNS | {"expected": column}
        with pytest.raises(potstill.InputError, match=says):
            apply(
                "verify",
                "labelled.jsonl",
                "out.jsonl",
                map=mapped,
                use="same.py:same",
                allow_code=True,
            )
    assert not (labelled / "out.jsonl").exists()


def test_labels_are_only_for_verify(folder: Path) -> None:
    with pytest.raises(potstill.InputError, match="expected can't be given"):
        apply("dedup", "in.jsonl", "out.jsonl", map=MAP | {"expected": "gold"}, use="exact")


def test_a_judge_alone_wants_a_place_for_its_journal(folder: Path, serve) -> None:
    server = serve(style="none")
    options = {"use": "judge", "teachers": [{"model": "m", "base_url": server.base_url}]}
    apply("verify", "in.jsonl", "out.jsonl", map=MAP | {"response": "answer"}, **options)
    reasons = [row["reason"] for row in read("out.jsonl")]
    assert reasons == ["judge_unparseable", "judge_unparseable", "no_reference"]
    assert {row["verifier"] for row in read("out.jsonl")} == {"judge"}
    assert server.requests == 2
    given = ["--set", "teachers.0.model=m", "--set", f"teachers.0.base_url={server.base_url}"]
    mapped = ["--map", "problem=question,reference_answer=gold,response=answer"]
    done = potstill_command("verify", "in.jsonl", "-", "--use", "judge", *given, *mapped)
    assert done.returncode == 2
    assert "by --run DIR" in done.stderr
    assert server.requests == 2
