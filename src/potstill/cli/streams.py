"""Standard streams whose other end may go away, or was never there."""

import errno
import os
import sys
from collections.abc import Callable
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from potstill.errors import StorageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

GONE = (errno.EPIPE, errno.EIO)
"""A pipe that nobody reads any more, and a terminal that was closed."""
READER_LEFT = 141
"""Exit code of a command whose output nobody reads any more, as shells use it (SIGPIPE)."""


class ReaderLeftError(Exception):
    """Nobody reads the standard output any more."""


class _Stream(FileIO):
    """A stream that is written to the null device from its first error on."""

    def __init__(self, number: int, failed: Callable[[OSError], None]) -> None:
        super().__init__(number, "w", closefd=False)
        self._failed = failed

    def write(self, b: "ReadableBuffer", /) -> int:
        try:
            return super().write(b)
        except OSError as error:
            _open_null(self.fileno())
            self._failed(error)
            return memoryview(b).nbytes


def steady_streams() -> None:
    """Make the standard streams such that a closed terminal, pipe or file leads to no traceback.

    What can't be written on standard error is dropped, since a run is worth more than what is said
    of it. What can't be written on standard output ends the command: nobody would see that it is
    cut. A stream that is closed from the start is opened, so that no other file gets its number.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            _open_null(number)
    if _is_own(sys.stdout, sys.__stdout__):
        sys.stdout = _text(1, _end_command, sys.__stdout__)
    if _is_own(sys.stderr, sys.__stderr__):
        sys.stderr = _text(2, lambda error: None, sys.__stderr__)


def _is_own(stream: TextIO | None, first: TextIO | None) -> bool:
    """Return whether a stream is the process's own, not one that a caller put in its place."""
    return stream is first


def _text(number: int, failed: Callable[[OSError], None], first: TextIO | None) -> TextIO:
    return TextIOWrapper(
        BufferedWriter(_Stream(number, failed)),
        encoding=first.encoding if first else "utf-8",
        errors="backslashreplace",
        line_buffering=number == 2 or os.isatty(number),
    )


def _end_command(error: OSError) -> None:
    if error.errno in GONE:
        raise ReaderLeftError from error
    raise StorageError(f"can't write the standard output: {error.strerror}") from error


def _open_null(number: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    if null != number:
        os.dup2(null, number)
        os.close(null)
