"""The table of benchmarks, and the folder of those that are at hand."""

import re
from pathlib import Path

import pytest

from potstill.decontaminate.at_hand import AtHand, at_hand, check_name, find, folder, missing
from potstill.decontaminate.benchmarks import BENCHMARKS, MAIN, NAMES, Benchmark
from potstill.errors import InputError
from potstill.sources.hub import parse


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda each: each.name)
def test_every_entry_can_be_fetched_and_says_where_it_is_from(benchmark: Benchmark):
    check_name(benchmark.name)
    at = parse(benchmark.address)
    assert (at.repo, at.path) == (benchmark.hub, benchmark.files)
    assert benchmark.revision == MAIN or re.fullmatch(r"[0-9a-f]{40}", benchmark.revision)
    assert benchmark.files.rpartition(".")[2] in ("jsonl", "parquet", "csv")
    assert re.fullmatch(r"[a-z]{2}", benchmark.language)
    assert benchmark.source


def test_names_and_pinned_commits_are_different():
    assert len(NAMES) == len(BENCHMARKS)
    commits = [each.revision for each in BENCHMARKS if each.revision != MAIN]
    assert len(set(commits)) == len(commits)


def test_what_the_published_sets_are_evaluated_on_is_there():
    assert {"aime24", "aime25", "math-500", "gpqa-diamond", "livecodebench"} <= NAMES.keys()


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POTSTILL_BENCHMARKS", str(tmp_path))
    return tmp_path


def put(folder: Path, name: str) -> AtHand:
    found = AtHand(name=name, items=1, sha256="0" * 64)
    (folder / f"{name}.json").write_text(found.model_dump_json())
    return found


def test_the_known_ones_come_first_and_in_their_order(own_folder: Path):
    for name in ("zoo", "gsm8k", "aime24", "exam"):
        put(own_folder, name)
    assert list(at_hand()) == ["aime24", "gsm8k", "exam", "zoo"]
    assert {"aime24", "gsm8k"}.isdisjoint(missing())
    assert len(missing()) == len(NAMES) - 2


def test_a_folder_that_is_not_there_holds_none(own_folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("POTSTILL_BENCHMARKS", str(own_folder / "no" / "such"))
    assert at_hand() == {}
    monkeypatch.setenv("POTSTILL_BENCHMARKS", "")
    assert folder() == Path.home() / ".cache" / "potstill" / "benchmarks"


@pytest.mark.usefixtures("own_folder")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("aime24", "the benchmark 'aime24' is not at hand: `potstill benchmarks fetch aime24`"),
        ("gsm-8k", "no benchmark is called 'gsm-8k' (did you mean 'gsm8k'?): aime24, "),
        ("../aime24", "no benchmark is called '../aime24'"),
        ("", "no benchmark is called ''"),
    ],
)
def test_what_is_not_at_hand_is_told_with_what_to_do(name: str, says: str):
    with pytest.raises(InputError) as caught:
        find(name)
    assert str(caught.value).startswith(says)


def test_a_damaged_record_is_told_with_what_to_do(own_folder: Path):
    (own_folder / "gsm8k.json").write_text('{"name": "gsm8k"')
    with pytest.raises(InputError, match="potstill benchmarks fetch gsm8k"):
        at_hand()


@pytest.mark.parametrize("name", ["", ".x", "-x", "a/b", "a b", "x" * 101, "数学"])
def test_names_that_could_be_no_file_are_refused(name: str):
    with pytest.raises(InputError, match="is no name of a benchmark"):
        check_name(name)
