"""Sources at addresses, through a whole run: what is checked, recorded and kept."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import potstill
from potstill.errors import InputError
from potstill.recipe import load_recipe, read_dumped
from potstill.storage.manifest import read_manifest
from servers.hub import Hub
from servers.s3 import Buckets

RECIPE = """
name: far
sources:
  - {{path: "{path}", map: {{reference_answer: answer}}}}
dedup: [{{use: exact}}]
decontaminate: off
"""


def rows(*numbers: int) -> bytes:
    lines = ({"problem": f"What is {i} + {i}?", "answer": str(2 * i)} for i in numbers)
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def write(folder: Path, path: str) -> Path:
    (folder / "recipe.yaml").write_text(RECIPE.format(path=path))
    return folder / "recipe.yaml"


def run(folder: Path, **options) -> list[str]:
    done = potstill.run(folder / "recipe.yaml", out=folder / "run", **options)
    return [row.row_id for row in done.rows()]


def why(folder: Path) -> dict[str, str | None]:
    """Return, of the last session, each stage that ran, with the reason."""
    lines = (folder / "run" / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    last = max(i for i, event in enumerate(events) if event["event"] == "run_started")
    return {e["stage"]: e["why"] for e in events[last:] if e["event"] == "stage_started"}


def test_a_run_keeps_to_the_commit_that_it_began_with(hub: Hub, tmp_path: Path):
    sha = hub.commit("a/b", {"data/x.jsonl": rows(1, 2)})
    write(tmp_path, "hf://datasets/a/b/data/*.jsonl")
    assert run(tmp_path) == ["b:data/x.jsonl:1", "b:data/x.jsonl:2"]
    hub.commit("a/b", {"elsewhere.jsonl": rows(3)})
    recorded = read_dumped(tmp_path / "run" / "recipe.yaml").sources[0]
    assert (recorded.path, recorded.commit) == ("hf://datasets/a/b/data/*.jsonl", sha)
    manifest = read_manifest(tmp_path / "run" / "01-gather")
    assert manifest is not None
    assert manifest.settings["sources"][0]["commit"] == sha
    hub.asked.clear()
    assert run(tmp_path, again="gather") == ["b:data/x.jsonl:1", "b:data/x.jsonl:2"]
    assert why(tmp_path)["gather"] == "done again, from gather on"
    assert not any("revision" in path for path in hub.asked)


def test_a_finished_run_needs_no_hub(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    hub.commit("a/b", {"x.jsonl": rows(1)})
    write(tmp_path, "hf://datasets/a/b/x.jsonl")
    first = run(tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert run(tmp_path) == first == ["b:x.jsonl:1"]
    assert why(tmp_path) == {}


def test_another_commit_is_another_input(hub: Hub, tmp_path: Path):
    sha = hub.commit("a/b", {"x.jsonl": rows(1)})
    later = hub.commit("a/b", {"x.jsonl": rows(2, 3)})
    write(tmp_path, "hf://datasets/a/b/x.jsonl")
    assert len(run(tmp_path, sets=[f"sources.0.commit={sha}"])) == 1
    assert len(run(tmp_path, sets=[f"sources.0.commit={later}"])) == 2
    assert why(tmp_path)["gather"].startswith("its settings changed: ")


def test_objects_are_read_again_where_they_changed(buckets: Buckets, tmp_path: Path):
    buckets.buckets["data"] = {"a/x.jsonl": rows(1, 2)}
    write(tmp_path, "s3://data/a")
    assert run(tmp_path) == ["a:x.jsonl:1", "a:x.jsonl:2"]
    run(tmp_path)
    assert why(tmp_path) == {}
    buckets.buckets["data"]["a/x.jsonl"] = rows(1, 4)
    run(tmp_path)
    assert why(tmp_path)["gather"] == "its input changed"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("hf://datasets/a/gone", "HF_TOKEN says who asks"),
        ("hf://datasets/a/b@v9/x.jsonl", "no branch, tag or commit 'v9'"),
        ("hf://datasets/a/b/gone.jsonl", "no such file or folder"),
        ("s3://gone/x.jsonl", "there is no such bucket"),
        ("s3://data/gone*.jsonl", "no object matches"),
    ],
)
def test_what_is_not_there_is_told_before_anything_is_made(
    hub: Hub, buckets: Buckets, tmp_path: Path, path: str, said: str
):
    hub.commit("a/b", {"x.jsonl": rows(1)})
    write(tmp_path, path)
    with pytest.raises(InputError, match=said):
        run(tmp_path)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("http://example.org/x.jsonl", "is no address that is read: s3://BUCKET/KEY or hf://"),
        ("hf://datasets/gsm8k", "is not of the form hf://datasets/OWNER/NAME"),
        ("s3:///x.jsonl", "names no bucket"),
    ],
)
def test_a_wrong_address_is_a_mistake_with_its_line(tmp_path: Path, path: str, said: str):
    with pytest.raises(InputError, match=f"recipe.yaml:4: sources.0.path: .*{said}"):
        load_recipe(write(tmp_path, path))


def test_how_files_are_read_is_told_by_those_that_are_there(hub: Hub, tmp_path: Path):
    hub.commit("a/v1.5", {"README.md": b"hi", "data/x.csv": b"problem,answer\nWhy?,1\n"})
    source = load_recipe(write(tmp_path, "hf://datasets/a/v1.5")).sources[0]
    assert (source.use, source.name) == ("csv", "v1.5")
    source = load_recipe(write(tmp_path, "s3://any/a/part-*.jsonl.gz")).sources[0]
    assert (source.use, source.name) == ("jsonl", "a")


def test_a_stage_alone_reads_an_address(hub: Hub, tmp_path: Path):
    hub.commit("a/b", {"x.jsonl": rows(1, 1, 2)})
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "potstill",
        "dedup",
        "--use",
        "exact",
        "--quiet",
    ]
    done = subprocess.run(
        [*command, "hf://datasets/a/b/x.jsonl", "out.jsonl"],
        cwd=tmp_path,
        env=os.environ | {"HF_ENDPOINT": hub.url},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line)["answer"] for line in lines] == ["2", "4"]


def test_init_looks_at_the_columns_of_a_dataset(hub: Hub, tmp_path: Path):
    hub.commit("a/b", {"x.jsonl": rows(1, 2)})
    address = "hf://datasets/a/b/x.jsonl"
    done = subprocess.run(
        [sys.executable, "-m", "potstill", "init", "--yes", "--problems", address],
        cwd=tmp_path,
        env=os.environ | {"HF_ENDPOINT": hub.url},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert load_recipe(tmp_path / "recipe.yaml").sources[0].path == address
