import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from potstill.errors import SourceError
from potstill.protocols import Place
from potstill.records import Dropped, Problem
from potstill.sources import arrow
from potstill.sources.parquet import parquet


def write(path, columns, **options):
    pq.write_table(pa.table(columns), path, **options)
    return path


def read(path, map=None, set=None):
    return list(parquet(Place("s", str(path), map or {}, set or {})))


def texts(*values: bytes) -> pa.Array:
    """Text that nobody checked to be UTF-8."""
    return pa.array(values, pa.binary()).view(pa.string())


def test_rows_are_numbered_through_the_file(tmp_path):
    path = write(tmp_path / "x.parquet", {"problem": [f"p{i}" for i in range(300)]})
    rows = read(path)
    assert [row.row_id for row in rows] == [f"s:x.parquet:{i}" for i in range(1, 301)]
    assert [row.text for row in rows] == [f"p{i}" for i in range(300)]


def test_messages_and_nested_columns(tmp_path):
    turns = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    path = write(tmp_path / "x.parquet", {"messages": [turns], "info": [{"gold": 7}]})
    [problem] = read(path, {"reference_answer": "info.gold"})
    assert [turn.model_dump() for turn in problem.messages] == turns
    assert (problem.reference_answer, problem.extra) == ("7", {"info": {"gold": 7}})


def test_every_type_becomes_json(tmp_path):
    when = dt.datetime(2026, 1, 2, 3, 4, 5, 678)
    columns = {
        "ns": pa.array([1_700_000_000_123_456_789], pa.timestamp("ns")),
        "utc": pa.array([when], pa.timestamp("us", tz="UTC")),
        "date": pa.array([when.date()]),
        "time": pa.array([when.time()]),
        "decimal": pa.array([Decimal("1.10")]),
        "bytes": pa.array([b"\xff\x00"]),
        "nan": pa.array([float("nan")]),
        "infinite": pa.array([-float("inf")]),
        "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
        "category": pa.array(["math"]).dictionary_encode(),
        "list": pa.array([[Decimal("2.50"), None]]),
        "struct": pa.array([{"at": when, "list": [b"a"]}]),
        "large": pa.array(["text"], pa.large_string()),
        "fixed": pa.array([[1, 2]], pa.list_(pa.int8(), 2)),
        "unsigned": pa.array([2**64 - 1], pa.uint64()),
        "null": pa.nulls(1),
    }
    path = write(tmp_path / "x.parquet", {"problem": ["p"]} | columns)
    [problem] = read(path, {"reference_answer": "decimal"})
    assert (problem.reference_answer, problem.category) == ("1.10", "math")
    assert problem.extra == {
        "ns": "2023-11-14 22:13:20.123456789",
        "utc": "2026-01-02 03:04:05.000678Z",
        "date": "2026-01-02",
        "time": "03:04:05.000678",
        "bytes": "/wA=",
        "nan": "nan",
        "infinite": "-inf",
        "map": [["k", 1]],
        "list": ["2.50", None],
        "struct": {"at": "2026-01-02 03:04:05.000678", "list": ["YQ=="]},
        "large": "text",
        "fixed": [1, 2],
        "unsigned": 2**64 - 1,
        "null": None,
    }
    assert Problem.model_validate(problem.model_dump()) == problem


def test_bad_rows_are_booked_and_the_others_read(tmp_path):
    columns = {"problem": texts(b"a", b"caf\xe9", b" ", b"d"), "x": [1, 2, 3, 4]}
    one, two, three, four = read(write(tmp_path / "x.parquet", columns))
    assert (one.text, four.text) == ("a", "d")
    assert (two.reason, three.reason) == ("invalid_utf8", "empty_prompt")
    assert json.loads(two.row) == {"problem": "caf\\xe9", "x": 2}
    assert (two.row_id, two.rule) == ("s:x.parquet:2", "parquet")


def test_text_that_is_not_utf8_deep_within(tmp_path):
    items = pa.ListArray.from_arrays([0, 1], texts(b"\xff"))
    columns = {"problem": ["p"], "x": pa.StructArray.from_arrays([items], ["y"])}
    [dropped] = read(write(tmp_path / "x.parquet", columns))
    assert json.loads(dropped.row) == {"problem": "p", "x": {"y": ["\\xff"]}}


def test_a_row_above_the_limit_is_described(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow, "LIMIT", 2000)
    columns = {"problem": ["a", "b" * 3000, "c"]}
    one, two, three = read(write(tmp_path / "x.parquet", columns))
    assert (one.text, three.text) == ("a", "c")
    assert two.reason == "too_large"
    measures = {"length": 3004, "column": "problem", "limit": 2000}
    assert two.evidence == {"file": "x.parquet", "line": 2} | measures
    assert two.row == ('{"problem":"' + "b" * 3000)[:1024]


@pytest.mark.parametrize("part", [slice(0, 0.5), slice(0.5, 1), slice(0, 0.99)])
def test_a_file_cut_short_is_one_clear_sentence(tmp_path, part):
    path = write(tmp_path / "x.parquet", {"problem": [f"p{i}" for i in range(5000)]})
    data = path.read_bytes()
    path.write_bytes(data[int(part.start * len(data)) : int(part.stop * len(data))])
    with pytest.raises(SourceError, match=r"x\.parquet is no Parquet file, or a damaged one: \w"):
        read(path)


def test_damage_in_the_middle(tmp_path):
    options = {"compression": "none", "use_dictionary": False, "row_group_size": 1000}
    columns = {"problem": [f"p{i}" for i in range(5000)]}
    path = write(tmp_path / "x.parquet", columns, **options)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = b"\xff" * 2000
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"x\.parquet is no Parquet file, or a damaged one"):
        read(path)


def test_columns_of_one_name_and_no_rows(tmp_path):
    pq.write_table(pa.table([["p"], ["q"]], names=["problem", "problem"]), tmp_path / "x.parquet")
    with pytest.raises(SourceError, match="two columns of one name"):
        read(tmp_path / "x.parquet")
    write(tmp_path / "x.parquet", {"problem": pa.array([], pa.string())})
    with pytest.raises(SourceError, match="holds no rows"):
        read(tmp_path / "x.parquet")


def test_many_rows_of_one_long_text_are_not_held_at_once(tmp_path):
    text = "long " * 100_000
    columns = {"problem": pa.array([text] * 1000).dictionary_encode()}
    path = write(tmp_path / "x.parquet", columns)
    assert path.stat().st_size < 1_000_000
    before = pa.total_allocated_bytes()
    for row in parquet(Place("s", str(path), {}, {"language": "en"})):
        assert isinstance(row, Problem)
        assert pa.total_allocated_bytes() - before < 300_000_000


def test_dropped_rows_can_be_stored(tmp_path):
    [row] = read(write(tmp_path / "x.parquet", {"question": ["p"]}))
    assert isinstance(row, Dropped)
    assert row.reason == "missing_field"
    assert Dropped.model_validate(row.model_dump()) == row


def test_damage_to_a_columns_metadata_does_not_end_the_process(tmp_path):
    path = write(tmp_path / "x.parquet", {"problem": ["p", "q", "r" * (17 << 20)]})
    data = path.read_bytes()
    # A histogram of definition levels with one count where there should be two: found by fuzzing.
    histogram = b"\x19\x26\x00\x06"
    assert data.count(histogram) == 1
    path.write_bytes(data.replace(histogram, b"\x19\x16\x80\x00"))
    with pytest.raises(SourceError, match="no Parquet file, or a damaged one: Definition level"):
        read(path)


@pytest.mark.parametrize("last", [b"p", b"\xff"])
def test_nulls_without_a_type_are_all_there(tmp_path, last):
    # Cast to its own type, such a list was cut short, or its slices ended the process.
    values = [[None], [], [None, None], [None]]
    columns = {"problem": texts(b"p", b"p", b"p", last), "x": values, "y": [{"z": values}] * 4}
    rows = read(write(tmp_path / "x.parquet", columns))
    found = [row.extra if isinstance(row, Problem) else json.loads(row.row) for row in rows]
    assert [(row["x"], row["y"]) for row in found] == [(x, {"z": values}) for x in values]


def test_a_column_may_change_its_type_from_file_to_file(tmp_path):
    columns = [["p"], [1], [["p"]], [None], [b"\xff"]]
    for i, column in enumerate(columns):
        pq.write_table(pa.table({"problem": column, "x": column}), tmp_path / f"{i}.parquet")
    rows = read(tmp_path)
    assert [row.reason if isinstance(row, Dropped) else row.extra["x"] for row in rows] == [
        "p",
        *["wrong_type"] * 3,
        "/w==",
    ]
