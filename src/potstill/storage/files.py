"""Files that are either whole or absent."""

import hashlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from potstill.errors import StorageError


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Yield a temporary path beside `path`, which takes its place once the block has ended well.

    The content reaches the disk before the name does, so that a crash at any instant leaves either
    the old file or the new one.

    Raises:
        StorageError: The file can't be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        _sync(partial)
        os.replace(partial, path)
        _sync(path.parent)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StorageError(f"can't write {path}: {error.strerror or error}") from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


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
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
