"""Watch a run from another process, by the log of its events."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Self

from potstill.report.status import is_locked
from potstill.report.tables import folders
from potstill.storage.events import LOG, Event, parse_event

POLL_SECONDS = 0.25
"""Between two looks at the log."""
IDLE_SECONDS = 3.0
"""Without an event, after which it is looked whether anybody still works on the run. A look takes
the run's lock for an instant, so it is not taken more often than it must be."""

LAST = frozenset({"run_finished", "run_stopped"})
"""The events that end a session; a session without one was killed."""


def follow(directory: Path, *, wait: Callable[[float], None] = time.sleep) -> Iterator[Event]:
    """Yield the events of the run's last session so far, then each as it comes.

    It ends when nobody works on the run any more. Nothing is written, and the run is not held up.

    Args:
        directory: The run directory.
        wait: Waits so many seconds; replaced in tests.

    Raises:
        InputError: It is no run directory.
    """
    folders(directory)  # raises where it is none
    with _Log(directory / LOG) as log:
        idle = IDLE_SECONDS
        while True:
            looked = idle >= IDLE_SECONDS
            # Looked at before the log is read: what was written until the end is then read too.
            gone = looked and not is_locked(directory)
            idle = 0.0 if looked else idle
            for event in log.read():
                yield event
                gone, idle = False, IDLE_SECONDS if event["event"] in LAST else 0.0
            if gone:
                return
            wait(POLL_SECONDS)
            idle += POLL_SECONDS


class _Log:
    """A log that grows, and may be replaced by another or not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def read(self) -> Iterator[Event]:
        """Yield what came since the last read; of a line that is being written, nothing yet."""
        if self._is_another():
            self._open()
        if self._file is None:
            return
        for piece in self._file:
            self._rest += piece
            if self._rest.endswith(b"\n"):
                event, self._rest = parse_event(self._rest), b""
                if event is not None:
                    yield event

    def _is_another(self) -> bool:
        """Return whether the path names another file than the one that is open, or a shorter."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        if self._file is None:
            return True
        here = os.fstat(self._file.fileno())
        same = (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
        return not same or there.st_size < self._file.tell()

    def _open(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._rest = self._path.open("rb"), b""
        start = 0
        for line in self._file:
            if b'"run_started"' in line:  # not parsed yet: a prompt could hold these words too
                event = parse_event(line)
                if event is not None and event["event"] == "run_started":
                    start = self._file.tell() - len(line)
        self._file.seek(start)
