"""The conversations of a whole set and their answers, kept on disk."""

import json
import tempfile
from array import array
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO, NamedTuple

from potstill.errors import StorageError
from potstill.models.chat import without_id
from potstill.records import Problem, to_json

_IN_MEMORY = 64 * 1024 * 1024


class Text(NamedTuple):
    """What is compared of a row."""

    turns: list[tuple[str, str]]
    """Role and content of each turn; see `turns`."""
    answer: str | None
    """The reference answer."""


def turns(problem: Problem) -> list[tuple[str, str]]:
    """Return role and content of each turn, beside which calls and tools are turns of their own."""
    found: list[tuple[str, str]] = []
    for turn in problem.messages:
        found.append((turn.role, turn.content))
        found += [("tool_calls", to_json(without_id(call))) for call in turn.tool_calls]
    return [*found, *(("tools", to_json(tool)) for tool in problem.tools)]


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
        text = json.dumps([turns(problem), problem.reference_answer], ensure_ascii=False)
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
