"""The journal of model calls: one SQLite file in which no paid answer is lost or paid twice.

A call is written under the hash of its content, so that another recipe, another order or more rows
find it again. `Journal.put` returns after the commit (WAL, synchronous=FULL: it survives kill -9
and a power cut); what is not committed counts as never asked. Calls that end together share one
commit. Values are zstd frames with a checksum: a flipped byte is reported, never taken for an
answer.
"""

import asyncio
import json
import os
import queue
import sqlite3
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

import zstandard
from pydantic import Field

from potstill.errors import StorageError
from potstill.records import ANSWERED, Ending, JsonObject, Record
from potstill.storage.files import AGAIN, explained

VERSION = 1
"""Version of the journal's table and values; `PRAGMA user_version` holds it."""
COMMIT_AT_MOST = 256
"""Calls in one commit: enough to amortise the fsync, few enough to answer their askers soon."""

_LOST = (
    "put a copy of it back, or move it and the files beside it away: the same command then asks "
    "for its answers again"
)

_ENDINGS = frozenset(get_args(Ending))

_REMEDIES = {
    sqlite3.SQLITE_FULL: f"free some space there, {AGAIN}",
    sqlite3.SQLITE_IOERR: f"see to the disk, or to the limit on the size of files, {AGAIN}",
    sqlite3.SQLITE_READONLY: f"make it and its folder writable, {AGAIN}",
    sqlite3.SQLITE_CANTOPEN: f"make it and its folder writable, {AGAIN}",
    sqlite3.SQLITE_BUSY: f"another program holds it: end that, {AGAIN}",
    sqlite3.SQLITE_CORRUPT: _LOST,
    sqlite3.SQLITE_NOTADB: _LOST,
}

SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    key    TEXT PRIMARY KEY,
    model  TEXT NOT NULL,
    ending TEXT NOT NULL,
    value  BLOB NOT NULL
)
"""


class Attempt(Record):
    """One request that was sent for a call."""

    at: str
    """When it was sent: ISO 8601, UTC."""
    ending: Ending
    """How it ended."""
    status: int | None = None
    """The HTTP status, where there was one."""
    seconds: float = 0.0
    """From sending to the end of the reply."""
    detail: str = ""
    """What the endpoint said of a failure, cut at 300 characters."""
    prompt_tokens: int | None = None
    """As the endpoint counted them: each attempt may cost money."""
    completion_tokens: int | None = None
    """As the endpoint counted them."""


class Entry(Record):
    """One call: what was asked, how it ended, and the reply as it came."""

    key: str
    """Hash of the call's content; see `models.requests.Request.key`."""
    model: str
    """Name of the model."""
    ending: Ending
    """How the last attempt ended."""
    request: JsonObject
    """The body as sent."""
    reply: JsonObject = Field(default_factory=dict)
    """The body of the last reply; empty where none came."""
    attempts: tuple[Attempt, ...] = ()
    """Every request sent for this call, in order, those of earlier runs included."""


class Journal:
    """The calls under one root of runs. One thread writes; any number of processes may."""

    def __init__(self, path: Path) -> None:
        """Open the journal at `path`, a file that is made with its folder if absent.

        Raises:
            StorageError: The file is not a journal, is damaged, or can't be opened.
        """
        self.path = path
        self.lost = 0
        """Answers that came but could not be written, so that they must be asked for again."""
        self._queue: queue.SimpleQueue[tuple[Entry, Future[None]] | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        with explained(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._reader = self._connect()
        self._connection: sqlite3.Connection | None = None
        self._files = self._identity()

    def _connect(self) -> sqlite3.Connection:
        with self._explained():
            # Waits this long for another process's commit before it gives up.
            connection = sqlite3.connect(self.path, timeout=60, check_same_thread=False)
        try:
            with self._explained():
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    with connection:  # the table and its version, or neither
                        connection.execute("BEGIN IMMEDIATE")
                        connection.execute(SCHEMA)
                        connection.execute(f"PRAGMA user_version={VERSION}")
                self._check_version(connection.execute("PRAGMA user_version").fetchone()[0])
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_version(self, found: int) -> None:
        if found > VERSION:
            raise StorageError(
                f"the journal {self.path} was made by a newer potstill: its version is {found}, "
                f"this one reads {VERSION}; update potstill, or name another run directory"
            )
        if found < VERSION:
            raise StorageError(
                f"{self.path} is no journal of potstill, or one of an older version: its version "
                f"is {found}, this potstill reads {VERSION}; move it away, or name another run "
                "directory"
            )

    def _identity(self) -> list[tuple[int, int]] | None:
        """Return which files the journal's names stand for, or None where one is missing."""
        try:
            found = [os.stat(f"{self.path}{end}") for end in ("", "-wal")]
        except OSError:
            return None
        return [(stat.st_dev, stat.st_ino) for stat in found]

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            # Only the lowest byte tells the kind; the others tell where it happened.
            kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
            what = _REMEDIES.get(kind, f"mend that, {AGAIN}")
            raise StorageError(f"the journal {self.path} can't be used: {error}; {what}") from error

    def get(self, key: str) -> Entry | None:
        """Return the call with this key, or None if it was never journaled.

        Raises:
            StorageError: The stored value is damaged.
        """
        with self._explained():
            row = self._reader.execute("SELECT value FROM calls WHERE key = ?", (key,)).fetchone()
        return None if row is None else _decode(self.path, key, row[0])

    def ending(self, key: str) -> Ending | None:
        """Return how the call with this key ended, without reading its reply.

        Raises:
            StorageError: The stored ending is damaged.
        """
        with self._explained():
            row = self._reader.execute("SELECT ending FROM calls WHERE key = ?", (key,)).fetchone()
        if row is not None and row[0] not in _ENDINGS:
            raise StorageError(f"the journal {self.path} is damaged at call {key}: {_LOST}")
        return None if row is None else row[0]

    def keys(self) -> Iterator[str]:
        """Yield the keys of all calls, in no particular order."""
        with self._explained():
            for (key,) in self._reader.execute("SELECT key FROM calls"):
                yield key

    async def put(self, entry: Entry) -> None:
        """Write a call; returns when it is committed.

        Raises:
            StorageError: It could not be written, for example because the disk is full.
        """
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="journal", daemon=True)
            self._writer.start()
        committed: Future[None] = Future()
        # A call that is paid for is written even when its asker is cancelled meanwhile.
        committed.set_running_or_notify_cancel()
        self._queue.put((entry, committed))
        await asyncio.wrap_future(committed)

    def _write(self) -> None:
        closing = False
        while not closing:
            batch = [self._queue.get()]
            while len(batch) < COMMIT_AT_MOST and not self._queue.empty():
                batch.append(self._queue.get())
            closing = None in batch
            self._commit([item for item in batch if item is not None])

    def _commit(self, batch: list[tuple[Entry, Future[None]]]) -> None:
        rows = [(e.key, e.model, e.ending, _encode(e)) for e, _ in batch]
        try:
            self._check_place()  # before, lest another file be made under its name
            self._connection = self._connection or self._connect()
            with self._explained(), self._connection as connection:
                connection.executemany("INSERT OR REPLACE INTO calls VALUES (?, ?, ?, ?)", rows)
            self._check_place()
        except StorageError as error:
            self.lost += sum(entry.ending in ANSWERED for entry, _ in batch)
            for _, committed in batch:
                committed.set_exception(error)
        else:
            for _, committed in batch:
                committed.set_result(None)

    def _check_place(self) -> None:
        """Look whether what was written can be found again: a file may be removed while in use."""
        if self._identity() != self._files:
            raise StorageError(
                f"the journal {self.path} was removed or moved away while it was in use: put it "
                "back with the files beside it, or else the same command asks for its answers again"
            )

    def close(self) -> None:
        """Commit what is queued and close the file."""
        if self._writer is not None:
            self._queue.put(None)
            self._writer.join()
            self._writer = None
        for connection in (self._connection, self._reader):
            with suppress(sqlite3.Error):  # every commit that was to be done is
                if connection is not None:
                    connection.close()

    def __enter__(self) -> Self:
        """Return the open journal."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()


def _encode(entry: Entry) -> bytes:
    text = json.dumps(entry.model_dump(), ensure_ascii=True)
    return zstandard.ZstdCompressor(level=3, write_checksum=True).compress(text.encode("ascii"))


def _decode(path: Path, key: str, value: bytes) -> Entry:
    try:
        text = zstandard.ZstdDecompressor().decompress(value)
        entry = Entry.model_validate_json(text)
    except (zstandard.ZstdError, ValueError) as error:
        raise StorageError(f"the journal {path} is damaged at call {key}: {_LOST}") from error
    if entry.key != key:
        raise StorageError(f"the journal {path} is damaged: call {key} holds {entry.key}: {_LOST}")
    return entry
