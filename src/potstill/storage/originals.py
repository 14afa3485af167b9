"""Prompts of other data sets, by set and key, in one SQLite file that many processes read."""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from potstill.errors import StorageError
from potstill.storage.files import explained

_MAKE = "CREATE TABLE prompts (dataset TEXT, key TEXT, prompt TEXT, PRIMARY KEY (dataset, key))"
_PUT = "INSERT OR IGNORE INTO prompts VALUES (?, ?, ?)"
_GET = "SELECT prompt FROM prompts WHERE dataset = ? AND key = ?"


class Entry(NamedTuple):
    """One prompt."""

    dataset: str
    """The set that it stands in."""
    key: str
    """How others name its row there."""
    prompt: str
    """The prompt."""


@dataclass(frozen=True)
class Prompts:
    """The prompts in a file. It can be pickled: each process opens the file when it needs it."""

    path: Path
    """The file, as `write_prompts` made it."""
    sets: frozenset[str]
    """Names of the sets in it."""

    def __call__(self, dataset: str, key: str, /) -> str | None:
        """Return a prompt, or None where the file has none with this key.

        Raises:
            StorageError: The file can't be read.
        """
        try:
            found = _opened(self.path, os.getpid()).execute(_GET, (dataset, key)).fetchone()
        except sqlite3.Error as error:
            raise StorageError(f"{self.path} can't be read: {error}; delete it") from error
        return found[0] if found else None


def write_prompts(path: Path, entries: Iterable[Entry]) -> None:
    """Write a file of prompts, whole; of two with one key the first one stays.

    Memory does not grow with them.

    Raises:
        StorageError: The file can't be written.
    """
    # Another process may write an equal file at the same time, under a name of its own.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.unlink(missing_ok=True)
        _fill(unfinished, path, entries)
        with explained(path):
            os.replace(unfinished, path)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _fill(file: Path, path: Path, entries: Iterable[Entry]) -> None:
    try:
        connection = sqlite3.connect(file, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute(_MAKE)
            connection.execute("BEGIN")
            connection.executemany(_PUT, entries)
            connection.execute("COMMIT")  # with `synchronous` as it is: the file is on the disk
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StorageError(f"can't write {path}: {error}") from error


@cache
def _opened(path: Path, process: int) -> sqlite3.Connection:
    """Open a file once in each process: a connection is not for the children of a fork."""
    # The file never changes, so that nobody needs to lock it.
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, check_same_thread=False)
