"""What holds of every reader, whatever stands in a file."""

from contextlib import suppress
from pathlib import Path

from potstill.errors import InputError, RecipeError, SourceError
from potstill.protocols import Place
from potstill.recipe import load_recipe
from potstill.records import Dropped, Problem
from potstill.registry import load
from potstill.sources.local import file_at
from potstill.sources.unpack import chunks
from potstill.text.printable import printable

FILES = {
    "jsonl": "x.jsonl",
    "zst": "x.jsonl.zst",
    "json": "x.json",
    "parquet": "x.parquet",
    "csv": "x.csv",
    "recipe": "x.yaml",
}
"""Reader to the file that it is given; `zst` is `jsonl` for a packed file."""

MOST_LINES = 50_000


def check(reader: str, data: bytes, folder: Path) -> None:
    """Read a file of these bytes, and raise if anything comes of it but rows or a sentence."""
    path = folder / FILES[reader]
    path.write_bytes(data)
    try:
        if reader == "recipe":
            load_recipe(path)
        elif reader != "zst" or not has_many_lines(path):
            check_rows(path, read(reader, path))
    except InputError as error:
        check_sentence(error)


def has_many_lines(path: Path) -> bool:
    """Return whether a packed file holds more lines than are worth the time.

    4 bytes can be 131,072 blank lines, each of which is a row and booked.
    """
    lines = 0
    with suppress(SourceError):
        for chunk in chunks(file_at(path, path.name)):
            lines += chunk.count(b"\n")
            if lines > MOST_LINES:
                return True
    return False


def read(reader: str, path: Path) -> list[Problem | Dropped]:
    """Return the rows of a file."""
    source = load("sources", "jsonl" if reader == "zst" else reader)
    return list(source(Place("s", str(path), {}, {})))


def check_sentence(error: InputError) -> None:
    """Raise unless an error is one line, or one for each mistake of a recipe, and harmless."""
    lines = str(error).splitlines()
    assert len(lines) == (len(error.mistakes) if isinstance(error, RecipeError) else 1), lines
    assert all(printable(line) == line for line in lines), lines


def check_rows(path: Path, rows: list[Problem | Dropped]) -> None:
    """Raise unless every row is there once, in order, and can be stored."""
    numbers = [int(row.row_id.removeprefix(f"s:{path.name}:")) for row in rows]
    if path.suffix == ".csv":  # lines on which records begin, below the header
        assert numbers == sorted({*numbers} - {0, 1})
    else:
        assert numbers == [*range(1, len(rows) + 1)]
    if ".jsonl" in path.suffixes:
        text = b"".join(chunks(file_at(path, path.name)))
        assert len(rows) == text.count(b"\n") + (not text.endswith(b"\n"))
    for row in rows:
        stored = row.model_dump_json()
        assert type(row).model_validate_json(stored.encode()) == row
        assert type(row).model_validate(row.model_dump()) == row
