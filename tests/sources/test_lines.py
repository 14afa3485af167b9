import hashlib
import io
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from potstill.errors import SourceError
from potstill.sources import lines as module
from potstill.sources import pieces, unpack
from potstill.sources.lines import lines
from potstill.sources.local import file_at
from potstill.sources.pieces import Oversize

LINE = st.binary(max_size=12).map(lambda b: b.replace(b"\n", b" ").replace(b"\xef", b""))


def cut(chunks: list[bytes], limit: int = pieces.LIMIT):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "chunks", lambda _: iter(chunks))
        patch.setattr(pieces, "LIMIT", limit)
        return list(lines(file_at(Path("any"), "any")))


def chunked(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


@given(st.lists(LINE, min_size=1), st.integers(1, 9), st.booleans())
def test_lines_do_not_depend_on_the_chunks(parts, size, ended):
    data = b"\n".join(parts) + b"\n" * ended
    found = cut(chunked(data, size))
    expected = data.split(b"\n")[: -1 if data.endswith(b"\n") or not data else None]
    assert [piece.data for piece in found] == [line.removesuffix(b"\r") for line in expected]
    assert [piece.number for piece in found] == list(range(1, len(expected) + 1))
    for piece, line in zip(found, expected, strict=True):
        assert data[piece.offset : piece.offset + len(line)] == line


@given(st.lists(LINE, min_size=1), st.integers(1, 9), st.integers(0, 6))
def test_a_line_above_the_limit_is_described(parts, size, limit):
    for piece, line in zip(cut(chunked(b"\n".join(parts), size), limit), parts, strict=False):
        if len(line) > limit:
            assert piece.data[:2] == (len(line), hashlib.sha256(line).hexdigest())
            assert line.startswith(piece.data.head)
        else:
            assert piece.data == line.removesuffix(b"\r")


def test_line_ends_and_byte_order_mark():
    [one, two, three] = cut([b"\xef\xbb", b"\xbf{}\r", b"\n\xef\xbb\xbf\n", b"end"])
    assert (one.data, two.data, three.data) == (b"{}", b"\xef\xbb\xbf", b"end")
    assert [one.offset, two.offset, three.offset] == [0, 7, 11]


def test_a_long_line_is_never_held(tmp_path):
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        for _ in range(40):
            file.write(b"x" * (1 << 20))
        file.write(b"\nshort")
    [long, short] = lines(file_at(path, path.name))
    assert isinstance(long.data, Oversize)
    assert (long.data.length, long.data.head) == (40 << 20, b"x" * 1024)
    assert (short.number, short.offset, short.data) == (2, (40 << 20) + 1, b"short")


def packed(*texts: bytes, **options: object) -> bytes:
    compress = zstandard.ZstdCompressor(**options).compress
    return b"".join(map(compress, texts))


def test_zstandard_with_several_frames_and_a_large_window(tmp_path):
    path = tmp_path / "x.jsonl.zst"
    parameters = zstandard.ZstdCompressionParameters(window_log=31, enable_ldm=True)
    buffer = io.BytesIO()
    with zstandard.ZstdCompressor(compression_params=parameters).stream_writer(
        buffer, closefd=False
    ) as writer:
        writer.write(b'{"a": 1}\n')
    path.write_bytes(buffer.getvalue() + packed(b'{"b": 2}\n', b"", b"last"))
    assert [piece.data for piece in lines(file_at(path, path.name))] == [
        b'{"a": 1}',
        b'{"b": 2}',
        b"last",
    ]


def test_a_small_file_of_many_zeros_is_unpacked_in_steps(tmp_path):
    path = tmp_path / "bomb.jsonl.zst"
    path.write_bytes(packed(bytes(200 << 20)))
    assert path.stat().st_size < 20_000
    assert max(map(len, unpack.chunks(file_at(path, path.name)))) <= 32 << 20
    [piece] = lines(file_at(path, path.name))
    assert isinstance(piece.data, Oversize)
    assert piece.data.length == 200 << 20


@pytest.mark.parametrize("damage", ["cut short", "damaged"])
def test_a_packed_file_that_is_not_whole(tmp_path, damage):
    path = tmp_path / "x.jsonl.zst"
    data = packed(b"\n".join(b'{"n": %d}' % i for i in range(50_000)), write_checksum=True)
    path.write_bytes(data[: len(data) // 2] if damage == "cut short" else data[:-1] + b"?")
    with pytest.raises(SourceError, match=damage):
        list(lines(file_at(path, path.name)))


def test_a_file_that_can_not_be_read(tmp_path):
    with pytest.raises(SourceError, match="can't be read: No such file"):
        list(lines(file_at(tmp_path / "gone.jsonl", "gone.jsonl")))
