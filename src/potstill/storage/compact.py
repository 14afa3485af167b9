"""Writing a journal anew: without free pages, damaged rows, and calls that are to be forgotten."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

from potstill.errors import InputError, StorageError
from potstill.records import ANSWERED, Record
from potstill.storage.audit import Checked, Tell, check_endings, check_rows
from potstill.storage.files import discard, explained, partial, publish
from potstill.storage.journal_file import (
    INDEX,
    TABLE,
    VERSION,
    Row,
    check_version,
    explained_journal,
    lost,
    tolerate_damage,
)

BATCH = 100
"""Rows that are held in memory at a time."""
WAIT_S = 1.0
"""Seconds to wait for the process that has the journal open, which may be about to end."""


class Compacted(Record):
    """What became of a journal."""

    kept: int
    """Calls that it has now."""
    forgotten: dict[str, int]
    """Calls that were left out as was asked for, by their ending."""
    damaged: int
    """Damaged rows that were left out."""
    bytes_before: int
    """Size of the file before."""
    bytes_after: int
    """Size of the file now."""


def compact(
    path: Path,
    *,
    forget: Collection[str] = (),
    drop_damaged: bool = False,
    tell: Tell | None = None,
) -> Compacted:
    """Write a journal anew in its place, while no other process has it open.

    What is left out is asked again by the next run that needs it. Killed at any instant, this
    leaves the old journal or the new one.

    Args:
        path: The journal.
        forget: Endings without an answer, whose calls are left out.
        drop_damaged: Leave out damaged rows; else they are an error, and nothing is changed.
        tell: Told of the progress.

    Raises:
        InputError: An ending in `forget` has answers, which are paid for, or there is none such.
        StorageError: The journal is in use, damaged, or there is no room beside it.
    """
    check_endings(forget)
    if paid := ANSWERED.intersection(forget):
        raise InputError(
            f"can't forget {', '.join(sorted(paid))}: these calls have answers, which are paid for"
        )
    before = path.stat().st_size
    _check_room(path, before)
    counts: Counter[str] = Counter()
    try:
        with explained_journal(path), _alone(path) as connection:
            rows = _chosen(check_rows(connection, tell), path, forget, counts, drop_damaged)
            kept = _write(partial(path), rows)
            with explained(path):
                shutil.copymode(path, partial(path))
            publish(path)
    finally:
        discard(path)
    damaged = counts.pop("", 0)
    return Compacted(
        kept=kept,
        forgotten=dict(sorted(counts.items())),
        damaged=damaged,
        bytes_before=before,
        bytes_after=path.stat().st_size,
    )


def _check_room(path: Path, needed: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise StorageError(
            f"compacting {path} takes up to {needed / 1e6:,.0f} MB beside it for a while, and "
            f"{free / 1e6:,.0f} MB are free; free some space there"
        )


@contextmanager
def _alone(path: Path) -> Generator[sqlite3.Connection]:
    """Open a journal that no other process has open, and keep all others from opening it."""
    connection = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
    with closing(connection):
        tolerate_damage(connection)
        check_version(connection, path)
        # Moves the log into the file and removes it: SQLite refuses that while others are there.
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        connection.execute("BEGIN EXCLUSIVE")
        yield connection


def _chosen(
    rows: Iterable[Checked],
    path: Path,
    forget: Collection[str],
    counts: Counter[str],
    drop_damaged: bool,
) -> Iterator[Row]:
    """Yield the rows that are kept; count the others by ending, the damaged ones under ''."""
    for each in rows:
        if each.row is None or each.fault:
            if not drop_damaged:
                raise StorageError(
                    f"the journal {path} is damaged at row {each.number}: {each.fault}; "
                    f"{lost(path)}"
                )
            counts[""] += 1
        elif each.row.ending in forget:
            counts[each.row.ending] += 1
        else:
            yield each.row


def _write(path: Path, rows: Iterator[Row]) -> int:
    """Write a journal; it is nobody's before it has its name, so nothing here is synced."""
    with explained(path):
        path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(TABLE)
        while batch := list(islice(rows, BATCH)):
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO calls VALUES (?, ?, ?, ?)", batch)
            connection.execute("COMMIT")
        connection.execute(INDEX)
        # Where the index was damaged, a call may have been written beside an earlier one.
        connection.execute(
            "DELETE FROM calls WHERE rowid < "
            "(SELECT max(rowid) FROM calls AS later WHERE later.key = calls.key)"
        )
        connection.execute(f"PRAGMA user_version={VERSION}")
        return connection.execute("SELECT count(*) FROM calls").fetchone()[0]
