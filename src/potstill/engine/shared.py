"""What all processes of a stage need, handed to each of them once."""

from __future__ import annotations

import pickle
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar, cast

from potstill.storage.files import explained, write_bytes

T = TypeVar("T")


class Shared(NamedTuple, Generic[T]):
    """A thing in a file, which every process reads once; it is small when pickled itself."""

    path: Path
    """A pickle of it."""
    stamp: str
    """A hash of that: a process may live longer than one stage."""

    def get(self) -> T:
        """Return the thing."""
        return cast(T, _load(self.path, self.stamp))


def share(thing: T, path: Path) -> Shared[T] | None:
    """Write a thing to a file for other processes, or return None where it can't be pickled.

    Raises:
        StorageError: The file can't be written.
    """
    try:
        data = pickle.dumps(thing)
    except (pickle.PicklingError, AttributeError, TypeError):  # as a function of a user's file
        return None
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, data)
    return Shared(path, blake2b(data).hexdigest())


@lru_cache(maxsize=1)
def _load(path: Path, stamp: str) -> object:
    return pickle.loads(path.read_bytes())
