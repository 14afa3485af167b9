"""One file that a source reads, wherever it lies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from potstill.text.printable import printable

_LONGEST = 300
"""Characters that are shown of what a library or a server says."""


@dataclass(frozen=True)
class File:
    """A file to read."""

    name: str
    """Its path below the source's folder, bucket prefix or dataset, which its rows' ids carry."""
    shown: str
    """Its whole path or address, for people."""
    open: Callable[[], BinaryIO]
    """Opens it; raises OSError where it can't be read, SourceError where a server refuses it."""


def reason(error: Exception) -> str:
    """Return what went wrong in a line that can be shown."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return printable(said.partition("\n")[0])[:_LONGEST]
