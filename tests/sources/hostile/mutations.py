"""Hypothesis strategies for files: rows that are made up, and files of the corpus with changes."""

import csv
import io
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from corpus import CORPUS
from hostile.recipes import GOOD
from hypothesis import reject
from hypothesis import strategies as st

LONGEST = 1 << 12
"""Bytes of the longest file of the corpus that is changed; fuzzing wants many small ones."""


def _json(value: Any, ascii_only: bool) -> bytes:
    return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


NAMES = ["problem", "messages", "reference_answer", "category", "language", "response", "role"] + [
    "content",
    "user",
    "assistant",
    "answer",
    "think",
    "",
    "a.b",
    "\0",
    "\x1b[2J",
]
PIECES = (
    [b"\n", b"\r\n", b"\r", b"\0", b"\xef\xbb\xbf", b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\"]
    + [b'"', b"'", b",", b":", b"[", b"]", b"{", b"}", b"[" * 200, b'{"":' * 200, b"]" * 200]
    + [b"NaN", b"1e999", b"-", b"9" * 5000, b"null", b'{"problem": "p"}', b'"problem": 1, ']
    + [b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18", b"\xff" * 4, bytes(4), b"PAR1", b"\x7f\xff\xff"]
    + [b"&a ", b"*a", b"!!int ", b"<<: ", b"? ", b"| ", b"> ", b"- ", b": ", b"---\n", b"%YAML 1.1"]
)
TEXT = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(NAMES)
LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from([10**4000, -(2**63), 2**64, "\0", "p" * 5000])
)
VALUES = st.recursive(
    LEAF, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20
)
ROWS = st.dictionaries(TEXT, VALUES, max_size=5) | VALUES
JSON = st.builds(_json, ROWS, st.booleans())
TYPES = st.recursive(
    st.sampled_from(
        [pa.string(), pa.large_string(), pa.binary(), pa.int8(), pa.uint64(), pa.float32()]
        + [pa.bool_(), pa.date32(), pa.timestamp("ns"), pa.timestamp("us", "UTC"), pa.time64("us")]
        + [pa.duration("s"), pa.decimal128(9, 2), pa.null(), pa.float16(), pa.string_view()]
    ),
    lambda inner: (
        inner.map(pa.list_)
        | inner.map(lambda kind: pa.list_(kind, 2))
        | st.lists(st.tuples(TEXT.filter(str.isprintable), inner), min_size=1, max_size=3).map(
            pa.struct
        )
        | inner.map(lambda kind: pa.map_(pa.string(), kind))
    ),
    max_leaves=4,
)


@cache
def seeds(reader: str) -> list[bytes]:
    """Return the corpus's files for a reader, the short ones."""
    entries = [e for e in CORPUS if e.reader == ("jsonl" if reader == "zst" else reader)]
    entries = [e for e in entries if e.name.endswith(".zst") == (reader == "zst")]
    with tempfile.TemporaryDirectory() as folder:
        paths = [e.write(Path(folder)) for e in entries if not e.name.startswith("places/")]
        return [p.read_bytes() for p in paths if p.stat().st_size <= LONGEST]


def files(reader: str) -> st.SearchStrategy[bytes]:
    """Return a strategy for a reader's files."""
    whole = st.sampled_from(seeds(reader)) | MADE[reader]
    return whole | changed(whole) | spliced(whole) | st.binary()


@st.composite
def changed(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Draw a file with a few changes: bits, pieces, repeats, cuts."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 1, 1, 4, 30, len(data)])))
        part = bytes(data[start:end])
        flipped = bytes([part[0] ^ 1 << draw(st.integers(0, 7))]) + part[1:] if part else b""
        new = draw(st.sampled_from([b"", flipped, part * 3]) | st.sampled_from(PIECES))
        data[start:end] = new
    return bytes(data)


@st.composite
def spliced(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Draw the start of one file and the end of another."""
    one, two = draw(whole), draw(whole)
    return one[: draw(st.integers(0, len(one)))] + two[draw(st.integers(0, len(two))) :]


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """Draw rows of JSON, a line each."""
    rows = draw(st.lists(JSON | st.sampled_from(PIECES), max_size=6))
    ends = draw(st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n"]))
    return ends.join(rows) + draw(st.sampled_from([b"", b"\n"]))


@st.composite
def arrays(draw: st.DrawFn) -> bytes:
    """Draw an array of rows, alone or within an object."""
    array = b"[" + b",".join(draw(st.lists(JSON, max_size=6))) + b"]"
    if draw(st.booleans()):
        return array
    head = draw(st.lists(st.builds(_json, VALUES, st.booleans()), max_size=2))
    return b"{" + b"".join(b'"x":' + value + b"," for value in head) + b'"rows":' + array + b"}"


@st.composite
def separated(draw: st.DrawFn) -> bytes:
    """Draw rows of fields, quoted or not, below a header or not."""
    field = TEXT | st.sampled_from(['"', '""', "\n", ",", '",'])
    rows = draw(st.lists(st.lists(field, max_size=4), max_size=6))
    out = io.StringIO(newline="")
    if draw(st.booleans()):
        out.write("problem,x\n")
    csv.writer(out, quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))).writerows(
        rows
    )
    return out.getvalue().encode("utf-8", "surrogatepass")


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Draw lines in one or more zstandard frames."""
    level, checksum = draw(st.sampled_from([-5, 1, 19])), draw(st.booleans())
    packer = zstandard.ZstdCompressor(level=level, write_checksum=checksum)
    return b"".join(map(packer.compress, draw(st.lists(lines(), min_size=1, max_size=3))))


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Draw a table whose columns have any types."""
    count = draw(st.integers(0, 5))
    names = draw(st.lists(TEXT.filter(_is_unicode), min_size=1, max_size=4))
    columns = [_array(draw, draw(TYPES), count) for _ in names]
    out = io.BytesIO()
    try:
        pq.write_table(
            pa.table(columns, names=names),
            out,
            compression=draw(st.sampled_from(["none", "snappy", "zstd", "gzip"])),
            row_group_size=draw(st.integers(1, 5)),
            use_dictionary=draw(st.booleans()),
            store_schema=draw(st.booleans()),
            data_page_version=draw(st.sampled_from(["1.0", "2.0"])),
            version=draw(st.sampled_from(["1.0", "2.6"])),
        )
    except pa.ArrowException:  # not every type can be written in every version
        reject()
    return out.getvalue()


def _array(draw: st.DrawFn, kind: pa.DataType, count: int) -> pa.Array:
    """Draw an array: of bytes read as this type, or of nulls where the type can't be so read."""
    if pa.types.is_nested(kind) or pa.types.is_null(kind) or pa.types.is_string_view(kind):
        return _nested(draw, kind, count)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind):
        values = draw(st.lists(st.none() | st.binary(max_size=30), min_size=count, max_size=count))
        wide = pa.large_binary() if pa.types.is_large_string(kind) else pa.binary()
        return pa.array(values, wide).view(kind)
    width = max(1, kind.bit_width // 8)
    data = draw(st.binary(min_size=width * count, max_size=width * count))
    return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(data)])


def _nested(draw: st.DrawFn, kind: pa.DataType, count: int) -> pa.Array:
    if pa.types.is_struct(kind):
        fields = [kind.field(i) for i in range(kind.num_fields)]
        parts = [_array(draw, field.type, count) for field in fields]
        return pa.StructArray.from_arrays(parts, fields=fields)
    if pa.types.is_list(kind):
        offsets = pa.array(range(count + 1), pa.int32())
        return pa.ListArray.from_arrays(offsets, _array(draw, kind.value_type, count))
    return pa.nulls(count, kind)


@st.composite
def recipes(draw: st.DrawFn) -> bytes:
    """Draw a mapping as JSON, which is YAML, with the keys of a recipe and of its parts."""
    keys = st.sampled_from(GOOD.decode().replace("{", " ").replace("[", " ").split()).map(
        lambda word: word.strip(",:]}")
    )
    value = st.recursive(
        LEAF | keys,
        lambda inner: st.lists(inner) | st.dictionaries(keys | TEXT, inner),
        max_leaves=9,
    )
    return draw(st.builds(_json, st.dictionaries(keys, value), st.booleans()))


MADE: dict[str, st.SearchStrategy[bytes]] = {
    "jsonl": lines(),
    "zst": frames(),
    "json": arrays(),
    "parquet": tables(),
    "csv": separated(),
    "recipe": recipes(),
}
"""Reader to the strategy of files that are made up."""


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
