import gzip

import pytest
import zstandard

from potstill.errors import SourceError
from potstill.protocols import Place
from potstill.records import Dropped
from potstill.sources.csv import csv


def read(path, **options):
    place = Place("s", str(path), {"problem": "q"}, {"language": "en"})
    return list(csv(place, **options))


def write(path, *lines: str | bytes):
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode() for x in lines))
    return path


def test_a_header_names_the_columns_and_a_row_is_known_by_its_line(tmp_path):
    path = write(tmp_path / "x.csv", "\ufeffq,answer", '"What,\nis ""1""?",2', "Why?,")
    first, second = read(path)
    assert (first.text, first.row_id) == ('What,\nis "1"?', "s:x.csv:2")
    assert first.extra == {"answer": "2"}
    assert (second.text, second.row_id, second.extra) == ("Why?", "s:x.csv:4", {"answer": ""})


def test_columns_can_be_named_where_there_is_no_header(tmp_path):
    path = write(tmp_path / "x.csv", "What?,1,2", "Why?,3,4")
    rows = read(path, columns=("q", "A", "B"))
    assert [(row.text, row.line, row.extra) for row in rows] == [
        ("What?", 1, {"A": "1", "B": "2"}),
        ("Why?", 2, {"A": "3", "B": "4"}),
    ]


def test_tabs_and_packed_files(tmp_path):
    data = b"q\ta\nWhat?\t1,2\n"
    (tmp_path / "a.tsv").write_bytes(data)
    (tmp_path / "b.tsv.gz").write_bytes(gzip.compress(data) + gzip.compress(b"Why?\t3\n"))
    (tmp_path / "c.tsv.zst").write_bytes(zstandard.compress(data))
    assert [(row.file, row.extra["a"]) for row in read(tmp_path)] == [
        ("a.tsv", "1,2"),
        ("b.tsv.gz", "1,2"),
        ("b.tsv.gz", "3"),
        ("c.tsv.zst", "1,2"),
    ]


def test_each_bad_row_costs_one_row(tmp_path):
    path = write(
        tmp_path / "x.csv",
        "q,a",
        "good,1",
        "too,many,fields",
        "few",
        "",
        'a,"b"c',
        "nul\0,1",
        "计算,1".encode("gbk"),
        "caf\xe9,1".encode("latin-1"),
        f"{'x' * (17 << 20)},1",
        "good,2",
        '"open,3',
        "lost,4",
    )
    rows = read(path)
    reasons = [row.reason if isinstance(row, Dropped) else "ok" for row in rows]
    assert reasons == [
        "ok",
        *("wrong_number_of_fields", "wrong_number_of_fields", "blank_row", "not_csv"),
        *("nul_character", "invalid_utf8", "invalid_utf8", "too_large"),
        "ok",
        "not_csv",
    ]
    assert rows[1].evidence["found"] == 3
    assert rows[1].row == "too,many,fields"
    assert rows[-1].row == '"open,3\nlost,4'


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("计算,a".encode("gbk"), "a header that can't be read: invalid_utf8"),
        ("a,a", "two columns of one name: 'a'"),
        ('"a', "a header that can't be read: not_csv"),
        ("x" * (17 << 20), "no header that can be read"),
        ("q,a", "holds no rows"),
    ],
)
def test_a_header_that_cant_be_used_is_told(tmp_path, header, said):
    with pytest.raises(SourceError, match=said):
        read(write(tmp_path / "x.csv", header))
