"""Files that hold something huge, or far more than their size says: memory stays bounded.

Each is read in a process of its own. The bounds count what its reader loads while it reads, such as
pyarrow with 60 MiB, and half as much again as was measured.
"""

import json
import subprocess
import sys
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hostile.entry import OK
from hostile.lines import frame

MIB = 1 << 20

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="peak memory is read from /proc"
)


def read(reader: str, path: Path) -> tuple[dict[str, int], float]:
    """Return the rows by reason, and the MiB that reading took."""
    script = Path(__file__).with_name("hostile") / "measure.py"
    command = [sys.executable, script, reader, path]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(result.stdout)
    return found["rows"], found["bytes"] / MIB


def write_huge(path: Path, start: bytes, end: bytes) -> None:
    """Write 300 MiB between a start and an end: NUL bytes, which take no disk."""
    with path.open("wb") as file:
        file.write(start)
        file.truncate(300 * MIB)
        file.seek(0, 2)
        file.write(end)


def write_dictionary(path: Path, length: int, rows: int) -> None:
    """Write a table of one long text, which is kept once, as the value of every row."""
    indexes = pa.array([0] * rows, pa.int32())
    texts = pa.DictionaryArray.from_arrays(indexes, pa.array(["x" * length]))
    options = {"dictionary_pagesize_limit": 1 << 30, "store_schema": False}
    pq.write_table(pa.table({"problem": texts}), path, **options)
    assert path.stat().st_size < 10 * MIB


def test_a_line_of_300_mib(tmp_path):
    path = tmp_path / "x.jsonl"
    write_huge(path, b'{"problem": "', b'"}\n' + OK)
    rows, mib = read("jsonl", path)
    assert rows == {"too_large": 1, "ok": 1}
    assert mib < 32  # 16 of a row are held, and chunks of 1


def test_an_element_of_300_mib(tmp_path):
    path = tmp_path / "x.json"
    write_huge(path, b'[{"problem": "', b'"}, ' + OK + b"]")
    rows, mib = read("json", path)
    assert rows == {"too_large": 1, "ok": 1}
    assert mib < 32


def test_64_kib_that_unpack_to_2_gib(tmp_path):
    path = tmp_path / "x.jsonl.zst"
    path.write_bytes(frame(23, 16_384))
    rows, mib = read("jsonl", path)
    assert rows == {"too_large": 1}
    assert mib < 160  # 32 are unpacked at once, joined, and collected


def test_a_gzip_bomb(tmp_path):
    path = tmp_path / "x.jsonl.gz"
    packer = zlib.compressobj(9, wbits=31)
    data = [packer.compress(bytes(16 * MIB)) for _ in range(20)]
    path.write_bytes(b"".join([*data, packer.flush()]))
    assert path.stat().st_size < MIB
    rows, mib = read("jsonl", path)
    assert rows == {"too_large": 1}
    assert mib < 32


def test_a_field_of_300_mib(tmp_path):
    path = tmp_path / "x.csv"
    write_huge(path, b'problem,x\n"', b'",1\nq,2\n')
    rows, mib = read("csv", path)
    assert rows == {"too_large": 1, "ok": 1}
    assert mib < 32


@pytest.mark.slow
def test_a_million_empty_lines(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\n" * 1_000_000)
    rows, mib = read("jsonl", path)
    assert rows == {"blank_row": 1_000_000}
    assert mib < 16


@pytest.mark.slow
def test_a_window_of_2_gib(tmp_path):
    path = tmp_path / "x.jsonl.zst"
    path.write_bytes(frame(31, 20_000))
    rows, mib = read("jsonl", path)
    assert rows == {"too_large": 1}
    assert mib < 2048 + 160  # the largest window that is accepted, which real datasets need


@pytest.mark.slow
def test_a_row_group_of_300_mib(tmp_path):
    path = tmp_path / "x.parquet"
    texts = pa.array([f"{i:_>300000}" for i in range(1000)])
    options = {"compression": "none", "use_dictionary": False, "write_batch_size": 1}
    pq.write_table(pa.table({"problem": texts}), path, **options)
    rows, mib = read("parquet", path)
    assert rows == {"ok": 1000}
    assert mib < 160  # pages of 1, batches of 5


@pytest.mark.slow
def test_a_dictionary_that_makes_every_row_large(tmp_path):
    path = tmp_path / "x.parquet"
    write_dictionary(path, 8 * MIB, 64)
    rows, mib = read("parquet", path)
    assert rows == {"ok": 64}
    assert mib < 720  # batches of 16 rows: 128, which pyarrow doubles and copies


@pytest.mark.slow
def test_a_dictionary_that_makes_every_row_huge(tmp_path):
    path = tmp_path / "x.parquet"
    write_dictionary(path, 128 * MIB, 16)
    rows, mib = read("parquet", path)
    assert rows == {"too_large": 16}
    assert mib < 1600  # one row at once: 16 of them would be 2048, before any copy
