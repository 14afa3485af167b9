"""The vectors that an endpoint was paid for, by their texts, so that no text is paid for twice.

It is no part of the journal of model calls: that keeps whole replies, one for each sample of a
call, and is read by its rows; vectors are looked up by the hundred thousand, and one text has the
same one in every recipe. It has no claims, either: two runs that need the same new texts at the
same moment both ask for them.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from potstill.records import to_json
from potstill.storage.sqlite import connect, told

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PLACE = "POTSTILL_EMBEDDINGS"
"""The variable that names the file."""
_DEFAULT = Path("~/.cache/potstill/embeddings.sqlite3")
_SCHEMA = "CREATE TABLE vectors (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
_VERSION = 1
_LOOK_UP = 10_000
_WHAT = "the cache of embeddings"
_LOST = "remove it with the files beside it; what it held is asked for again"


def path() -> Path:
    """Return the file, which need not exist."""
    return Path(os.environ.get(PLACE) or _DEFAULT).expanduser().absolute()


def key_of(model: str, dimensions: int | None, text: str) -> bytes:
    """Return 16 bytes that stand for a model's vector of a text, wherever the model is served."""
    return blake2b(to_json([model, dimensions, text]).encode("ascii"), digest_size=16).digest()


class Cache:
    """Vectors by key, 4 bytes a number; what `put` has returned from survives kill -9."""

    def __init__(self, connection: sqlite3.Connection, file: Path) -> None:
        """Use an open file."""
        self._connection, self._file = connection, file

    def get(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Return the vectors that are there.

        Raises:
            StorageError: The file is damaged.
        """
        import numpy as np

        found: dict[bytes, NDArray[np.float32]] = {}
        for start in range(0, len(keys), _LOOK_UP):
            some = keys[start : start + _LOOK_UP]
            places = ",".join("?" * len(some))
            select = f"SELECT key, value FROM vectors WHERE key IN ({places})"
            with told(self._file, _WHAT, _LOST):
                for key, value in self._connection.execute(select, some):
                    found[key] = np.frombuffer(value, dtype="<f4")
        return found

    def put(self, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Write vectors; returns when they are committed.

        Raises:
            StorageError: They can't be written.
        """
        rows = [(key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()]
        with told(self._file, _WHAT, _LOST):
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
            self._connection.execute("COMMIT")


@contextmanager
def opened() -> Generator[Cache]:
    """Open the cache, which is made if it is absent.

    Raises:
        StorageError: It can't be opened, or is damaged.
    """
    file = path()
    with told(file, _WHAT, _LOST):
        connection = connect(file, _SCHEMA, _VERSION, _WHAT)
    try:
        yield Cache(connection, file)
    finally:
        connection.close()
