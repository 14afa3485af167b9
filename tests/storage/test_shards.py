"""The log of finished shards: what was cut or is of something else does not count."""

from pathlib import Path

import pytest

from potstill.books import Account
from potstill.storage.parts import Part
from potstill.storage.shards import LOG, ShardDone, ShardLog, begin, is_begun, read_done


def done(number: int, folder: Path) -> ShardDone:
    part = Part(name=f"part-{number:05}.parquet", rows=2, sha256="0" * 64)
    (folder / part.name).write_bytes(b"rows")
    account = Account(name="rows", entered=2, kept=2)
    return ShardDone(number=number, parts=(part,), dropped=(), accounts=(account,), totals={"a": 1})


@pytest.fixture
def log(tmp_path: Path) -> list[ShardDone]:
    shards = [done(number, tmp_path) for number in range(3)]
    with ShardLog(tmp_path, "work", []) as log:
        for shard in shards:
            log.add(shard)
    return shards


def test_finished_shards_are_read_again(tmp_path: Path, log: list[ShardDone]) -> None:
    assert read_done(tmp_path, "work") == log
    assert is_begun(tmp_path, "work")


def test_shards_of_other_work_do_not_count(tmp_path: Path, log: list[ShardDone]) -> None:
    assert read_done(tmp_path, "other") == []
    assert not is_begun(tmp_path, "other")


def test_a_log_that_was_cut_anywhere_gives_whole_shards_only(
    tmp_path: Path, log: list[ShardDone]
) -> None:
    data = (tmp_path / LOG).read_bytes()
    for length in range(len(data)):
        (tmp_path / LOG).write_bytes(data[:length])
        found = read_done(tmp_path, "work")
        assert found == log[: len(found)]
        assert len(found) == max(0, data[:length].count(b"\n") - 1)


def test_a_shard_without_its_file_ends_the_list(tmp_path: Path, log: list[ShardDone]) -> None:
    (tmp_path / log[1].parts[0].name).unlink()
    assert read_done(tmp_path, "work") == log[:1]


def test_a_new_session_goes_on_with_the_log(tmp_path: Path, log: list[ShardDone]) -> None:
    (tmp_path / LOG).write_bytes((tmp_path / LOG).read_bytes()[:-5])
    known = read_done(tmp_path, "work")
    with ShardLog(tmp_path, "work", known) as again:
        again.add(log[2])
    assert read_done(tmp_path, "work") == log


def test_beginning_twice_keeps_what_is_done(tmp_path: Path, log: list[ShardDone]) -> None:
    begin(tmp_path, "work")
    assert read_done(tmp_path, "work") == log
    begin(tmp_path, "other")
    assert read_done(tmp_path, "other") == []


def test_no_log_is_no_shard(tmp_path: Path) -> None:
    assert read_done(tmp_path, "work") == []
    (tmp_path / LOG).write_bytes(b"\xff\n{}\n")
    assert read_done(tmp_path, "work") == []
