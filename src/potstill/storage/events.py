"""What happened during a run, one JSON object a line, as the progress display saw it."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from potstill.storage.files import explained

Event = dict[str, JsonValue]
"""`at` (ISO 8601, UTC), `elapsed` (seconds since the session began, by a clock that never jumps),
`event` (its kind), and the fields of that kind."""

Listener = Callable[[Event], None]

LOG = "events.jsonl"
"""File in a run directory that holds its events."""


FIELDS: dict[str, frozenset[str]] = {
    "run_started": frozenset({"directory", "journal"}),
    "stage_started": frozenset({"stage", "why"}),
    "stage_skipped": frozenset({"stage"}),
    "progress": frozenset({"stage", "done"}),
    "caution": frozenset({"stage", "text"}),
    "prompt": frozenset({"model", "messages"}),
    "asked": frozenset({"requests", "reused", "endings", "completion_tokens", "seconds"}),
    "stage_finished": frozenset({"stage", "accounts", "seconds"}),
    "run_finished": frozenset({"seconds"}),
    "run_stopped": frozenset({"error", "code", "seconds"}),
}
"""What an event of each kind holds at least, beside `at`, `elapsed` and `event`."""


class EventLog:
    """Appends events to a file and passes them on to whoever shows them."""

    def __init__(self, path: Path | None, listener: Listener | None = None) -> None:
        """Open `path` for appending: a run that continues adds to its own log; None for no file.

        Raises:
            StorageError: The file can't be opened.
        """
        self._path, self._listener = path, listener
        self._began = time.monotonic()
        self._file: FileIO | None = None
        if path is not None:
            with explained(path):
                self._file = path.open("ab", buffering=0)
                if _is_cut(path):
                    self._append(b"\n")

    def emit(self, kind: str, /, **fields: JsonValue) -> None:
        """Write one event of `kind`, whole or not at all.

        Raises:
            StorageError: The line can't be written.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        elapsed = round(time.monotonic() - self._began, 3)
        event: Event = {"at": now, "elapsed": elapsed, "event": kind, **fields}
        if self._path is not None:
            with explained(self._path):
                self._append(json.dumps(event).encode("ascii") + b"\n")
        if self._listener is not None:
            self._listener(event)

    def _append(self, line: bytes) -> None:
        if self._file is None:
            return
        start = self._file.seek(0, os.SEEK_END)
        rest = line
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            with suppress(OSError):  # a line that begins here would be read as a part of this one
                self._file.truncate(start)
            raise

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def read_events(path: Path) -> Iterator[Event]:
    """Yield the events of a log; lines that were cut by a crash or damaged are left out."""
    with path.open("rb") as file:
        for line in file:
            if (event := parse_event(line)) is not None:
                yield event


def parse_event(line: bytes) -> Event | None:
    """Return the event of one line of a log, or None where the line is cut or damaged."""
    try:
        value = cast(JsonValue, json.loads(line)) if line.endswith(b"\n") else None
        return value if isinstance(value, dict) and _is_event(value) else None
    except (ValueError, RecursionError):
        return None


def _is_event(value: Event) -> bool:
    """Return whether an object has what its kind needs; other kinds are another version's.

    Raises:
        ValueError: Its time is none.
    """
    kind, at = value.get("event"), value.get("at")
    if not (isinstance(kind, str) and isinstance(at, str)):
        return False
    datetime.fromisoformat(at)
    return FIELDS.get(kind, frozenset()) <= value.keys()


def _is_cut(path: Path) -> bool:
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"
