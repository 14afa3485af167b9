"""The whole line: the books, and what a second run does again."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

import potstill
from potstill.records import Dropped, Sample
from potstill.stages.io import Pause
from potstill.storage.events import Event
from potstill.storage.manifest import read_manifest
from potstill.storage.parts import read_parts

PLANNED = 40 * 2


def run(**options: object) -> tuple[potstill.Run, list[Event]]:
    events: list[Event] = []
    done = potstill.run("recipe.yaml", listener=events.append, **options)  # type: ignore[arg-type]
    return done, events


def ran(events: list[Event]) -> dict[str, str]:
    """Why each stage ran that did."""
    return {str(e["stage"]): str(e["why"]) for e in events if e["event"] == "stage_started"}


def asked(events: list[Event]) -> int:
    return sum(int(str(e["requests"])) for e in events if e["event"] == "asked")


@pytest.fixture
def first(project: Path) -> potstill.Run:
    return run()[0]


def test_the_books_of_a_whole_run(first: potstill.Run) -> None:
    books = {s.stage: s.accounts for s in first.status().stages}
    assert first.status().state == "complete"
    assert (books["gather"][0].entered, books["gather"][0].kept) == (44, 42)
    assert books["gather"][0].dropped == {"not_json": 1, "empty_prompt": 1}
    assert books["dedup"][0].dropped == {"duplicate": 1}
    assert books["decontaminate"][0].dropped == {"contaminated": 1}
    assert (books["distil"][1].entered, books["distil"][1].tally) == (PLANNED, {"ok": PLANNED})
    tally = books["verify"][0].tally
    assert tally.keys() == {"pass", "fail"}
    assert sum(tally.values()) == PLANNED
    for account in books["export"][1:]:
        assert account.kept == tally["pass"]
        assert account.dropped == {"not_selected": tally["fail"]}


def test_every_stage_passes_on_what_the_one_before_kept(first: potstill.Run) -> None:
    stages = first.status().stages
    for before, after in zip(stages, stages[1:], strict=False):
        if after.stage == "verify":  # distil's rows are problems, its parts are samples
            assert after.accounts[0].entered == before.accounts[1].kept
        else:
            assert after.accounts[0].entered == before.accounts[0].kept


def test_the_exported_dataset_loads(first: potstill.Run, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    for name, folder in first.status().datasets.items():
        cache = str(tmp_path / "cache")
        table = datasets.load_dataset(f"{folder}/parquet", split="train", cache_dir=cache)
        lines = datasets.load_dataset(f"{folder}/jsonl", split="train", cache_dir=cache)
        assert len(table) == len(lines) > 0, name
        assert table[0]["messages"][-1]["role"] == "assistant"


def test_the_dropped_rows_are_whole(first: potstill.Run) -> None:
    folder = first.directory / "02-dedup"
    manifest = read_manifest(folder)
    assert manifest is not None
    (drop,) = read_parts(folder, manifest.dropped, Dropped)
    assert drop.evidence == {"of": "problems:problems.jsonl:3", "similarity": 1.0}
    assert json.loads(drop.row)["row_id"] == drop.row_id == "problems:problems.jsonl:8"


def test_the_same_run_again_does_nothing(first: potstill.Run, teacher) -> None:
    before = teacher.stats()["requests"]
    _, events = run()
    assert ran(events) == {}
    assert teacher.stats()["requests"] == before


def test_another_run_of_the_same_calls_asks_nothing(
    first: potstill.Run, edit: Callable[[str, str], None]
) -> None:
    edit("name: words", "name: again")
    done, events = run()
    assert done.directory != first.directory
    assert asked(events) == 0
    samples = [r for r in _samples(done)]
    assert samples == list(_samples(first))


def _samples(done: potstill.Run) -> list[Sample]:
    manifest = read_manifest(done.directory / "06-verify")
    assert manifest is not None
    return list(read_parts(done.directory / "06-verify", manifest.parts, Sample))


def test_added_rows_ask_only_for_themselves(first: potstill.Run, project: Path) -> None:
    with (project / "problems.jsonl").open("a") as file:
        file.write(json.dumps({"question": "How many legs have 7 spiders in all?", "gold": 56}))
    _, events = run()
    assert asked(events) == 2
    assert ran(events)["gather"] == "its input changed"


@pytest.mark.parametrize(
    ("old", "new", "stages"),
    [
        (
            "  - {use: repetition}\n",
            "  - {use: repetition}\n  - {use: length}\n",
            {"filter", "export"},
        ),
        (
            "  - {use: am-1.4m, when: \"outcome = 'pass'\"}",
            "  - {use: am-1.4m, when: \"outcome = 'fail'\"}",
            {"export"},
        ),
        ("max_in_flight: 4", "max_in_flight: 3", set()),
        ("threshold: 0.8", "threshold: 0.9", {"dedup", "export"}),
    ],
)
def test_a_changed_recipe_runs_what_it_must_and_asks_nothing(
    first: potstill.Run, edit: Callable[[str, str], None], old: str, new: str, stages: set[str]
) -> None:
    edit(old, new)
    _, events = run()
    assert ran(events).keys() == stages
    assert asked(events) == 0
    for stage, why in ran(events).items():
        told = stage == "export" and len(stages) > 1  # the cards tell of the stages before it
        assert why == "its input changed" if told else why.startswith("its settings changed: ")


def test_the_reason_names_the_place_and_both_values(
    first: potstill.Run, edit: Callable[[str, str], None]
) -> None:
    edit("threshold: 0.8", "threshold: 0.9")
    _, events = run()
    assert ran(events)["dedup"] == "its settings changed: dedup.1.threshold was 0.8, is 0.9"


def test_a_stage_that_left_the_recipe_leaves_the_run(
    first: potstill.Run, edit: Callable[[str, str], None]
) -> None:
    edit("filter:\n  - {use: format}\n  - {use: repetition}\n", "")
    run()
    assert not (first.directory / "07-filter").exists()
    assert first.status().state == "complete"


def test_more_samples_ask_only_for_the_new_ones(
    first: potstill.Run, edit: Callable[[str, str], None]
) -> None:
    edit("samples: 2", "samples: 3")
    assert asked(run()[1]) == 40


def test_a_part_that_is_gone_is_made_again(first: potstill.Run) -> None:
    (first.directory / "03-decontaminate" / "part-00000.parquet").unlink()
    _, events = run()
    assert ran(events) == {"decontaminate": "part-00000.parquet is missing"}


def test_one_format_can_be_exported_twice_under_two_names(
    first: potstill.Run, edit: Callable[[str, str], None]
) -> None:
    other = "  - {use: messages, name: wrong, when: \"outcome = 'fail'\"}\n  - {use: am-1.4m"
    edit("  - {use: am-1.4m", other)
    done, _ = run()
    books = {a.name: a.kept for a in done.status().stages[-1].accounts}
    assert books["messages"] + books["wrong"] == PLANNED
    assert sorted(done.status().datasets) == ["am-1.4m", "messages", "wrong"]


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", ".hidden", "messages"])
def test_an_export_can_name_only_a_folder_of_its_own(
    project: Path, edit: Callable[[str, str], None], name: str
) -> None:
    edit("{use: am-1.4m", f"{{use: am-1.4m, name: {name}")
    with pytest.raises(potstill.RecipeError, match=r"recipe\.yaml:\d+"):
        run()


def test_limit_takes_the_first_rows_of_each_source(project: Path) -> None:
    done, events = run(limit=5)
    assert done.status().stages[0].accounts[0].entered == 5
    assert asked(events) <= 10


def test_out_holds_its_own_journal(project: Path) -> None:
    done, _ = run(out=project / "elsewhere")
    assert (done.directory / "journal" / "calls.sqlite3").is_file()
    assert not (project / "runs").exists()


def test_a_directory_with_other_things_is_not_touched(project: Path) -> None:
    (project / "mine").mkdir()
    (project / "mine" / "thesis.tex").write_text("x")
    with pytest.raises(potstill.InputError, match=r"no run directory.*thesis\.tex"):
        run(out=project / "mine")
    assert [p.name for p in (project / "mine").iterdir()] == ["thesis.tex"]


def test_the_second_of_two_runs_says_so_and_stops(first: potstill.Run) -> None:
    with (
        FileLock(first.directory / ".lock"),
        pytest.raises(potstill.RunError, match="another process is running in runs/words"),
    ):
        run()


def test_a_pause_waits_for_what_is_in_flight_and_continues(project: Path) -> None:
    pause = Pause()

    def stop_at_progress(event: Event) -> None:
        if event["event"] == "prompt":
            pause.requested = True

    with pytest.raises(potstill.Paused):
        potstill.run("recipe.yaml", listener=stop_at_progress, pause=pause)
    assert potstill.status(Path("runs/words")).state == "incomplete"
    done, events = run()
    assert done.status().state == "complete"
    assert PLANNED - 4 <= asked(events) < PLANNED  # at most max_in_flight were under way


def test_calls_that_failed_for_now_are_asked_by_the_next_run(
    project: Path, edit: Callable[[str, str], None]
) -> None:
    edit("max_in_flight: 4,", "max_in_flight: 4, endings: {server_error: {retries: 0}},")
    edit("samples: 2", "samples: 2\n  salvage: 0")
    with _serving("--fault", "server_error", "0.3") as flaky:
        good = (project / "recipe.yaml").read_text().split('base_url: "')[1].split('"')[0]
        edit(good, flaky)
        done, _ = run()
        calls = done.status().stages[3].accounts[1]
        assert calls.dropped["server_error"] > 0
        assert calls.entered == PLANNED == calls.kept + calls.dropped["server_error"]
        edit(flaky, good)
        done, events = run()
    assert "calls are still without an answer" in ran(events)["distil"]
    assert asked(events) == calls.dropped["server_error"]
    assert done.status().stages[3].accounts[1].kept == PLANNED


class _serving:  # noqa: N801
    def __init__(self, *options: str) -> None:
        self._options = options

    def __enter__(self) -> str:
        command = [sys.executable, "-m", "potstill", "serve-scripted", "--port", "0"]
        self._server = subprocess.Popen(
            [*command, *self._options], stdout=subprocess.PIPE, text=True
        )
        assert self._server.stdout is not None
        return self._server.stdout.readline().split()[-1]

    def __exit__(self, *_: object) -> None:
        assert self._server.stdout is not None
        self._server.terminate()
        self._server.stdout.close()
        self._server.wait()


def test_a_host_that_does_not_answer_stops_at_once(
    project: Path, edit: Callable[[str, str], None]
) -> None:
    good = (project / "recipe.yaml").read_text().split('base_url: "')[1].split('"')[0]
    edit(good, "http://127.0.0.1:9/v1")
    with pytest.raises(potstill.EndpointError, match=r"127\.0\.0\.1:9/v1 does not answer"):
        run()


def test_ctrl_c_pauses_and_the_same_command_continues(project: Path) -> None:
    with _serving("--latency", "0.5") as slow:
        text = (project / "recipe.yaml").read_text()
        good = text.split('base_url: "')[1].split('"')[0]
        (project / "recipe.yaml").write_text(text.replace(good, slow))
        command = [sys.executable, "-m", "potstill", "run", "recipe.yaml"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr is not None
            for line in running.stderr:
                if "first prompt" in line:
                    break
            running.send_signal(signal.SIGINT)
            rest = running.stderr.read()
        assert running.returncode == 3
        assert "pausing" in rest
        assert "Traceback" not in rest
        done, events = run()
        assert done.status().state == "complete"
        assert 0 < asked(events) < PLANNED


async def test_a_run_inside_a_running_event_loop(project: Path) -> None:
    done, events = run()  # as a notebook's cell would
    assert done.status().state == "complete"
    assert asked(events) == PLANNED


def test_what_is_public() -> None:
    assert set(potstill.__all__) == {
        "BooksError",
        "Costs",
        "Diff",
        "Dropped",
        "EndpointError",
        "Forecast",
        "InputError",
        "Message",
        "Paused",
        "Plan",
        "PotstillError",
        "Preview",
        "Probe",
        "Problem",
        "Recipe",
        "RecipeError",
        "Rejection",
        "Response",
        "Rows",
        "Run",
        "RunError",
        "Sample",
        "SourceError",
        "Status",
        "StorageError",
        "Story",
        "Verdict",
        "__version__",
        "add_benchmark",
        "apply",
        "benchmarks",
        "costs",
        "diff",
        "fetch_benchmarks",
        "load_recipe",
        "open_run",
        "plan",
        "preview",
        "probe",
        "reject",
        "rows",
        "run",
        "status",
        "verify",
        "why",
    }
    for name in potstill.__all__:
        assert getattr(potstill, name) is not None
