"""What happened during a run, one JSON object a line, as the progress display saw it."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO, cast

from pydantic import JsonValue

from potstill.storage.files import explained

Event = dict[str, JsonValue]
"""`at` (ISO 8601, UTC), `event` (its kind), and the fields of that kind."""

Listener = Callable[[Event], None]

LOG = "events.jsonl"
"""File in a run directory that holds its events."""


class EventLog:
    """Appends events to a file and passes them on to whoever shows them."""

    def __init__(self, path: Path | None, listener: Listener | None = None) -> None:
        """Open `path` for appending: a run that continues adds to its own log; None for no file.

        Raises:
            StorageError: The file can't be opened.
        """
        self._path, self._listener = path, listener
        self._file: TextIO | None = None
        if path is not None:
            with explained(path):
                self._file = path.open("a", encoding="utf-8")
                if _is_cut(path):
                    self._file.write("\n")

    def emit(self, kind: str, /, **fields: JsonValue) -> None:
        """Write one event of `kind`, whole and at once.

        Raises:
            StorageError: The line can't be written.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        event: Event = {"at": now, "event": kind, **fields}
        if self._file is not None and self._path is not None:
            with explained(self._path):
                self._file.write(json.dumps(event) + "\n")
                self._file.flush()
        if self._listener is not None:
            self._listener(event)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def read_events(path: Path) -> Iterator[Event]:
    """Yield the events of a log; a line cut by a crash is left out."""
    with path.open("rb") as file:
        for line in file:
            if (event := parse_event(line)) is not None:
                yield event


def parse_event(line: bytes) -> Event | None:
    """Return the event of one line of a log, or None where the line was cut by a crash."""
    try:
        value: object = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return (
        cast(Event, value) if isinstance(value, dict) and {"at", "event"} <= value.keys() else None
    )


def _is_cut(path: Path) -> bool:
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"
