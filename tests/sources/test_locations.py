"""What a source is called where its recipe gives no name."""

import pytest

from potstill.sources.locations import name_of


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("data/am_0.5M.jsonl", "am_0.5M"),
        ("data/am_0.5M.jsonl.zst", "am_0.5M"),
        ("data/x.TSV.GZ", "x"),
        ("data/x.zst", "x"),
        ("data/am/*.jsonl.zst", "am"),
        ("s3://bucket/folder/x.jsonl.gz", "x"),
        ("s3://bucket/folder/", "folder"),
        ("hf://datasets/owner/name@main/data/x.jsonl.zst", "name"),
    ],
)
def test_a_file_is_called_without_its_endings(path, name):
    assert name_of(path) == name


def test_a_folder_keeps_its_whole_name(tmp_path):
    (tmp_path / "v1.5").mkdir()
    assert name_of(str(tmp_path / "v1.5")) == name_of(f"{tmp_path}/v1.5/") == "v1.5"
