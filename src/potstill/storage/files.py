"""Files that are either whole or absent."""

import hashlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from potstill.errors import StorageError


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Turn an error of the file system into one sentence about `path`.

    Raises:
        StorageError: The block raised an OSError.
    """
    try:
        yield
    except OSError as error:
        raise StorageError(f"can't write {path}: {error.strerror or error}") from error


def partial(path: Path) -> Path:
    """Return the name under which `path` is written until it is whole."""
    return path.with_name(f".{path.name}.partial")


def publish(path: Path) -> None:
    """Give the finished partial file its name.

    The content reaches the disk before the name does, so that a crash at any instant leaves either
    the old file or the new one.

    Raises:
        StorageError: It can't be done.
    """
    with explained(path):
        _sync(partial(path))
        os.replace(partial(path), path)
        _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Write a small file whole.

    Raises:
        StorageError: The file can't be written.
    """
    with explained(path):
        partial(path).write_text(text, encoding="utf-8")
    publish(path)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
