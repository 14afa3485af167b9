"""Files that are either whole or absent."""

import errno
import hashlib
import os
import platform
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from potstill.errors import StorageError

_HOST = platform.node().replace(".", "-")

AGAIN = "and the same command continues"
"""How every sentence ends that tells what to do about a fault of the storage."""

_REMEDIES = {
    errno.ENOSPC: "free some space there",
    errno.EDQUOT: "free some space there, or have the quota raised",
    errno.EFBIG: "raise the limit on the size of files (ulimit -f)",
    errno.EROFS: "make it writable",
    errno.EACCES: "give yourself the right to write there",
    errno.EPERM: "give yourself the right to write there",
    errno.ENOENT: "it was removed or moved away: put it back, or do without it",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def reason(error: OSError) -> str:
    """Return why the file system refused, and what to do about it, as a part of a sentence."""
    said = os.strerror(error.errno) if error.errno else str(error)  # pyarrow's texts are longer
    return f"{said}; {_REMEDIES.get(error.errno or 0, 'mend that')}, {AGAIN}"


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Turn an error of the file system into one sentence about `path`.

    Raises:
        StorageError: The block raised an OSError.
    """
    try:
        yield
    except OSError as error:
        raise StorageError(f"can't write {path}: {reason(error)}") from error


def remedy(folder: Path) -> str:
    """Return how to go on where a file in a stage's folder is damaged, as a part of a sentence."""
    stage = folder.name.partition("-")[2]
    return f"`potstill run RECIPE --from {stage}` makes it anew, as does deleting {folder}"


def partial(path: Path) -> Path:
    """Return the name under which this process writes `path` until it is whole.

    A process of a killed run, or on a machine that counts as lost, may still write the same path:
    each has a name of its own.
    """
    return path.with_name(f".{path.name}.{os.getpid()}@{_HOST}.partial")


def partials(path: Path) -> list[Path]:
    """Return the partial files of `path` that there are, whichever process wrote them."""
    begin, end = f".{path.name}.", ".partial"
    return [
        path.with_name(name)
        for name in os.listdir(path.parent)
        if name.startswith(begin) and name.endswith(end) and "." not in name[len(begin) : -len(end)]
    ]


def discard(path: Path) -> None:
    """Remove this process's partial file of `path`, as far as that can be done."""
    with suppress(OSError):
        partial(path).unlink(missing_ok=True)


def publish(path: Path) -> None:
    """Give the finished partial file its name.

    The content reaches the disk before the name does, so that a crash at any instant leaves either
    the old file or the new one. What other processes left half-written of it is then removed.

    Raises:
        StorageError: It can't be done.
    """
    with explained(path):
        _sync(partial(path))
        os.replace(partial(path), path)
        _sync(path.parent)
    sweep(path)


def sweep(path: Path) -> None:
    """Remove all partial files of `path`, as far as that can be done: they are nobody's result."""
    with suppress(OSError):
        for each in partials(path):
            each.unlink(missing_ok=True)


def sweep_folder(folder: Path) -> None:
    """Remove all partial files in a folder and below it, once nobody writes there."""
    with suppress(OSError):
        for each in folder.rglob(".*.partial"):
            each.unlink(missing_ok=True)


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
    write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file that is in memory whole.

    Raises:
        StorageError: The file can't be written.
    """
    try:
        with explained(path):
            partial(path).write_bytes(data)
        publish(path)
    finally:
        discard(path)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
