"""Files as chunks of bytes, unpacked where they are packed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Protocol

from potstill.errors import SourceError
from potstill.sources.file import File, reason

_CHUNK = 1 << 20
_PACKED = 1 << 10
"""Packed bytes that are unpacked at once: 4 of them give at most 128 KiB, so these 32 MiB."""
_WINDOW = 1 << 31
"""The largest window that is accepted; AM-DeepSeek-R1-Distilled-1.4M was packed with it."""
_GZIP = 31
"""What zlib calls a window of 32 KiB with gzip's header and checksum."""


class Frame(Protocol):
    """Unpacks one of the frames that follow each other in a packed file."""

    @property
    def eof(self) -> bool:
        """Whether the frame has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """The packed bytes behind its end."""
        ...

    def decompress(self, data: bytes, /) -> bytes:
        """Return what the next packed bytes give."""
        ...


def chunks(file: File) -> Iterator[bytes]:
    """Yield the bytes of a file in chunks; one that ends in `.zst` or `.gz` is unpacked.

    Raises:
        SourceError: The file can't be read, or is not packed as its name says, or damaged.
    """
    packed = PurePosixPath(file.name).suffix in (".zst", ".gz")
    try:
        with file.open() as opened:
            plain = iter(lambda: opened.read(_PACKED if packed else _CHUNK), b"")
            yield from _unpacked(file, plain) if packed else plain
    except OSError as error:
        raise SourceError(f"{file.shown} can't be read: {reason(error)}") from error


def _unpacked(file: File, packed: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack frame by frame: zstandard's own stream reader takes a file cut short for a whole one.

    A frame's output is bounded by feeding it little at a time.
    """
    import zstandard

    begin = _zstandard() if file.name.endswith(".zst") else partial(zlib.decompressobj, _GZIP)
    frame, within, done = begin(), False, 0
    try:
        for data in packed:
            while data:
                yield (part := frame.decompress(data))
                done += len(part)
                within, data = not frame.eof, frame.unused_data
                if frame.eof:
                    frame = begin()
    except (zstandard.ZstdError, zlib.error) as error:
        where = f"{file.shown} is damaged after {done} unpacked bytes"
        raise SourceError(f"{where}: {error}") from error
    if within:
        raise SourceError(f"{file.shown} is cut short: it ends after {done} unpacked bytes")


def _zstandard() -> Callable[[], Frame]:
    import zstandard

    return zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj
