"""One process works in a run directory, for as long as the directory is there."""

import os
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from potstill.errors import RunError, StorageError
from potstill.report.status import LOCK
from potstill.storage.files import AGAIN, reason


class RunLock:
    """The lock of a run directory: the system frees it when its process ends, however it ends."""

    def __init__(self, directory: Path) -> None:
        """Name the directory; it is not locked yet."""
        self._directory = directory
        # Whoever looks at the run's status holds the lock for an instant.
        self._lock = FileLock(directory / LOCK, timeout=1)

    def __enter__(self) -> Self:
        """Lock the directory.

        Raises:
            RunError: Another process works there.
            StorageError: The lock can't be written.
        """
        try:
            self._lock.acquire()
            self._file = self._identity()
        except Timeout:
            raise RunError(
                f"another process is running in {self._directory}; wait for it, or stop it first"
            ) from None
        except OSError as error:
            raise StorageError(f"can't write {self._directory}: {reason(error)}") from error
        return self

    def __exit__(self, *_: object) -> None:
        """Free it."""
        self._lock.release()

    def check(self) -> None:
        """Look whether the directory is still there, and not another's by now.

        Raises:
            StorageError: It was removed, moved or replaced.
        """
        try:
            if self._identity() == self._file:
                return
        except OSError:
            pass
        raise StorageError(
            f"{self._directory} was removed or moved away while the run worked in it: put it back, "
            f"or do without it, {AGAIN}"
        )

    def _identity(self) -> tuple[int, int]:
        stat = os.stat(self._lock.lock_file)
        return stat.st_dev, stat.st_ino
