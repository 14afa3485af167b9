"""The ledger of submitted batches: which batch at which endpoint holds which calls.

A call is in at most one open batch, whoever submitted it, so that no two runs pay for it. A batch
is written down with its calls before anything is sent: where a run is killed between sending it
and writing that down, the batch stays `intended`, and the next run asks the endpoint whether it is
there. A call leaves the ledger when its answer is in the journal.
"""

import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import zstandard
from filelock import FileLock, Timeout

from potstill.errors import StorageError
from potstill.records import Reasoning
from potstill.storage.files import reason
from potstill.storage.sqlite import connect, told

VERSION = 1
"""Version of the ledger's tables; `PRAGMA user_version` holds it."""
FILE = "batches.sqlite3"
"""Name of the ledger, beside the journal."""

State = Literal["intended", "submitted", "missing", "closed"]
"""`intended`: about to be submitted; `missing`: the endpoint did not know it, which somebody was
told; `closed`: nothing of it is awaited any more."""

SCHEMA = """
CREATE TABLE batches (
    number   INTEGER PRIMARY KEY,
    tag      TEXT NOT NULL UNIQUE,
    endpoint TEXT NOT NULL,
    model    TEXT NOT NULL,
    run      TEXT NOT NULL,
    prompt   INTEGER NOT NULL,
    answer   INTEGER NOT NULL,
    at       TEXT NOT NULL,
    state    TEXT NOT NULL,
    file     TEXT NOT NULL,
    id       TEXT NOT NULL
);
CREATE TABLE calls (
    key       TEXT PRIMARY KEY,
    batch     INTEGER NOT NULL REFERENCES batches (number),
    reasoning TEXT NOT NULL,
    opened    INTEGER NOT NULL,
    body      BLOB NOT NULL
);
CREATE INDEX calls_of_batch ON calls (batch)
"""

_WHAT = "the ledger of batches"
_LOST = (
    "put a copy of it back, or move it and the files beside it away: what is in open batches is "
    "then asked, and paid, again"
)
_NUMBER = "SELECT number FROM batches WHERE tag = ?"
_COLUMNS = "tag, endpoint, model, run, prompt, answer, at, state, file, id"


class HeldCall(NamedTuple):
    """A call as a batch holds it."""

    key: str
    """Its key in the journal, which is its `custom_id` in the batch."""
    reasoning: Reasoning
    """How the teacher was asked to think: its reply is read by that."""
    opened: bool
    """Whether the request itself opened the thinking."""
    body: str
    """The request's body as sent: JSON."""


class Batch(NamedTuple):
    """A batch as this side knows it."""

    tag: str
    """Its name here; it stands in the batch's metadata at the endpoint."""
    endpoint: str
    """Address of the endpoint."""
    model: str
    """Who is asked."""
    run: str
    """The run that pays for it."""
    prompt: int
    """Most tokens that its prompts can have."""
    answer: int
    """Most tokens that its answers can have."""
    at: str = ""
    """When it was intended: ISO 8601, UTC."""
    state: State = "intended"
    """How far it is."""
    file: str = ""
    """The endpoint's id of the uploaded requests; empty until they are uploaded."""
    id: str = ""
    """The endpoint's id of the batch; empty until that is known."""


class BatchLedger:
    """The batches of every run that shares a journal. Its methods may be called from any thread."""

    def __init__(self, path: Path) -> None:
        """Open the ledger at `path`, a file that is made with its folder if absent.

        Raises:
            StorageError: The file is no ledger, is damaged, or can't be opened.
        """
        self.path = path
        self._writing = threading.Lock()
        with self._told():
            self._reader = connect(path, SCHEMA, VERSION, _WHAT)
            self._writer = connect(path, SCHEMA, VERSION, _WHAT)

    def holder(self, key: str) -> str | None:
        """Return the tag of the open batch that holds a call, or None where none does."""
        found = self._read(
            "SELECT tag FROM calls JOIN batches ON batch = number WHERE key = ?", (key,)
        )
        return found[0][0] if found else None

    def batch(self, tag: str) -> Batch | None:
        """Return a batch, or None where there is none of this tag (any more)."""
        found = self._read(f"SELECT {_COLUMNS} FROM batches WHERE tag = ?", (tag,))
        return Batch(*found[0]) if found else None

    def open_batches(self, model: str) -> list[Batch]:
        """Return the batches of a model of which something is awaited, oldest first."""
        rows = self._read(
            f"SELECT {_COLUMNS} FROM batches WHERE model = ? AND state != 'closed'", (model,)
        )
        return [Batch(*row) for row in rows]

    def call(self, tag: str, key: str) -> HeldCall | None:
        """Return a call that a batch holds, or None where it does not (any more)."""
        found = self._read(
            "SELECT key, reasoning, opened, body FROM calls JOIN batches ON batch = number "
            "WHERE key = ? AND tag = ?",
            (key, tag),
        )
        return self._call(found[0]) if found else None

    def held(self, model: str) -> int:
        """Return how many calls to a model the open batches hold."""
        return self._read(
            "SELECT count(*) FROM calls JOIN batches ON batch = number WHERE model = ?", (model,)
        )[0][0]

    def size(self, tag: str) -> int:
        """Return how many calls a batch still holds."""
        return self._read(f"SELECT count(*) FROM calls WHERE batch = ({_NUMBER})", (tag,))[0][0]

    def calls(self, tag: str, at_a_time: int = 256) -> Iterator[HeldCall]:
        """Yield what a batch holds, in the order in which it was intended.

        What leaves the batch meanwhile, or was read `at_a_time`, may still be yielded.
        """
        last = 0
        while rows := self._read(
            "SELECT key, reasoning, opened, body, rowid FROM calls "
            f"WHERE batch = ({_NUMBER}) AND rowid > ? ORDER BY rowid LIMIT ?",
            (tag, last, at_a_time),
        ):
            last = rows[-1][4]
            yield from map(self._call, rows)

    def _call(self, row: Sequence[Any]) -> HeldCall:
        key, reasoning, opened, body = row[:4]
        try:
            return HeldCall(key, reasoning, bool(opened), zstandard.decompress(body).decode())
        except (zstandard.ZstdError, UnicodeDecodeError) as error:
            raise StorageError(f"{_WHAT} {self.path} is damaged at call {key}: {_LOST}") from error

    def intend(self, batch: Batch, calls: Iterable[HeldCall]) -> None:
        """Write a batch down that is about to be submitted.

        A call that an open batch holds already is left out.
        """
        at = datetime.now(UTC).isoformat(timespec="seconds")
        compress = zstandard.ZstdCompressor(level=3, write_checksum=True).compress
        with self._change() as change:
            number = change(
                f"INSERT INTO batches ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                batch._replace(at=at, state="intended"),
            ).lastrowid
            for key, reasoning, opened, body in calls:
                change(
                    "INSERT OR IGNORE INTO calls VALUES (?, ?, ?, ?, ?)",
                    (key, number, reasoning, opened, compress(body.encode())),
                )

    def uploaded(self, tag: str, file: str) -> None:
        """Note the endpoint's id of the requests, before the batch is made of them."""
        with self._change() as change:
            change("UPDATE batches SET file = ? WHERE tag = ?", (file, tag))

    def submitted(self, tag: str, batch: str) -> None:
        """Note that the endpoint has the batch."""
        with self._change() as change:
            change("UPDATE batches SET state = 'submitted', id = ? WHERE tag = ?", (batch, tag))

    def missing(self, tag: str) -> None:
        """Note that the endpoint does not know the batch."""
        with self._change() as change:
            change("UPDATE batches SET state = 'missing' WHERE tag = ?", (tag,))

    def renew(self, tag: str, new: str) -> None:
        """Intend a batch again, under a new tag: the endpoint has not begun with it."""
        with self._change() as change:
            change(
                "UPDATE batches SET tag = ?, state = 'intended', file = '', id = '' WHERE tag = ?",
                (new, tag),
            )

    def done(self, tag: str, keys: Iterable[str]) -> None:
        """Let go of calls whose answers, or other ends, are in the journal."""
        with self._change() as change:
            for key in keys:
                change(f"DELETE FROM calls WHERE key = ? AND batch = ({_NUMBER})", (key, tag))

    def close_batch(self, tag: str) -> None:
        """Note that nothing more comes of a batch: what it still holds may be asked again."""
        with self._change() as change:
            change(f"DELETE FROM calls WHERE batch = ({_NUMBER})", (tag,))
            change("UPDATE batches SET state = 'closed' WHERE tag = ?", (tag,))

    def try_lock(self) -> FileLock | None:
        """Take the lock under which batches are submitted, or return None while another has it.

        Whoever has it knows that a batch that is still `intended` was given up by its submitter.
        """
        lock = FileLock(self.path.with_suffix(".lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
        except OSError as error:
            raise StorageError(f"can't write {self.path.parent}: {reason(error)}") from error
        return lock

    def _read(self, statement: str, values: tuple[str | int, ...]) -> list[Any]:
        with self._told():
            return self._reader.execute(statement, values).fetchall()

    @contextmanager
    def _change(self) -> Generator[Callable[..., sqlite3.Cursor]]:
        """Change the ledger as a whole or not at all; the commit has reached the disk."""
        with self._writing, self._told():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer.execute
                self._writer.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
                raise

    def _told(self) -> AbstractContextManager[None]:
        return told(self.path, _WHAT, _LOST)

    def close(self) -> None:
        """Close the file."""
        for connection in (self._writer, self._reader):
            with suppress(sqlite3.Error):  # every commit that was to be done is
                connection.close()

    def __enter__(self) -> Self:
        """Return the open ledger."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()
