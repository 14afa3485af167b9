"""The journal of model calls: one SQLite file in which no paid answer is lost or paid twice.

A call is written under the hash of its content, so that another recipe, another order or more rows
find it again. `Journal.put` returns after the commit (WAL, synchronous=FULL: it survives kill -9
and a power cut); what is not committed counts as never asked. Calls that end together share one
commit. Values are zstd frames with a checksum: a flipped byte is reported, never taken for an
answer.
"""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self, get_args

from potstill.errors import StorageError
from potstill.records import ANSWERED, Ending
from potstill.storage.commits import Committer
from potstill.storage.journal_file import (
    Row,
    explained_journal,
    identity,
    lost,
    open_journal,
    replace,
)
from potstill.storage.values import Attempt, DamagedValueError, Entry, decode, encode

__all__ = ["Attempt", "Entry", "Journal"]

LOOK_UP = 10_000
"""Keys in one statement of `endings`; SQLite takes 32,766 at most."""

_ENDINGS = frozenset(get_args(Ending))


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
        self._committer = Committer(self._commit)
        self._reader = open_journal(path)
        self._writer: sqlite3.Connection | None = None
        self._files = self._identity()

    def _identity(self) -> tuple[object, object]:
        return identity(self.path), identity(self.path, "-wal")

    def get(self, key: str) -> Entry | None:
        """Return the call with this key, or None if it was never journaled.

        Raises:
            StorageError: The stored value is damaged.
        """
        with explained_journal(self.path):
            row = self._reader.execute("SELECT value FROM calls WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        try:
            entry = decode(row[0])
        except DamagedValueError as error:
            raise self._damaged(key) from error
        if entry.key != key:
            raise self._damaged(key, f": it holds {entry.key}")
        return entry

    def ending(self, key: str) -> Ending | None:
        """Return how the call with this key ended, without reading its reply.

        Raises:
            StorageError: The stored ending is damaged.
        """
        return self.endings([key]).get(key)

    def endings(self, keys: Sequence[str]) -> dict[str, Ending]:
        """Return how the calls with these keys ended, of those that were journaled.

        Many keys at once take about 3 µs each, a single one takes three times that.

        Raises:
            StorageError: A stored ending is damaged.
        """
        found: dict[str, Ending] = {}
        for start in range(0, len(keys), LOOK_UP):
            some = keys[start : start + LOOK_UP]
            places = ",".join("?" * len(some))
            select = f"SELECT key, ending FROM calls WHERE key IN ({places})"
            with explained_journal(self.path):
                found.update(self._reader.execute(select, some))
        if not _ENDINGS.issuperset(found.values()):
            raise self._damaged(next(key for key, end in found.items() if end not in _ENDINGS))
        return found

    def _damaged(self, key: str, how: str = "") -> StorageError:
        return StorageError(
            f"the journal {self.path} is damaged at call {key}{how}; {lost(self.path)}"
        )

    def keys(self) -> Iterator[str]:
        """Yield the keys of all calls, in no particular order."""
        with explained_journal(self.path):
            for (key,) in self._reader.execute("SELECT key FROM calls"):
                yield key

    async def put(self, entry: Entry) -> None:
        """Write a call; returns when it is committed.

        A call that is paid for is written even when its asker is cancelled meanwhile.

        Raises:
            StorageError: It could not be written, for example because the disk is full.
        """
        await self.submit(entry)

    def submit(self, entry: Entry) -> asyncio.Future[None]:
        """Write a call as `put` does, and return at once: what is returned is done when it is."""
        return self._committer.put(entry)

    def _commit(self, entries: Sequence[Entry]) -> None:
        values = zip(entries, encode(entries), strict=True)
        rows = [Row(entry.key, entry.model, entry.ending, value) for entry, value in values]
        try:
            self._check_place()  # before, lest another file be made under its name
            self._writer = self._writer or open_journal(self.path)
            with explained_journal(self.path):
                replace(self._writer, rows)
            self._check_place()
        except StorageError:
            self.lost += sum(entry.ending in ANSWERED for entry in entries)
            raise

    def _check_place(self) -> None:
        """Look whether what was written can be found again: a file may be removed while in use."""
        if self._identity() != self._files:
            raise StorageError(
                f"the journal {self.path} was removed or moved away while it was in use: put it "
                "back with the files beside it, or else the same command asks for its answers again"
            )

    def close(self) -> None:
        """Commit what is queued and close the file."""
        self._committer.close()
        for connection in (self._writer, self._reader):
            with suppress(sqlite3.Error):  # every commit that was to be done is
                if connection is not None:
                    connection.close()

    def __enter__(self) -> Self:
        """Return the open journal."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()
