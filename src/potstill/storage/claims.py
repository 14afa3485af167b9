"""Which calls are being asked now, told to the other processes that use the same journal.

Two runs that ask for the same call at the same time would both pay for it. So whoever asks locks
one byte of a file beside the journal, at a place that the call's key names. Nothing is written
there, and the system frees the locks of a process that ends, however it ends.
"""

import fcntl
import os
import struct
import sys
from pathlib import Path
from typing import Self

from potstill.storage.files import explained

FILES = 16
"""Locks of one file are a list that the system walks: with 1,000 of them a claim takes 20 µs, with
a sixteenth 2."""

_FLOCK = "hhqqi4x"
"""Linux's `struct flock`: type, whence, start, length, and 0 for the process (fcntl(2))."""


class Claims:
    """The calls that this process asks."""

    def __init__(self, journal: Path) -> None:
        """Open the files in a folder beside `journal`, which are made if absent.

        Raises:
            StorageError: They can't be made.
        """
        folder = journal.with_name(f"{journal.name}-claims")
        with explained(folder):
            folder.mkdir(exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._files = [os.open(folder / f"{i:x}", flags, 0o666) for i in range(FILES)]

    def take(self, key: str) -> bool:
        """Claim a call; return False where another process has it."""
        try:
            self._lock(key, taken=True)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def leave(self, key: str) -> None:
        """Give a claim back."""
        self._lock(key, taken=False)

    def _lock(self, key: str, *, taken: bool) -> None:
        file, start = self._files[int(key[0], 16)], int(key[1:16], 16)
        if sys.platform == "linux":  # the lock of the open file, not of the process
            kind = fcntl.F_WRLCK if taken else fcntl.F_UNLCK
            fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, kind, 0, start, 1, 0))
        else:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB if taken else fcntl.LOCK_UN, 1, start)

    def close(self) -> None:
        """Give all claims back."""
        for file in self._files:
            os.close(file)

    def __enter__(self) -> Self:
        """Return the open claims."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self.close()
