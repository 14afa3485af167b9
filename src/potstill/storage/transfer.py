"""Calls out of a journal as rows of JSON, and the calls of another journal into one."""

import json
import math
from collections.abc import Collection
from contextlib import closing
from itertools import islice
from pathlib import Path

from pydantic import JsonValue

from potstill.errors import InputError
from potstill.records import ANSWERED, Record
from potstill.storage.audit import Tell, check_endings, checked
from potstill.storage.journal import Journal
from potstill.storage.journal_file import explained_journal, open_journal, replace
from potstill.storage.rows import RowWriter
from potstill.storage.values import Entry

BATCH = 100
"""Calls that are written in one commit."""


class Exported(Record):
    """What was written of a journal."""

    calls: int
    """Calls that were written."""
    damaged: int
    """Damaged rows, which were not."""


class Merged(Record):
    """What a journal has got from another one."""

    added: int
    """Calls that it did not have, or without an answer."""
    known: int
    """Calls that it had."""
    damaged: int
    """Damaged rows of the other one, which were left there."""


def export(
    path: Path,
    out: Path,
    *,
    models: Collection[str] = (),
    endings: Collection[str] = (),
    tell: Tell | None = None,
) -> Exported:
    """Write the calls of a journal as rows, one by one, in the order in which they came.

    A row has `key`, `model`, `ending`, `request`, `reply` and `attempts`. In a `.parquet` file,
    `request` and `reply` are JSON texts, since their shapes differ.

    Args:
        path: The journal.
        out: A file that ends in .jsonl, .jsonl.zst, .json or .parquet.
        models: Only calls of these models; of all if empty.
        endings: Only calls that ended so; all if empty.
        tell: Told of the progress.

    Raises:
        InputError: `out` is of no known format, its folder is missing, or there is no such ending.
        StorageError: The journal can't be read, or the file can't be written.
    """
    check_endings(endings)
    calls = damaged = 0
    writer = RowWriter(out)
    try:
        for each in checked(path, tell):
            entry = each.entry
            if entry is None:
                damaged += 1
            elif entry.model in (models or {entry.model}) and (
                entry.ending in (endings or {entry.ending})
            ):
                writer.write(_row(entry, texts=out.suffix == ".parquet"))
                calls += 1
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return Exported(calls=calls, damaged=damaged)


def _row(entry: Entry, *, texts: bool) -> dict[str, JsonValue]:
    bodies = {"request": entry.request, "reply": entry.reply}
    return {
        "key": entry.key,
        "model": entry.model,
        "ending": entry.ending,
        **{name: _encodable(body if texts else _parse(body)) for name, body in bodies.items()},
        "attempts": [_encodable(attempt.model_dump()) for attempt in entry.attempts],
    }


def _parse(body: str) -> JsonValue:
    """Return what a body holds; null where there is none, its text where it is no JSON."""
    try:
        return json.loads(body, parse_constant=lambda _: None, parse_float=_finite)
    except (ValueError, RecursionError):
        return body or None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _encodable(value: JsonValue) -> JsonValue:
    """Return a value in which no half of a surrogate pair is left: UTF-8 has no bytes for it."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case list():
            return [_encodable(each) for each in value]
        case dict():
            return {str(_encodable(name)): _encodable(each) for name, each in value.items()}
        case _:
            return value


def merge(other: Path, path: Path, tell: Tell | None = None) -> Merged:
    """Add the calls of another journal to this one; other processes may use both meanwhile.

    A call that both have stays as it is here, unless only the other one has an answer.

    Raises:
        InputError: Both are the same file.
        StorageError: One of them can't be read, or this one not be written.
    """
    if path.exists() and other.samefile(path):
        raise InputError(f"{other} and {path} are the same journal")
    added = known = damaged = 0
    rows = checked(other, tell)
    with Journal(path) as journal, closing(open_journal(path)) as connection:
        while batch := list(islice(rows, BATCH)):
            sound = [each.row for each in batch if each.row is not None and each.entry is not None]
            there = journal.endings([row.key for row in sound])
            wanted = [row for row in sound if _adds(row.ending, there.get(row.key))]
            if wanted:
                with explained_journal(path):
                    replace(connection, wanted)
            added += len(wanted)
            known += len(sound) - len(wanted)
            damaged += len(batch) - len(sound)
    return Merged(added=added, known=known, damaged=damaged)


def _adds(ending: str, there: str | None) -> bool:
    return there is None or (ending in ANSWERED and there not in ANSWERED)
