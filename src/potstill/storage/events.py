"""What happened during a run, one JSON object a line, as the progress display saw it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from potstill.errors import StorageError

Event = dict[str, JsonValue]
"""`at` (ISO 8601, UTC), `event` (its kind), and the fields of that kind."""

Listener = Callable[[Event], None]


class EventLog:
    """Appends events to a file and passes them on to whoever shows them."""

    def __init__(self, path: Path, listener: Listener | None = None) -> None:
        """Open `path` for appending: a run that continues adds to its own log.

        Raises:
            StorageError: The file can't be opened.
        """
        self._path, self._listener = path, listener
        try:
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise StorageError(f"can't write {path}: {error.strerror}") from error

    def emit(self, kind: str, /, **fields: JsonValue) -> None:
        """Write one event of `kind`, whole and at once.

        Raises:
            StorageError: The line can't be written.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        event: Event = {"at": now, "event": kind, **fields}
        try:
            self._file.write(json.dumps(event) + "\n")
            self._file.flush()
        except OSError as error:
            raise StorageError(f"can't write {self._path}: {error.strerror}") from error
        if self._listener is not None:
            self._listener(event)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_events(path: Path) -> Iterator[Event]:
    """Yield the events of a log; a last line cut by a crash is left out."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)
