"""Named benchmarks: fetched from a hub or added, in a recipe, in a run, and on the card."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import potstill
from potstill.cli import main
from potstill.decontaminate.benchmarks import NAMES
from potstill.errors import InputError, RecipeError
from potstill.pipeline.heads import columns
from potstill.storage.manifest import read_manifest
from servers.hub import Hub

ITEM = "How many ways are there to seat four knights at a round table with two squires between?"
OTHER = "A train leaves the station at noon and meets another one after exactly three hours. When?"

RECIPE = """
name: audit
sources: [{path: rows.jsonl, map: {problem: q, response: r}}]
export: [{use: messages}]
"""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of benchmarks of this test's own."""
    folder = tmp_path / "benchmarks"
    monkeypatch.setenv("POTSTILL_BENCHMARKS", str(folder))
    return folder


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def run_cli(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Runs a command as a person types it."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr("sys.argv", ["potstill", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit:
            main()
        return Done(int(exit.value.code or 0), *capsys.readouterr())

    return run


def lines(*rows: object) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def table(tmp_path: Path, rows: list[dict]) -> bytes:
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    return (tmp_path / "t.parquet").read_bytes()


def publish(hub: Hub, name: str, files: dict[str, bytes]) -> str:
    """Put a benchmark on the hub, under the commit that the table has."""
    known = NAMES[name]
    commit = hub.commit(known.hub, files)
    if known.revision != "main":
        hub.commits[known.hub, known.revision] = files
        return known.revision
    return commit


def test_a_fetched_benchmark_is_at_hand(hub: Hub, bench: Path, tmp_path: Path):
    rows = [{"problem": ITEM, "answer": "7"}, {"problem": OTHER, "answer": "8"}]
    commit = publish(hub, "aime24", {"data/train-00000-of-00001.parquet": table(tmp_path, rows)})
    (found,) = potstill.fetch_benchmarks(["aime24"])
    data = (bench / "aime24.jsonl").read_bytes()
    assert (found.items, found.commit, found.hub) == (2, commit, "HuggingFaceH4/aime_2024")
    assert found.sha256 == sha256(data).hexdigest()
    first = json.loads(data.splitlines()[0])
    assert (first["problem"], first["reference_answer"]) == (ITEM, "7")
    assert first["row"] == "data/train-00000-of-00001.parquet:1"
    listed = {each.name: each for each in potstill.benchmarks()}
    assert listed["aime24"].at_hand
    assert listed["aime24"].revision == commit
    assert not listed["gsm8k"].at_hand


def test_every_file_of_the_split_is_fetched_and_no_other(hub: Hub, bench: Path):
    files = {"aime2025-I.jsonl": lines({"question": ITEM, "answer": "1"}), "README.md": b"# card"}
    publish(hub, "aime25", files | {"aime2025-II.jsonl": lines({"question": OTHER, "answer": "2"})})
    (found,) = potstill.fetch_benchmarks(["aime25"])
    assert found.items == 2


def test_a_branch_is_fetched_at_its_commit(hub: Hub, bench: Path):
    commit = publish(hub, "cmath", {"cmath_test.jsonl": lines({"question": ITEM, "golden": "1"})})
    (found,) = potstill.fetch_benchmarks(["cmath"])
    assert found.commit == commit


def test_options_are_part_of_an_item(hub: Hub, bench: Path, tmp_path: Path):
    row = {"question": ITEM, "choices": ["one", "two", "three", "four"], "answer": 2}
    publish(hub, "mmlu", {"all/test-00000-of-00001.parquet": table(tmp_path, [row])})
    (found,) = potstill.fetch_benchmarks(["mmlu"])
    text = json.loads((bench / "mmlu.jsonl").read_text())["problem"]
    assert found.items == 1
    assert text.startswith(ITEM)
    assert "C. three" in text


def test_a_row_with_huge_tests_still_has_its_problem(hub: Hub, bench: Path):
    row = {"question_title": "x", "question_content": ITEM, "private_test_cases": "y" * 20_000_000}
    small = {"question_content": OTHER, "private_test_cases": ""}
    publish(hub, "livecodebench", {"test.jsonl": lines(small, row), "test2.jsonl": lines(small)})
    (found,) = potstill.fetch_benchmarks(["livecodebench"])
    text = (bench / "livecodebench.jsonl").read_text()
    problems = [json.loads(line)["problem"] for line in text.splitlines()]
    assert (found.items, found.unreadable) == (3, 0)
    assert problems == [OTHER, ITEM, OTHER]


@pytest.mark.parametrize("end", [0, 1, 9, 30, 45])
def test_what_is_cut_off_ends_the_columns(end: int):
    text = '{"a": "x", "b": [1, {"c": 2}], "q": "text"}'
    whole = [("a", "x"), ("b", [1, {"c": 2}]), ("q", "text")]
    found = list(columns(text[:end]))
    assert found == whole[: len(found)]
    assert list(columns(text)) == whole
    assert list(columns('["a"]')) == list(columns("")) == list(columns('{"a" 1}')) == []


def test_a_gated_one_says_what_to_do(hub: Hub, bench: Path):
    publish(hub, "gpqa-diamond", {"gpqa_diamond.csv": b"Question,Correct Answer\n"})
    hub.gated.add("Idavidrein/gpqa")
    with pytest.raises(InputError) as caught:
        list(potstill.fetch_benchmarks(["gpqa-diamond"]))
    assert "HF_TOKEN" in str(caught.value)
    assert "Idavidrein/gpqa" in str(caught.value)
    assert not list(bench.glob("*"))


def test_all_fetches_what_can_be_had_and_tells_the_rest(
    hub: Hub, bench: Path, run_cli: Callable[..., Done]
):
    publish(hub, "math-500", {"test.jsonl": lines({"problem": ITEM, "answer": "7"})})
    done = run_cli("benchmarks", "fetch", "--all")
    assert done.code == 2
    assert "math-500       1 items at 6e4ed1a2a79a" in done.out
    assert "aime24: " in done.err
    assert [path.name for path in sorted(bench.iterdir())] == ["math-500.json", "math-500.jsonl"]


def test_where_there_is_no_hub_all_stops_at_the_first(
    bench: Path, monkeypatch: pytest.MonkeyPatch, run_cli: Callable[..., Done]
):
    pytest.importorskip("huggingface_hub")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("time.sleep", lambda _: None)
    done = run_cli("benchmarks", "fetch", "--all")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("potstill: aime24: ")
    assert done.err.count("can't be reached") == 1


def test_a_fetch_that_fails_leaves_the_benchmark_out(
    hub: Hub, bench: Path, monkeypatch: pytest.MonkeyPatch
):
    publish(hub, "math-500", {"test.jsonl": lines({"problem": ITEM, "answer": "7"})})
    list(potstill.fetch_benchmarks(["math-500"]))
    monkeypatch.setattr("potstill.pipeline.fetching.write_text", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        list(potstill.fetch_benchmarks(["math-500"]))
    assert [each.name for each in potstill.benchmarks() if each.at_hand] == []


def test_an_unknown_name_is_told_before_anything_is_fetched(bench: Path):
    with pytest.raises(InputError, match=r"'aime-24' \(did you mean 'aime24'\?\)"):
        potstill.fetch_benchmarks(["math-500", "aime-24"])


def test_a_file_is_added_under_a_name(bench: Path, tmp_path: Path):
    (tmp_path / "exam.jsonl").write_bytes(lines({"question": ITEM}, {"no": 1}, {"question": OTHER}))
    found = potstill.add_benchmark("exam", tmp_path / "exam.jsonl", map={"problem": "question"})
    assert (found.items, found.unreadable, found.hub) == (2, 1, None)
    assert [each.name for each in potstill.benchmarks() if each.at_hand] == ["exam"]


@pytest.mark.parametrize(
    ("name", "file", "says"),
    [
        ("a/b", "exam.jsonl", "is no name of a benchmark"),
        ("all", "exam.jsonl", "stands for every benchmark"),
        ("exam", "gone.jsonl", "there is no file or folder"),
        ("exam", "exam.jsonl", "the first has no column 'question'"),
    ],
)
def test_what_can_not_be_added_is_told(
    bench: Path, tmp_path: Path, name: str, file: str, says: str
):
    (tmp_path / "exam.jsonl").write_bytes(lines({"text": ITEM}))
    with pytest.raises(InputError, match=says):
        potstill.add_benchmark(name, tmp_path / file, map={"problem": "question"})
    assert not list(bench.glob("*"))


@pytest.fixture
def audit(tmp_path: Path) -> Callable[..., potstill.Run]:
    """Runs an audit of two rows, of which one is the item of a benchmark."""
    (tmp_path / "rows.jsonl").write_bytes(
        lines({"q": ITEM, "r": "7"}, {"q": OTHER, "r": "8"}, {"q": "Say *_hello_*", "r": "hi"})
    )
    (tmp_path / "exam.jsonl").write_bytes(lines({"problem": ITEM}))
    (tmp_path / "more.jsonl").write_bytes(lines({"problem": OTHER}))

    def work(extra: str = "", heard: list | None = None) -> potstill.Run:
        (tmp_path / "recipe.yaml").write_text(RECIPE + extra)
        listener = heard.append if heard is not None else None
        return potstill.run(tmp_path / "recipe.yaml", out=tmp_path / "run", listener=listener)

    return work


def card(run: potstill.Run) -> str:
    return (run.directory / "08-export" / "messages" / "README.md").read_text()


def dropped(run: potstill.Run) -> list[str]:
    return [row.row_id for row in run.rows(stage="decontaminate", dropped=True)]


def test_left_out_of_a_recipe_it_drops_items_of_what_is_at_hand(
    bench: Path, tmp_path: Path, audit: Callable[..., potstill.Run]
):
    found = potstill.add_benchmark("exam", tmp_path / "exam.jsonl")
    heard: list[dict] = []
    run = audit("", heard)
    assert dropped(run) == ["rows:rows.jsonl:1"]
    (caution,) = [event["text"] for event in heard if event["event"] == "caution"]
    assert caution.startswith("problems are not checked against aime24, aime25, ")
    text = card(run)
    assert f"| `exam` | 1 | a file that was added, sha256 `{found.sha256[:16]}` | 1 | 0 |" in text
    assert "Not compared with, of the benchmarks that potstill knows: aime24, " in text


def test_with_none_at_hand_everything_passes_and_is_said_loudly(
    bench: Path, audit: Callable[..., potstill.Run]
):
    heard: list[dict] = []
    run = audit("", heard)
    (stage,) = [each for each in run.status().stages if each.stage == "decontaminate"]
    assert (stage.accounts[0].entered, stage.accounts[0].kept) == (3, 3)
    (caution,) = [event["text"] for event in heard if event["event"] == "caution"]
    assert caution.startswith("nothing is decontaminated: no benchmark is at hand. `potstill ")
    assert "**None: no benchmark was at hand" in card(run)


@pytest.mark.parametrize("off", ["off", "false", '"off"', "[]"])
def test_off_is_no_stage_and_stands_on_the_card(
    bench: Path, audit: Callable[..., potstill.Run], off: str
):
    heard: list[dict] = []
    run = audit(f"decontaminate: {off}\n", heard)
    assert "decontaminate" not in [each.stage for each in run.status().stages]
    assert not [event for event in heard if event["event"] == "caution"]
    assert "**Off: the problems were compared with no benchmark.**" in card(run)
    assert "decontaminate: off\n" in (run.directory / "recipe.yaml").read_text()


def test_the_stage_runs_again_when_what_is_at_hand_changes(
    bench: Path, tmp_path: Path, audit: Callable[..., potstill.Run]
):
    def why() -> dict[str, str | None]:
        heard: list[dict] = []
        audit("", heard)
        return {e["stage"]: e["why"] for e in heard if e["event"] == "stage_started"}

    why()
    potstill.add_benchmark("exam", tmp_path / "exam.jsonl")
    assert why()["decontaminate"].startswith("its settings changed: benchmarks.exam")
    assert why() == {}
    potstill.add_benchmark("exam", tmp_path / "exam.jsonl")  # the same items
    assert why() == {}
    potstill.add_benchmark("exam", tmp_path / "more.jsonl")
    again = why()
    assert again["decontaminate"].startswith("its settings changed: benchmarks.exam.sha256")
    assert "`exam`" in card(potstill.open_run(tmp_path / "run"))


def test_the_card_follows_even_where_no_row_changes(
    bench: Path, tmp_path: Path, audit: Callable[..., potstill.Run]
):
    audit()
    (tmp_path / "far.jsonl").write_bytes(lines({"problem": "A wholly different text of an exam"}))
    potstill.add_benchmark("far", tmp_path / "far.jsonl")
    assert "| `far` | 1 |" in card(audit())


def test_a_card_that_was_removed_is_written_anew(bench: Path, audit: Callable[..., potstill.Run]):
    run = audit()
    before = card(run)
    (run.directory / "08-export" / "messages" / "README.md").unlink()
    assert card(audit()) == before


def test_a_name_and_a_file_and_all_go_together(
    bench: Path, tmp_path: Path, audit: Callable[..., potstill.Run]
):
    potstill.add_benchmark("exam", tmp_path / "exam.jsonl")
    rule = "decontaminate: [{use: ngram, against: [all, {path: more.jsonl}]}]\n"
    assert dropped(audit(rule)) == ["rows:rows.jsonl:1", "rows:rows.jsonl:2"]
    assert dropped(audit("decontaminate: [{use: ngram, against: exam}]\n")) == ["rows:rows.jsonl:1"]
    where = "decontaminate: [{use: ngram, against: exam, where: line > 1}]\n"
    assert dropped(audit(where)) == []


def test_a_name_that_is_not_at_hand_is_a_mistake_with_its_place(
    bench: Path, audit: Callable[..., potstill.Run]
):
    with pytest.raises(RecipeError) as caught:
        audit("decontaminate:\n  - use: ngram\n    against:\n      - aime24\n")
    assert str(caught.value).endswith(
        "recipe.yaml:8: decontaminate.0.against.0: the benchmark 'aime24' is not at hand: "
        "`potstill benchmarks fetch aime24` gets it"
    )


def test_a_file_that_was_changed_by_hand_is_noticed(
    bench: Path, tmp_path: Path, audit: Callable[..., potstill.Run]
):
    potstill.add_benchmark("exam", tmp_path / "exam.jsonl")
    (bench / "exam.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match="is not as it was written: `potstill benchmarks add exam"):
        audit()


def test_a_stage_alone_takes_names(
    bench: Path, tmp_path: Path, audit: Callable[..., potstill.Run], run_cli: Callable[..., Done]
):
    (tmp_path / "in.jsonl").write_bytes(lines({"problem": ITEM}, {"problem": OTHER}))
    potstill.add_benchmark("exam", tmp_path / "in.jsonl")
    (tmp_path / "rest.jsonl").write_bytes(lines({"problem": ITEM}, {"problem": "Something else"}))
    done = run_cli(
        "decontaminate", tmp_path / "rest.jsonl", tmp_path / "out.jsonl", "--against", "exam"
    )
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "out.jsonl").read_text())["problem"] == "Something else"
    potstill.apply("dedup", tmp_path / "in.jsonl", tmp_path / "d.jsonl", use="exact")
    assert not (tmp_path / "d.jsonl.run" / "03-decontaminate").exists()


def test_two_runs_write_the_same_card(bench: Path, tmp_path: Path, audit, monkeypatch):
    first = card(audit())
    second = potstill.run(tmp_path / "recipe.yaml", out=tmp_path / "elsewhere" / "run")
    assert card(second) == first
    manifests = [
        read_manifest(each.directory / "08-export")
        for each in (second, potstill.open_run(tmp_path / "run"))
    ]
    assert manifests[0] == manifests[1]
    assert "messages/README.md" in [part.name for part in manifests[0].exported]
