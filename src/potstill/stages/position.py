"""How far the asking has come in the order of the problems, so that it need not look back.

Walking over a million answered calls, each to be looked up in the journal, takes minutes. So every
now and then the stage notes which problems are behind it. The note only saves time: it counts for
the same rows, recipe and journal alone, and the collecting that follows finds a call that lacks an
end nevertheless.
"""

import os
import time
from pathlib import Path

from pydantic import Field, ValidationError

from potstill.records import Record, content_hash
from potstill.storage.files import write_text
from potstill.storage.journal import Journal

FILE = "position.json"
"""Name of the note, in the run directory."""
SAVE_SECONDS = 15.0
"""Between two notes."""
MOST_LATER = 100_000
"""Problems that a note may name; with more of them none is made."""


class Place(Record):
    """How far the calls to one teacher have come."""

    done: int = Field(default=0, ge=0)
    """Problems, from the first on, of which every call has an end, but for those in `later`."""
    later: tuple[int, ...] = ()
    """Those among them, counted from 0, with a call that is still to be asked."""


class Walk:
    """Follows the calls to one teacher through the problems."""

    def __init__(self, start: Place) -> None:
        """Go on from where an earlier session came to."""
        self.start = start
        self.later = set(start.later)
        """Problems with a call that is to be asked again."""
        self._open: dict[int, int] = {}
        self._next = start.done

    @property
    def first(self) -> int:
        """The first problem that must be looked at."""
        return min(self.later, default=self.start.done)

    def concerns(self, problem: int) -> bool:
        """Return whether the problem at this place must be looked at."""
        return problem >= self.start.done or problem in self.later

    def begin(self, problem: int) -> None:
        """Note a call, or that the calls of a problem are begun."""
        if problem not in self._open:
            self.later.discard(problem)
        self._open[problem] = self._open.get(problem, 0) + 1
        self._next = max(self._next, problem + 1)

    def end(self, problem: int, *, later: bool = False) -> None:
        """Note the end of what was begun; `later` if the call is to be asked again."""
        self._open[problem] -= 1
        if not self._open[problem]:
            del self._open[problem]
        if later:
            self.later.add(problem)

    def place(self) -> Place:
        """Return how far it has come."""
        return Place(done=self._next, later=tuple(sorted(self.later.union(self._open))))


class _Note(Record):
    of: str
    """Hash of what the places are true of."""
    teachers: dict[str, Place]
    """By the teacher's model."""


class Position:
    """The note of a run, and the walks that it is made of."""

    def __init__(self, run: Path, rows: str, journal: Journal) -> None:
        """Read the note; one that is damaged or of something else counts as none.

        Args:
            run: The run directory.
            rows: Hash of the rows that are asked about and of the recipe's part.
            journal: Where the answers are.
        """
        self._path = run / FILE
        stat = os.stat(journal.path)
        self._of = content_hash([rows, stat.st_dev, stat.st_ino])
        self._found = self._read()
        self._walks: dict[str, Walk] = {}
        self._saved = time.monotonic()

    def _read(self) -> dict[str, Place]:
        try:
            note = _Note.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return {}
        return note.teachers if note.of == self._of else {}

    def walk(self, model: str) -> Walk:
        """Return the walk of a teacher, which goes on where the note says."""
        walk = self._walks[model] = Walk(self._found.get(model, Place()))
        return walk

    def save(self, *, now: bool = False) -> None:
        """Write the note, at most every `SAVE_SECONDS` unless `now`.

        Raises:
            StorageError: It can't be written.
        """
        if not now and time.monotonic() - self._saved < SAVE_SECONDS:
            return
        self._saved = time.monotonic()
        places = {model: walk.place() for model, walk in self._walks.items()}
        if all(len(place.later) <= MOST_LATER for place in places.values()):
            write_text(self._path, _Note(of=self._of, teachers=places).model_dump_json() + "\n")

    def forget(self) -> None:
        """Remove the note: it was wrong, or it has served."""
        self._path.unlink(missing_ok=True)
