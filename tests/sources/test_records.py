import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.sources import pieces
from potstill.sources import records as module
from potstill.sources.local import file_at
from potstill.sources.pieces import Oversize
from potstill.sources.records import records

FIELD = st.text(st.sampled_from('ab ,"\n\t数'), max_size=6)
ROWS = st.lists(st.lists(FIELD, min_size=2, max_size=3), min_size=1, max_size=6)


def cut(data: bytes, size: int = 1 << 20, limit: int = pieces.LIMIT, separator: bytes = b","):
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "chunks", lambda _: iter(chunks))
        patch.setattr(pieces, "LIMIT", limit)
        return list(records(file_at(Path("x"), "x"), separator))


@given(ROWS, st.integers(1, 9), st.sampled_from(["\n", "\r\n"]), st.sampled_from(",\t"))
def test_records_are_those_that_were_written(rows, size, end, separator):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    data = text.getvalue().encode()
    found = cut(data, size, separator=separator.encode())
    read = [next(csv.reader([p.data.decode()], delimiter=separator)) for p in found]
    assert read == rows
    for piece in found:
        assert piece.number == data[: piece.offset].count(b"\n") + 1
        assert data[piece.offset : piece.offset + len(piece.data)] == piece.data


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"a,b\n\nc,d", [b"a,b", b"", b"c,d"]),
        (b'5" pipe,b\nc,d\n', [b'5" pipe,b', b"c,d"]),
        (b'"a""\n",b\nc\n', [b'"a""\n",b', b"c"]),
        (b'"a"b\nc\n', [b'"a"b', b"c"]),
        (b'a,"b\nc\n', [b'a,"b\nc\n']),
        (b"\xef\xbb\xbfa\nb", [b"a", b"b"]),
        (b'""\n""""\n"x', [b'""', b'""""', b'"x']),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_quotes_decide_where_a_record_ends(data, found, size):
    assert [piece.data for piece in cut(data, size)] == found


def test_a_record_above_the_limit_is_read_past():
    long, short = cut(b'"' + b"x\n" * 100 + b'",1\na,b\n', 7, limit=64)
    assert isinstance(long.data, Oversize)
    assert long.data.length == 204
    assert (short.number, short.offset, short.data) == (102, 205, b"a,b")
