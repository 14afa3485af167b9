"""Which shards of a stage are done, so that a stage that was killed goes on at the next one."""

import os
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from potstill.books import Account
from potstill.records import Record
from potstill.storage.files import explained, write_text
from potstill.storage.parts import Part

LOG = "shards.jsonl"
"""File in a stage's folder that is there until the stage is complete."""


class ShardDone(Record):
    """What a stage made of one shard."""

    number: int
    """Which shard, counted from 0."""
    parts: tuple[Part, ...]
    """The rows that it kept."""
    dropped: tuple[Part, ...]
    """The rows that it dropped."""
    accounts: tuple[Account, ...]
    """Its books, which balance."""
    totals: dict[str, int] = {}
    """What else it counted."""


class _Head(Record):
    identity: str
    """Hash of all that the shards' results depend on."""


def is_begun(folder: Path, identity: str) -> bool:
    """Return whether what lies in a stage's folder is the beginning of this very work.

    Args:
        folder: The stage's folder.
        identity: Hash of all that the shards' results depend on.
    """
    try:
        with (folder / LOG).open("rb") as file:
            return _Head.model_validate_json(file.readline()).identity == identity
    except (OSError, ValidationError):
        return False


def read_done(folder: Path, identity: str) -> list[ShardDone]:
    """Return the shards that are done, in their order; none where the log is of something else.

    A line that was cut ends the list. A shard counts only while all before it do, and its files
    are there.

    Args:
        folder: The stage's folder.
        identity: Hash of all that the shards' results depend on.
    """
    if not is_begun(folder, identity):
        return []
    _, *lines = (folder / LOG).read_bytes().split(b"\n")
    found: list[ShardDone] = []
    for line in lines[:-1]:
        try:
            done = ShardDone.model_validate_json(line)
        except ValidationError:
            break
        files = (folder / part.name for part in (*done.parts, *done.dropped))
        if done.number != len(found) or not all(file.is_file() for file in files):
            break
        found.append(done)
    return found


def begin(folder: Path, identity: str) -> None:
    """Say what is being made in a stage's folder, unless that stands there already.

    Raises:
        StorageError: It can't be written.
    """
    if not is_begun(folder, identity):
        write_text(folder / LOG, _lines(_Head(identity=identity)))


class ShardLog:
    """The log of one stage, written as shards are done."""

    def __init__(self, folder: Path, identity: str, done: list[ShardDone]) -> None:
        """Begin the log with the shards that are done already.

        Raises:
            StorageError: It can't be written.
        """
        self._path = folder / LOG
        write_text(self._path, _lines(_Head(identity=identity), *done))
        with explained(self._path):
            self._file = self._path.open("ab")

    def add(self, done: ShardDone) -> None:
        """Note a shard whose files are written; it is on disk when this returns.

        Raises:
            StorageError: It can't be written.
        """
        with explained(self._path):
            self._file.write(_lines(done).encode())
            self._file.flush()
            os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        """Return the log itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()


def _lines(*records: Record) -> str:
    return "".join(f"{record.model_dump_json()}\n" for record in records)
