"""The exceptions that potstill raises on purpose, and the exit code of each.

    PotstillError
    ├── InputError           2   what the user gave is wrong; nothing was lost or half-written
    │   ├── RecipeError      2   one or more mistakes in a recipe, each with its place
    │   ├── SourceError      2   a file to read is missing, empty or not of its format
    │   └── EndpointError    2   wrong key, wrong model name, or a host that does not answer
    ├── RunError             1   the run could not be finished
    │   ├── BooksError       1   rows in are not rows out: a bug, and the run stops on it
    │   └── StorageError     1   a stored file is damaged, or can't be written
    └── Paused               3   stopped cleanly; the same command continues

Anything else that reaches the user is a bug and shows its traceback.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class PotstillError(Exception):
    """Base of all: its text is one clear sentence for a person, without a traceback."""

    exit_code: ClassVar[int] = 1


class InputError(PotstillError):
    """The user's input is wrong; the text names the value, the place and what is legal."""

    exit_code = 2


@dataclass(frozen=True, order=True)
class Mistake:
    """One mistake in a recipe."""

    place: str
    """`file:line`, or `--set KEY` where the value came from the command line."""
    text: str
    """What is wrong, what stood there, and what is legal."""

    def __str__(self) -> str:
        """Return the mistake as one line."""
        return f"{self.place}: {self.text}"


class RecipeError(InputError):
    """A recipe has mistakes; all of them are reported at once."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Keep the mistakes in the order of their places."""
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


class SourceError(InputError):
    """A file or folder to read is missing, empty, unreadable or not of its format."""


class EndpointError(InputError):
    """An endpoint refuses every call: wrong key, wrong model name, or nobody listening."""


class RunError(PotstillError):
    """The run could not be finished."""


class BooksError(RunError):
    """A stage's rows in are not its rows kept plus its rows dropped."""


class StorageError(RunError):
    """A stored file is damaged or can't be written."""


class Paused(PotstillError):
    """The run stopped cleanly before its end; the same command continues it."""

    exit_code = 3
