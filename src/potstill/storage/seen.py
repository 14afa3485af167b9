"""Which keys have come already, without holding them in memory."""

import sqlite3
from typing import Self


class Seen:
    """A set of keys in a temporary file, which SQLite makes once they fill its cache."""

    def __init__(self) -> None:
        """Begin with none."""
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("CREATE TABLE keys (key TEXT PRIMARY KEY) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def add(self, key: str) -> bool:
        """Add a key, and return whether it is new."""
        return self._db.execute("INSERT OR IGNORE INTO keys VALUES (?)", (key,)).rowcount == 1

    def __enter__(self) -> Self:
        """Return the set."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the file."""
        self._db.close()
