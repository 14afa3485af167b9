"""What one file of the corpus is, and the rows that many of them share."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

OK = b'{"problem": "What is 1 + 1?"}'
DEEP = b'{"problem": "p", "x": ' + b"[" * 99 + b"]" * 99 + b"}"
TOO_DEEP = b'{"problem": "p", "x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"
OVER = 17 << 20
"""Bytes of a text that makes a row larger than a reader takes, 16 MiB."""


class Entry(NamedTuple):
    """A file or folder that wants to break a reader."""

    reader: str
    """A source's name, `recipe`, or `answers` for the file of `serve-scripted`."""
    name: str
    """Its name in the reader's folder."""
    about: str
    """What it covers."""
    outcome: list[str] | str
    """Each row in order, `ok` or why it is dropped, or a piece of the error's sentence.

    A recipe that is read has no rows; answers have one for each prompt.
    """
    content: bytes | Callable[[Path], object]
    """The file's bytes, or what makes it at a path."""

    def write(self, folder: Path) -> Path:
        """Write it below `folder`, in its reader's own folder."""
        path = folder / self.reader / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(self.content, bytes):
            path.write_bytes(self.content)
        else:
            self.content(path)
        return path
