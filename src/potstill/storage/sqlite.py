"""SQLite files that survive kill -9 and a power cut, and say in one sentence what ails them."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from potstill.errors import StorageError
from potstill.storage.files import AGAIN, explained

BUSY_S = 60.0
"""Seconds to wait for another process's commit before giving up."""

_REMEDIES = {
    sqlite3.SQLITE_FULL: f"free some space there, {AGAIN}",
    sqlite3.SQLITE_IOERR: f"see to the disk, or to the limit on the size of files, {AGAIN}",
    sqlite3.SQLITE_READONLY: f"make it and its folder writable, {AGAIN}",
    sqlite3.SQLITE_CANTOPEN: f"make it and its folder writable, {AGAIN}",
    sqlite3.SQLITE_BUSY: f"another program holds it: end that, {AGAIN}",
}


@contextmanager
def told(path: Path, what: str, lost: str) -> Generator[None]:
    """Turn an error of SQLite into one sentence.

    Args:
        path: The file.
        what: What it is, such as `the journal`.
        lost: What to do where it is damaged, as the end of a sentence.

    Raises:
        StorageError: The block raised an error of SQLite.
    """
    try:
        yield
    except sqlite3.Error as error:
        # Only the lowest byte tells the kind; the others tell where it happened.
        kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            remedy = lost
        else:
            remedy = _REMEDIES.get(kind, f"mend that, {AGAIN}")
        raise StorageError(f"{what} {path} can't be used: {error}; {remedy}") from error


def connect(path: Path, schema: str, version: int, what: str) -> sqlite3.Connection:
    """Open a file, or make it with its folder, its tables and their version, or none of them.

    Raises:
        StorageError: The folder can't be made, or the file is of another version.
        sqlite3.Error: It can't be opened or is damaged; see `told`.
    """
    with explained(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=BUSY_S, check_same_thread=False, isolation_level=None
    )
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        if _is_empty(connection):
            connection.execute("BEGIN IMMEDIATE")
            if _is_empty(connection):  # nobody else was faster
                for statement in filter(str.strip, schema.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={version}")
            connection.execute("COMMIT")
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found != version:
            raise StorageError(
                f"{what} {path} is of version {found}, this potstill reads {version}: use the "
                "potstill that made it, or move it away"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def _is_empty(connection: sqlite3.Connection) -> bool:
    return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
