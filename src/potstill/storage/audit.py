"""Looking into a journal without changing it: what it holds, and whether all of it is sound."""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple, get_args

from potstill.errors import InputError
from potstill.records import ANSWERED, Ending, Record
from potstill.storage.journal_file import Row, explained_journal, open_to_read
from potstill.storage.values import DamagedValueError, Entry, decode

TELL_EACH = 100
"""Rows between two notes of progress."""
COMPLAINTS = 100
"""Most lines that SQLite is asked for of what ails a file."""

LEAST_BYTES = 64
"""No row takes less: a bound of what a damaged number of a row may be."""
ENDINGS: tuple[Ending, ...] = get_args(Ending)
"""Every way in which a call can end."""

Tell = Callable[[int, int], None]
"""Is told, now and then, how many rows were looked at, and the number of the last one."""


class Checked(NamedTuple):
    """A row of a journal, after a look at it."""

    number: int
    """SQLite's number of the row; 0 where it is not known."""
    row: Row | None
    """The row as it lies there; None where it can't be read."""
    entry: Entry | None
    """The call that it holds; None where the row is damaged."""
    fault: str = ""
    """What is wrong with it, as a part of a sentence; empty where it is sound."""

    @property
    def key(self) -> str:
        """The key that the row has, as far as it can be read."""
        return "" if self.row is None else str(self.row.key)


class Group(Record):
    """The calls of one model that ended in one way."""

    model: str
    """Name of the model."""
    ending: str
    """How they ended."""
    calls: int = 0
    """How many there are."""
    attempts: int = 0
    """Requests that were sent for them."""
    prompt_tokens: int = 0
    """Of all attempts, as far as they are known."""
    cached_tokens: int = 0
    """Those of the prompts that an endpoint had in its cache."""
    completion_tokens: int = 0
    """Of all attempts, as far as they are known."""
    reasoning_tokens: int = 0
    """Those of the completions that are thinking."""


class Contents(Record):
    """What a journal holds."""

    path: str
    """The file."""
    calls: int
    """How many calls can be read."""
    answered: int
    """Those of them with an answer."""
    damaged: int
    """Rows that can't be read; `potstill journal verify` names them."""
    groups: tuple[Group, ...]
    """The calls by model and ending."""
    oldest: str | None
    """When the first of their requests was sent: ISO 8601, UTC."""
    newest: str | None
    """When the last one was."""
    file_bytes: int
    """Size of the file."""
    free_bytes: int
    """How much of that is free for calls to come; `potstill journal compact` gives it back."""
    log_bytes: int
    """Size of the log beside it (`-wal`), which the next commits move into the file."""


def check_endings(names: Collection[str]) -> None:
    """Look whether calls can end so.

    Raises:
        InputError: They can't.
    """
    for name in names:
        if name not in ENDINGS:
            raise InputError(f"no call ends in {name!r}: the endings are {', '.join(ENDINGS)}")


def checked(path: Path, tell: Tell | None = None) -> Iterator[Checked]:
    """Yield every row of a journal, sound or damaged; damage to one does not hide the next.

    Raises:
        StorageError: The file is no journal, or none of it can be read.
    """
    with explained_journal(path), closing(open_to_read(path)) as connection:
        yield from check_rows(connection, tell)


def check_rows(connection: sqlite3.Connection, tell: Tell | None = None) -> Iterator[Checked]:
    """Yield every row of an open journal, as `checked` does."""
    last = _last(connection)
    for done, (number, row) in enumerate(_rows(connection, last)):
        yield _check(number, row)
        if tell is not None and done % TELL_EACH == 0:
            tell(done, last)


def _last(connection: sqlite3.Connection) -> int:
    """Return the highest number of a row, by the index as far as it goes if not by the table."""
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    most = pages * connection.execute("PRAGMA page_size").fetchone()[0] // LEAST_BYTES
    last = 0
    with suppress(sqlite3.DatabaseError):
        last = connection.execute("SELECT max(rowid) FROM calls").fetchone()[0] or 0
        if last <= most:
            return last
    last = 0
    with suppress(sqlite3.DatabaseError):
        for _, number in connection.execute("SELECT key, rowid FROM calls"):
            last = max(last, number if number <= most else 0)
    return last


_SELECT = "SELECT rowid, key, model, ending, value FROM calls WHERE rowid"


def _rows(connection: sqlite3.Connection, last: int) -> Iterator[tuple[int, Row | None]]:
    """Yield each row with its number; None where SQLite can't read it."""
    done = 0
    while True:
        try:
            for number, *cells in connection.execute(f"{_SELECT} > ?", (done,)):
                done = number if done < number <= last else done + 1  # it may be damaged itself
                yield number, Row(*cells)
            return
        except sqlite3.DatabaseError:
            if done >= last:
                return
        done += 1
        yield from _row(connection, done)


def _row(connection: sqlite3.Connection, number: int) -> Iterator[tuple[int, Row | None]]:
    try:
        found = connection.execute(f"{_SELECT} = ?", (number,)).fetchone()
    except sqlite3.DatabaseError:
        yield number, None
    else:
        if found is not None:
            yield number, Row(*found[1:])


def _check(number: int, row: Row | None) -> Checked:
    if row is None:
        return Checked(number, None, None, "SQLite can't read it")
    try:
        entry = decode(row.value)
    except DamagedValueError:
        return Checked(number, row, None, "its value is not as it was written")
    if entry.key != row.key:
        return Checked(number, row, None, f"its value is that of call {entry.key}")
    if (entry.model, entry.ending) != (row.model, row.ending):
        return Checked(number, row, None, "its value is of another model or ending")
    return Checked(number, row, entry)


def complaints(path: Path) -> Iterator[str]:
    """Yield what SQLite finds wrong with a journal's pages and index, a line for each.

    Raises:
        StorageError: The file is no journal, or can't be opened.
    """
    with closing(open_to_read(path)) as connection:
        try:
            for (line,) in connection.execute(f"PRAGMA integrity_check({COMPLAINTS})"):
                if line != "ok":
                    yield from line.splitlines()
            twice = "SELECT key, count(*) FROM calls GROUP BY key HAVING count(*) > 1"
            for key, times in connection.execute(twice):
                yield f"call {key} is there {times} times"
        except sqlite3.DatabaseError as error:
            yield str(error)


def contents(path: Path, tell: Tell | None = None) -> Contents:
    """Return what a journal holds; every value is read.

    Raises:
        StorageError: The file is no journal, or none of it can be read.
    """
    tally = _Tally()
    with explained_journal(path), closing(open_to_read(path)) as connection:
        for each in check_rows(connection, tell):
            tally.take(each)
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
        page = connection.execute("PRAGMA page_size").fetchone()[0]
    groups = tally.groups()
    return Contents(
        path=os.fspath(path),
        calls=sum(group.calls for group in groups),
        answered=sum(group.calls for group in groups if group.ending in ANSWERED),
        damaged=tally.damaged,
        groups=groups,
        oldest=tally.oldest,
        newest=tally.newest,
        file_bytes=path.stat().st_size,
        free_bytes=free * page,
        log_bytes=_size(Path(f"{path}-wal")),
    )


class _Tally:
    """Adds up calls."""

    def __init__(self) -> None:
        self.damaged = 0
        self.oldest: str | None = None
        self.newest: str | None = None
        self._groups: dict[tuple[str, str], Counter[str]] = {}

    def take(self, checked: Checked) -> None:
        entry = checked.entry
        if entry is None:
            self.damaged += 1
            return
        counts = self._groups.setdefault((entry.model, entry.ending), Counter())
        counts["calls"] += 1
        for attempt in entry.attempts:
            self.oldest = min(self.oldest or attempt.at, attempt.at)
            self.newest = max(self.newest or attempt.at, attempt.at)
            counts["attempts"] += 1
            counts["prompt_tokens"] += attempt.prompt_tokens or 0
            counts["cached_tokens"] += attempt.cached_tokens or 0
            counts["completion_tokens"] += attempt.completion_tokens or 0
            counts["reasoning_tokens"] += attempt.reasoning_tokens or 0

    def groups(self) -> tuple[Group, ...]:
        found = sorted(self._groups.items())
        return tuple(Group(model=model, ending=end, **counts) for (model, end), counts in found)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
