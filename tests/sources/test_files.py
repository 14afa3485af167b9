import errno
import os
from pathlib import Path

import pytest

from potstill.errors import SourceError
from potstill.sources.local import files

ENDINGS = (".jsonl", ".jsonl.zst")


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}\n")


def test_a_file_is_read_whatever_it_is_called(tmp_path):
    make(tmp_path, "data.txt")
    [file] = files(tmp_path / "data.txt", ENDINGS)
    assert (file.name, file.shown) == ("data.txt", str(tmp_path / "data.txt"))


def test_a_folder_is_read_in_the_order_of_names(tmp_path):
    make(tmp_path, "b.jsonl", "a/z.jsonl", "a.jsonl", "a/b/c.jsonl.zst", "readme.md")
    make(tmp_path, ".hidden.jsonl", ".git/x.jsonl")
    found = [file.name for file in files(tmp_path, ENDINGS)]
    assert found == ["a.jsonl", "a/b/c.jsonl.zst", "a/z.jsonl", "b.jsonl"]


def test_a_link_in_a_circle_is_not_followed(tmp_path):
    make(tmp_path, "a.jsonl")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert [file.name for file in files(tmp_path, ENDINGS)] == ["a.jsonl"]


def test_a_name_that_is_not_utf8_is_shown_with_escapes(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"\xff.jsonl")
    with open(path, "wb") as file:
        file.write(b"{}\n")
    [file] = files(tmp_path, ENDINGS)
    assert file.name == "\\xff.jsonl"


def test_what_is_missing_or_empty_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"nowhere does not exist: .*\.jsonl or \.jsonl\.zst"):
        list(files(tmp_path / "nowhere", ENDINGS))
    with pytest.raises(SourceError, match=r"holds no file that ends in \.jsonl"):
        list(files(tmp_path, ENDINGS))
    (tmp_path / "a.jsonl").touch()
    with pytest.raises(SourceError, match=r"a\.jsonl is empty"):
        list(files(tmp_path, ENDINGS))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        list(files(tmp_path / "pipe", ENDINGS))


def test_what_cant_be_read_is_named(tmp_path, monkeypatch):
    with pytest.raises(SourceError, match="x can't be read: File name too long"):
        list(files(tmp_path / ("x" * 300), ENDINGS))
    make(tmp_path, "a.jsonl", "locked/b.jsonl")
    scandir = os.scandir

    def locked(path):
        if Path(path).name == "locked":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    with pytest.raises(SourceError, match="locked can't be read: Permission denied"):
        list(files(tmp_path, ENDINGS))


def test_a_file_that_goes_away_while_others_are_read(tmp_path):
    make(tmp_path, "a.jsonl", "b.jsonl")
    found = files(tmp_path, ENDINGS)
    assert next(found).name == "a.jsonl"
    (tmp_path / "b.jsonl").unlink()
    with pytest.raises(SourceError, match="b.jsonl is no file"):
        next(found)


def test_of_a_pattern_every_file_that_matches_is_read_under_its_name_below_the_folder(tmp_path):
    make(tmp_path, "data/b.jsonl", "data/a.txt", "data/c/d.jsonl", "data/.e.jsonl", "other.jsonl")
    read = {pattern: names(tmp_path, pattern) for pattern in ("data/*", "data/**/*.jsonl", "**")}
    assert read == {
        "data/*": ["a.txt", "b.jsonl"],
        "data/**/*.jsonl": ["b.jsonl", "c/d.jsonl"],
        "**": ["data/a.txt", "data/b.jsonl", "data/c/d.jsonl", "other.jsonl"],
    }
    with pytest.raises(SourceError, match=r"no file matches .*/data/\*\.csv"):
        names(tmp_path, "data/*.csv")
    with pytest.raises(SourceError, match="no file matches"):
        names(tmp_path, "gone/*.csv")


def names(folder: Path, pattern: str) -> list[str]:
    return [file.name for file in files(folder / pattern, ENDINGS)]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path):
    make(tmp_path, "[a].jsonl", "a.jsonl")
    assert names(tmp_path, "[a].jsonl") == ["[a].jsonl"]
    (tmp_path / "[a].jsonl").unlink()
    assert names(tmp_path, "[a].jsonl") == ["a.jsonl"]
