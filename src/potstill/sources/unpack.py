"""Files as chunks of bytes, unpacked where they are packed."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from potstill.errors import SourceError

_CHUNK = 1 << 20
_PACKED = 1 << 10
"""Packed bytes that are unpacked at once: 4 of them give at most 128 KiB, so these 32 MiB."""
_WINDOW = 1 << 31
"""The largest window that is accepted; AM-DeepSeek-R1-Distilled-1.4M was packed with it."""


def chunks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file in chunks; one whose name ends in `.zst` is unpacked.

    Raises:
        SourceError: The file can't be read, or is no zstandard file, or a damaged one.
    """
    packed = path.suffix == ".zst"
    try:
        with path.open("rb") as file:
            plain = iter(lambda: file.read(_PACKED if packed else _CHUNK), b"")
            yield from _unpacked(path, plain) if packed else plain
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror}") from error


def _unpacked(path: Path, packed: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack frame by frame: zstandard's own stream reader takes a file cut short for a whole one.

    A frame's output is bounded by feeding it little at a time.
    """
    import zstandard

    context = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    frame, within, done = context.decompressobj(), False, 0
    try:
        for data in packed:
            while data:
                yield (part := frame.decompress(data))
                done += len(part)
                within, data = not frame.eof, frame.unused_data
                if frame.eof:
                    frame = context.decompressobj()
    except zstandard.ZstdError as error:
        raise SourceError(f"{path} is damaged after {done} unpacked bytes: {error}") from error
    if within:
        raise SourceError(f"{path} is cut short: it ends after {done} unpacked bytes")
