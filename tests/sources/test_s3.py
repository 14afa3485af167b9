"""Objects of an S3 server on this machine, whole and with faults on the way."""

import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from potstill.errors import SourceError
from potstill.protocols import Place
from potstill.sources import s3 as module
from potstill.sources.jsonl import jsonl
from potstill.sources.parquet import parquet
from potstill.sources.s3 import files, stamps

DATA = b"".join(b'{"problem": "What is %d + 1?"}\n' % i for i in range(2000))
ENDINGS = (".jsonl",)


@pytest.fixture
def server(buckets):
    tree = ["a/1.jsonl", "a/2.jsonl", "a/b/3.jsonl", "a/b/4.jsonl", "a/b/5.txt", "a/.6.jsonl"]
    buckets.buckets["data"] |= dict.fromkeys(tree, DATA)
    buckets.buckets["locked"] = {"x.jsonl": DATA}
    buckets.denied.add("locked")
    return buckets


def names(address: str) -> list[str]:
    return [file.name for file in files(address, ENDINGS)]


def test_objects_are_named_by_their_keys_below_the_prefix(server):
    assert names("s3://data/a") == ["1.jsonl", "2.jsonl", "b/3.jsonl", "b/4.jsonl"]
    assert names("s3://data/a/b/") == ["3.jsonl", "4.jsonl"]
    assert names("s3://data/a/*.jsonl") == ["1.jsonl", "2.jsonl"]
    assert names("s3://data/**/[34].*") == ["a/b/3.jsonl", "a/b/4.jsonl"]
    assert names("s3://data/a/b/5.txt") == ["5.txt"]
    assert [file.shown for file in files("s3://data/a/b", ENDINGS)][0] == "s3://data/a/b/3.jsonl"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://gone/x", "there is no such bucket"),
        ("s3://gone/*.jsonl", "there is no such bucket"),
        ("s3://data/gone", "there is no such object or prefix"),
        ("s3://data/a/*.csv", r"no object matches s3://data/a/\*.csv"),
        ("s3://data/c", r"s3://data/c holds no object that ends in \.jsonl"),
        ("s3://data/empty", "s3://data/empty/x.jsonl is empty"),
        ("s3://locked/x.jsonl", "access is denied to these credentials"),
        ("s3://locked/*", "access is denied to these credentials"),
    ],
)
def test_what_is_not_there_is_one_sentence(server, address, said):
    server.buckets["data"] |= {"c/x.txt": b"1", "empty/x.jsonl": b""}
    with pytest.raises(SourceError, match=said) as error:
        names(address)
    assert "\n" not in str(error.value)


def test_no_network_is_one_sentence(monkeypatch):
    monkeypatch.setattr(module, "_ATTEMPTS", 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(SourceError, match="the server does not answer"):
        names("s3://data/a")


@pytest.mark.parametrize("fault", ["reset", "truncated", "503"])
def test_a_transfer_that_breaks_off_is_finished(server, fault):
    file = next(files("s3://data/a/1.jsonl", ENDINGS))
    with file.open() as opened:  # its size is known now: the fault is in the middle of its bytes
        server.faults = [("1.jsonl", fault)]
        assert opened.read() == DATA
    assert server.faults == []


def test_what_stays_broken_is_one_sentence(server, monkeypatch):
    monkeypatch.setattr(module, "_ATTEMPTS", 1)
    rows = iter(jsonl(Place("s", "s3://data/a/1.jsonl", {}, {"language": "en"})))
    server.faults = [("GET 1.jsonl", "503")]
    server.faults = [("a/1.jsonl", "403")] * 99
    with pytest.raises(SourceError, match="s3://data/a/1.jsonl can't be read: access is denied"):
        next(rows)


def test_a_stamp_changes_with_the_object(server):
    before = stamps("s3://data/a")
    assert len(before) == 5
    server.buckets["data"]["a/1.jsonl"] = DATA.replace(b"+", b"-")
    changed = [old != new for old, new in zip(before, stamps("s3://data/a"), strict=True)]
    assert changed == [True, False, False, False, False]


def table(rows: int) -> bytes:
    sink = pa.BufferOutputStream()
    texts = [f"What is {i} + 1?" for i in range(rows)]
    pq.write_table(pa.table({"problem": texts}), sink, row_group_size=100, compression="none")
    return sink.getvalue().to_pybytes()


def test_of_a_table_only_ranges_are_asked_for(server):
    server.buckets["data"] = {"x.parquet": table(1000)}
    rows = list(parquet(Place("s", "s3://data/x.parquet", {}, {"language": "en"})))
    assert [row.row_id for row in rows[:2]] == ["s:x.parquet:1", "s:x.parquet:2"]
    assert len(rows) == 1000
    assert server.ranges


def test_half_a_table_is_one_sentence(server):
    server.buckets["data"] = {"x.parquet": table(1000)[:9000]}
    with pytest.raises(SourceError, match=r"s3://data/x\.parquet is no Parquet file, or a damaged"):
        list(parquet(Place("s", "s3://data/x.parquet", {}, {})))


def test_requests_are_signed_where_there_are_credentials(server, monkeypatch, tmp_path):
    for name in (*module._CREDENTIALS, *module._FILES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    names("s3://data/a")
    assert server.authorizations == {""}
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "who")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    names("s3://data/a")
    assert any("Credential=who/" in each for each in server.authorizations)


def test_a_process_that_read_from_s3_ends_without_a_word(server):
    code = (
        "from potstill.protocols import Place\n"
        "from potstill.sources.jsonl import jsonl\n"
        "rows = iter(jsonl(Place('s', 's3://data/a', {}, {'language': 'en'})))\n"
        "print(next(rows).row_id)\n"  # and the file stays open
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"AWS_ENDPOINT_URL": server.url},
        timeout=60,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("s:1.jsonl:1\n", "", 0)
