"""One file of rows without a record's shape: `.jsonl`, `.json` or `.parquet`, by its ending."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from pydantic import JsonValue

from potstill.errors import InputError, StorageError
from potstill.storage.files import discard, explained, partial, publish, sha256, sweep

ENDINGS = (".jsonl", ".jsonl.zst", ".json", ".parquet")
CHUNK = 1_000

Row = Mapping[str, JsonValue]


def endless(path: Path) -> tuple[str, str]:
    """Return a file's name without the ending that tells its format, and that ending, or none."""
    found = max((end for end in ENDINGS if path.name.endswith(end)), key=len, default="")
    return path.name.removesuffix(found), found


def spool(stream: BinaryIO, directory: Path) -> Path:
    """Keep what `stream` holds as a file in `directory`; the same bytes leave the file as it is.

    Raises:
        StorageError: The file can't be written.
    """
    path = directory / "input" / "stdin.jsonl"
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial(path).open("wb") as file:
            shutil.copyfileobj(stream, file)
    if path.is_file() and sha256(path) == sha256(partial(path)):
        sweep(path)
    else:
        publish(path)
    return path


class RowWriter:
    """Writes rows to one file, which gets its name when it is whole.

    Rows are first written as JSON Lines. A table's column types are known only when the last row
    is, so a Parquet file is then made in a second pass.
    """

    def __init__(self, path: Path) -> None:
        """Prepare to write; no file is made before the first row or `close`.

        Raises:
            InputError: The ending names no format, or the folder is missing.
        """
        if not endless(path)[1]:
            raise InputError(f"{path} must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")
        if not path.parent.is_dir():
            raise InputError(f"there is no folder {path.parent} to write {path.name} into")
        self._path = path
        self._rows = path.with_name(f"{path.name}.rows")
        self._lines = partial(self._rows)
        self._file: TextIO | None = None

    def write(self, row: Row) -> None:
        """Add one row.

        Raises:
            StorageError: The file can't be written.
        """
        with explained(self._path):
            if self._file is None:
                self._file = self._lines.open("w", encoding="utf-8", newline="\n")
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Finish the file; without a row, there is an empty one (none for Parquet).

        Raises:
            StorageError: The file can't be written.
        """
        with explained(self._path):
            if self._file is None:
                self._lines.touch()
            else:
                self._file.close()
            target = partial(self._path)
            match endless(self._path)[1]:
                case ".jsonl":
                    self._lines.rename(target)
                case ".jsonl.zst":
                    self._pack(target)
                case ".json":
                    self._write_array(target)
                case _:
                    self._write_table(target)
        publish(self._path)
        sweep(self._rows)

    def abandon(self) -> None:
        """Remove what is written so far, unless the file is finished."""
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        discard(self._rows)
        discard(self._path)

    def _pack(self, target: Path) -> None:
        with self._lines.open("rb") as lines, target.open("wb") as out:
            zstandard.ZstdCompressor(write_checksum=True).copy_stream(lines, out)

    def _write_array(self, target: Path) -> None:
        with self._lines.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
            out.write("[")
            for number, line in enumerate(lines):
                out.write(("," if number else "") + "\n" + line.rstrip("\n"))
            out.write("\n]\n")

    def _write_table(self, target: Path) -> None:
        schema = pa.schema([])
        try:
            for chunk in self._chunks():
                names = dict.fromkeys(name for row in chunk for name in row)
                found = pa.Table.from_pylist([names | chunk[0], *chunk[1:]]).schema
                schema = pa.unify_schemas([schema, found], promote_options="permissive")
            with pq.ParquetWriter(target, schema, compression="zstd") as writer:
                for chunk in self._chunks():
                    writer.write_table(pa.Table.from_pylist(chunk, schema=schema))
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise StorageError(
                f"{self._path} can't be a table: a column holds values of several types "
                f"({str(error).splitlines()[0]}); write {self._path.stem}.jsonl instead"
            ) from error

    def _chunks(self) -> Iterator[list[dict[str, JsonValue]]]:
        with self._lines.open(encoding="utf-8") as lines:
            rows = map(json.loads, lines)
            while chunk := list(islice(rows, CHUNK)):
                yield chunk
