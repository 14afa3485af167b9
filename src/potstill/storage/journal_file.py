"""The file of the journal: its table, its versions, and how it is opened."""

import os
import sqlite3
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from potstill.errors import InputError, StorageError
from potstill.storage.files import explained
from potstill.storage.sqlite import BUSY_S, told

VERSION = 2
"""Version of the table and its values; `PRAGMA user_version` holds it."""
CACHE_KIB = 16 * 1024
"""Most memory for pages, per connection: what else is looked up is in the system's own cache."""
LOG_PAGES = 4096
"""Pages of 4 KiB that the log may hold before they are moved into the file: pages of the index,
which calls hit at random, are moved once for many commits."""

TABLE = """
CREATE TABLE calls (
    key    TEXT NOT NULL,
    model  TEXT NOT NULL,
    ending TEXT NOT NULL,
    value  BLOB NOT NULL
)
"""
INDEX = "CREATE INDEX IF NOT EXISTS calls_by_key ON calls (key, ending)"
# Rows lie in the order in which they came; in the order of their keys, which are hashes, each would
# move others about. Only the index is read to tell how calls ended. It is not unique, since on
# `key` alone there would have to be another one; `replace` lets no key occur twice.

_ELSEWHERE = "move it away, or name another run directory"

FOLDER, NAME = "journal", "calls.sqlite3"
"""Where it lies in a folder of runs, or in a run that has its own."""


class Row(NamedTuple):
    """A call as it lies in the table."""

    key: str
    model: str
    ending: str
    value: bytes


def lost(path: Path) -> str:
    """Return what to do where a journal is damaged, as the end of a sentence."""
    return (
        f"put a copy of it back, or save what is sound: `potstill journal compact {path} "
        "--drop-damaged`; the same command then asks for the rest again"
    )


def find_journal(path: Path) -> Path:
    """Return the journal that `path` means: the file, its folder, a folder of runs, or a run.

    Raises:
        InputError: There is none.
    """
    below = (path, path / NAME, path / FOLDER / NAME, path.parent / FOLDER / NAME)
    found = next((each for each in below if path.exists() and each.is_file()), None)
    if found is None:
        raise InputError(
            f"there is no journal at {path}: name a file {NAME}, its folder, a folder of runs, or "
            "a run"
        )
    return found


@contextmanager
def explained_journal(path: Path) -> Generator[None]:
    """Turn an error of SQLite into one sentence about the journal.

    Raises:
        StorageError: The block raised an error of SQLite.
    """
    with told(path, "the journal", lost(path)):
        yield


def open_journal(path: Path) -> sqlite3.Connection:
    """Open a journal to read and write; it is made, with its folder, if absent.

    One of an older version is brought up to date, in a single transaction.

    Raises:
        StorageError: The file is not a journal, is damaged, newer, or can't be opened.
    """
    with explained(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    with explained_journal(path):
        while True:
            before = identity(path)
            connection = sqlite3.connect(
                path, timeout=BUSY_S, check_same_thread=False, isolation_level=None
            )
            try:
                _version(connection)  # waits for whoever puts a compacted file in its place
                if before in (None, identity(path)):
                    _prepare(connection, path)
                    return connection
            except BaseException:
                connection.close()
                raise
            connection.close()


def identity(path: Path, end: str = "") -> tuple[int, int] | None:
    """Return which file a name (with another end) stands for, or None where there is none."""
    try:
        stat = os.stat(f"{path}{end}")
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    if _version(connection) < VERSION:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if _is_empty(connection):
                connection.execute(TABLE)
            elif _version(connection) < 1:
                raise StorageError(f"{path} is no journal of potstill; {_ELSEWHERE}")
            connection.execute(INDEX)
            connection.execute(f"PRAGMA user_version={VERSION}")
    check_version(connection, path)


def _is_empty(connection: sqlite3.Connection) -> bool:
    return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Look whether a journal can be read.

    Raises:
        StorageError: It is none, or was made by a newer potstill.
    """
    found = _version(connection)
    if found > VERSION:
        raise StorageError(
            f"the journal {path} was made by a newer potstill: its version is {found}, this one "
            f"reads {VERSION}; update potstill, or name another run directory"
        )
    if found < 1:
        raise StorageError(f"{path} is no journal of potstill; {_ELSEWHERE}")


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a journal of any version only to read, also one that lies where nothing can be written.

    Raises:
        StorageError: It is no journal, is damaged, newer, or can't be opened.
    """
    with explained_journal(path):
        connection = _connect_to_read(path)
        try:
            check_version(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _connect_to_read(path: Path) -> sqlite3.Connection:
    address = f"{path.resolve().as_uri()}?mode=ro"
    if not os.access(path.parent, os.W_OK) and identity(path, "-shm") is None:
        address += "&immutable=1"  # the file for shared memory can't be made; nobody writes
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_S, isolation_level=None)
    tolerate_damage(connection)  # first: the other reads the file
    connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    return connection


def tolerate_damage(connection: sqlite3.Connection) -> None:
    """Let what is sound be read of a damaged file, and damage be noticed where it is."""
    connection.execute("PRAGMA writable_schema=ON")  # else a file that was cut off is not opened
    connection.execute("PRAGMA cell_size_check=ON")


def replace(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Write calls in one transaction; of each key, the last one stays.

    Raises:
        sqlite3.Error: They could not be written.
    """
    latest = {row.key: row for row in rows}
    places = ",".join("?" * len(latest))
    with connection:
        # Two statements for all rows: each gives up the interpreter's lock, and waits to have it
        # again.
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"DELETE FROM calls WHERE key IN ({places})", [*latest])
        connection.execute(
            f"INSERT INTO calls VALUES {','.join(['(?,?,?,?)'] * len(latest))}",
            [cell for row in latest.values() for cell in row],
        )
