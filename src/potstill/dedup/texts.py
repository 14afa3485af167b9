"""The conversations of a whole set and their answers, kept on disk."""

import json
import tempfile
from array import array
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO, NamedTuple

from potstill.errors import StorageError
from potstill.records import Problem

_IN_MEMORY = 64 * 1024 * 1024


class Text(NamedTuple):
    """What is compared of a row."""

    turns: list[tuple[str, str]]
    """Role and content of each turn."""
    answer: str | None
    """The reference answer."""


class Texts:
    """The texts of rows by their number, 8 bytes of memory each."""

    def __init__(self, file: IO[bytes]) -> None:
        """Keep them in `file`, which is empty."""
        self._file = file
        self._offsets = array("Q", [0])

    def add(self, problem: Problem) -> None:
        """Take the next row's messages and answer.

        Raises:
            StorageError: The disk is full.
        """
        turns = [(turn.role, turn.content) for turn in problem.messages]
        text = json.dumps([turns, problem.reference_answer], ensure_ascii=False)
        data = text.encode("utf-8", "surrogatepass")
        try:
            self._file.write(data)
        except OSError as error:
            place = f"{tempfile.gettempdir()} (set by TMPDIR)"
            raise StorageError(f"texts can't be kept in {place}: {error.strerror}") from error
        self._offsets.append(self._offsets[-1] + len(data))

    def __getitem__(self, row: int) -> Text:
        """Return a row's text."""
        self._file.seek(self._offsets[row])
        data = self._file.read(self._offsets[row + 1] - self._offsets[row])
        return Text(*json.loads(data.decode("utf-8", "surrogatepass")))


@contextmanager
def stored_texts() -> Generator[Texts]:
    """Give a store that beyond 64 MiB is a temporary file, and is gone at the end."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        yield Texts(file)
