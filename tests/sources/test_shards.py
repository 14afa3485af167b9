"""The shards of a source, one after another, are its rows; whatever stands in its files."""

import gzip
import pickle
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from corpus import CORPUS
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.errors import InputError
from potstill.protocols import Place
from potstill.records import Dropped, Problem
from potstill.registry import load

LINES = st.lists(
    st.sampled_from(
        [b'{"problem": "p"}', b"", b"{", b'{"x": 1}', b'{"problem": "\xff"}', b"p,q", b'"p', b"[]"]
    ),
    max_size=30,
)


def read(rows) -> tuple[list[Problem | Dropped], str]:
    """Return the rows before an error, and what it says."""
    found: list[Problem | Dropped] = []
    try:
        for row in rows:
            found.append(row)
    except InputError as error:
        return found, str(error)
    return found, ""


def check(reader: str, path: Path, size: int) -> None:
    source, place = load("sources", reader), Place("s", str(path), {}, {"language": "en"})
    assert read(through(source(place), size)) == read(source(place))


def through(rows, size: int):
    for shard in rows.shards(size):
        again = pickle.loads(pickle.dumps(shard))
        assert 0 < again.rows <= size
        yield from (found := list(again))
        assert len(found) == again.rows


@pytest.mark.parametrize("reader", ["jsonl", "json", "csv"])
@settings(deadline=None)
@given(lines=LINES, size=st.integers(1, 9), packed=st.sampled_from(["", ".gz", ".zst", "cut"]))
def test_text(reader, lines, size, packed):
    data = (b"[" if reader == "json" else b"") + b"\n".join(lines)
    name = f"x.{reader}"
    if packed:
        pack = zstandard.compress if packed == ".zst" else gzip.compress
        data, name = pack(data), name + (".zst" if packed == ".zst" else ".gz")
    if packed == "cut":
        data = data[:-9]
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        check(reader, path, size)


@settings(deadline=None)
@given(st.integers(0, 100), st.integers(1, 40), st.integers(1, 40), st.floats(0.3, 1))
def test_tables(rows, size, group, whole):
    table = pa.table({"problem": [str(i) if i % 7 else None for i in range(rows)]})
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.parquet")
        pq.write_table(table, path, row_group_size=group)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * whole)])
        check("parquet", path, size)


def test_the_corpus(tmp_path):
    for entry in CORPUS:
        is_text = entry.reader in ("jsonl", "json", "csv") and isinstance(entry.content, bytes)
        if is_text and len(entry.content) < 1 << 16:
            check(entry.reader, entry.write(tmp_path), 3)


def test_damage_in_the_middle_comes_behind_the_rows_before_it(tmp_path):
    path = tmp_path / "x.parquet"
    table = pa.table({"problem": [f"{i:_>200}" for i in range(4000)]})
    options = {"compression": "zstd", "use_dictionary": False, "data_page_size": 4096}
    pq.write_table(table, path, row_group_size=1000, **options)
    offset = pq.ParquetFile(path).metadata.row_group(2).column(0).data_page_offset
    data = bytearray(path.read_bytes())
    data[offset : offset + 40] = b"\xff" * 40
    path.write_bytes(data)
    rows, said = read(chain.from_iterable(load("sources", "parquet")(place(path)).shards(300)))
    assert len(rows) == 2000
    assert "a damaged one" in said
    check("parquet", path, 300)


def place(path: Path) -> Place:
    return Place("s", str(path), {}, {"language": "en"})


def test_shards_are_small_whatever_the_rows(tmp_path):
    path = tmp_path / "x.jsonl"
    line = b'{"problem": "%s"}\n' % (b"x" * (3 << 20))
    path.write_bytes(line * 20)
    sizes = [shard.rows for shard in load("sources", "jsonl")(place(path)).shards(1000)]
    assert sizes == [6, 6, 6, 2]
    pq.write_table(pa.table({"problem": ["x" * (3 << 20)] * 20}), tmp_path / "x.parquet")
    shards = load("sources", "parquet")(place(tmp_path / "x.parquet")).shards(1000)
    assert max(shard.rows for shard in shards) <= 16
