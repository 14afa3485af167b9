"""The calls that are to become the next batch, on disk until there are enough of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile

from potstill.models.money import NOTHING, Usage
from potstill.storage.batches import HeldCall
from potstill.storage.files import explained


class Part:
    """Calls in a file without a name: it is gone with the process."""

    def __init__(self, folder: Path) -> None:
        """Make the file, in `folder`.

        Raises:
            StorageError: It can't be made.
        """
        self._folder = folder
        with explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - `close` closes it
        self.keys: dict[str, None] = {}
        """Those of its calls, in order."""
        self.bytes = 0
        """Bytes of their lines in a batch."""
        self.most = NOTHING
        """The most that they can cost."""

    def add(self, call: HeldCall, size: int, most: Usage) -> None:
        """Add a call, unless it is there already.

        Args:
            call: The call.
            size: Bytes of its line in a batch.
            most: The most that it can cost.

        Raises:
            StorageError: It can't be written.
        """
        if call.key not in self.keys:
            self.keys[call.key] = None
            self.bytes += size
            self.most += most
            with explained(self._folder):
                self._file.write(json.dumps(call).encode("ascii") + b"\n")

    def calls(self) -> Iterator[HeldCall]:
        """Yield the calls, in order."""
        self._file.seek(0)
        for line in self._file:
            yield HeldCall(*json.loads(line))

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
