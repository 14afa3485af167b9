import os
import subprocess
import sys
from pathlib import Path

import pytest

from potstill.errors import StorageError
from potstill.storage.files import (
    discard,
    partial,
    partials,
    publish,
    sweep,
    sweep_folder,
    write_text,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "part-00000.parquet"


def written_elsewhere(path: Path) -> Path:
    """What a process that was killed left half-written of a file."""
    code = f"""
import os, pathlib
from potstill.storage.files import partial
partial(pathlib.Path({os.fspath(path)!r})).write_text("hal")
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    [left] = partials(path)
    return left


def test_two_processes_never_write_the_same_partial_file(path: Path) -> None:
    left = written_elsewhere(path)
    assert left != partial(path)
    assert left.parent == partial(path).parent == path.parent
    assert not path.exists()


def test_a_finished_file_takes_the_place_of_all_that_was_begun(path: Path) -> None:
    left = written_elsewhere(path)
    write_text(path, "whole")
    assert path.read_text() == "whole"
    assert not left.exists()
    assert os.listdir(path.parent) == [path.name]


def test_a_process_that_counts_as_lost_publishes_nothing(path: Path) -> None:
    partial(path).write_text("late")
    sweep(path)  # another process has finished the file
    with pytest.raises(StorageError, match="was removed"):
        publish(path)
    assert not path.exists()


def test_discarding_leaves_what_another_process_writes(path: Path) -> None:
    left = written_elsewhere(path)
    partial(path).write_text("mine")
    discard(path)
    assert partials(path) == [left]


def test_files_whose_names_begin_alike_are_told_apart(tmp_path: Path) -> None:
    names = ["out.jsonl", "out.jsonl.zst", "out", "jsonl"]
    for name in names:
        partial(tmp_path / name).write_text(name)
    for name in names:
        assert partials(tmp_path / name) == [partial(tmp_path / name)]
    write_text(tmp_path / "out.jsonl", "whole")
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".partial")] != []
    assert partials(tmp_path / "out.jsonl.zst") == [partial(tmp_path / "out.jsonl.zst")]
    assert partials(tmp_path / "out") == [partial(tmp_path / "out")]


def test_a_folder_is_swept_of_what_was_begun_and_of_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    kept = tmp_path / "below" / "part-00000.parquet"
    for path in (tmp_path / "a", kept):
        partial(path).touch()
    written_elsewhere(tmp_path / "b")
    kept.touch()
    sweep_folder(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]
