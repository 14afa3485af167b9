"""JSON files: one array of objects."""

from potstill.protocols import Place
from potstill.sources.decode import decode
from potstill.sources.elements import elements
from potstill.sources.rows import Rows, read

_ENDINGS = (".json", ".json.zst", ".json.gz")


def json(place: Place, /) -> Rows:
    """Read `.json`, `.json.zst` and `.json.gz` files: an array of objects, or an object with one.

    A row's line is its place in the array, from 1. Rows before a break in the file are read.

    Example:
        sources:
          - {use: json, path: problems.json, map: {problem: question}}

    Raises:
        SourceError: There is nothing to read, or a file holds no array, or several.
        InputError: The source's `map` or `set` is wrong.
    """
    return read(place, "json", _ENDINGS, lambda file: (decode, elements(file)))
