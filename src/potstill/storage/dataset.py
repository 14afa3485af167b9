"""An exported dataset: the same rows as JSONL and as Parquet, in files of bounded size."""

from contextlib import suppress
from pathlib import Path
from typing import Generic, TextIO, TypeVar

from potstill.errors import StorageError
from potstill.records import Record
from potstill.storage.files import discard, explained, partial, publish, sha256
from potstill.storage.parts import PART_ROWS, Part, PartWriter

R = TypeVar("R", bound=Record)


class DatasetWriter(Generic[R]):
    """Writes `jsonl/train-00000.jsonl`, … and `parquet/train-00000.parquet`, … in one folder.

    Both folders load with `datasets.load_dataset(FOLDER)`. A field that a row does not set is left
    out of its JSON object, and null in its table.
    """

    def __init__(self, folder: Path, record: type[R], *, part_rows: int = PART_ROWS) -> None:
        """Prepare to write into `folder`, which is made.

        Raises:
            StorageError: It can't be made.
        """
        self._jsonl, self._part_rows = folder / "jsonl", part_rows
        parquet = folder / "parquet"
        for each in (self._jsonl, parquet):
            with explained(each):
                each.mkdir(parents=True, exist_ok=True)
        self._parquet = PartWriter(parquet, record, prefix="train", part_rows=part_rows)
        self._file: TextIO | None = None
        self._parts: list[Part] = []
        self._rows = 0

    @property
    def _path(self) -> Path:
        return self._jsonl / f"train-{(self._rows - 1) // self._part_rows:05}.jsonl"

    def write(self, row: R) -> None:
        """Add one row to both.

        Raises:
            StorageError: A file can't be written.
        """
        self._rows += 1
        with explained(self._path):
            if self._file is None:
                self._file = partial(self._path).open("w", encoding="utf-8", newline="\n")
            self._file.write(row.model_dump_json(exclude_unset=True) + "\n")
        if self._rows % self._part_rows == 0:
            self._end_file()
        self._parquet.write(row)

    def close(self) -> tuple[Part, ...]:
        """Finish the files, and return them, each with its path below the folder.

        Raises:
            StorageError: A file can't be written.
        """
        if self._file is not None:
            self._end_file()
        for part in self._parquet.close():
            self._parts.append(part.model_copy(update={"name": f"parquet/{part.name}"}))
        return tuple(self._parts)

    def abandon(self) -> None:
        """Remove the files that are being written; after `close` there is none."""
        with suppress(StorageError):
            self._close_file()
        discard(self._path)
        self._parquet.abandon()

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with explained(self._path):
                file.close()

    def _end_file(self) -> None:
        self._close_file()
        path = self._path
        publish(path)
        rows = self._rows - sum(part.rows for part in self._parts)
        name = f"{path.parent.name}/{path.name}"
        self._parts.append(Part(name=name, rows=rows, sha256=sha256(path)))
