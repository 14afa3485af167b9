"""JSON files: one array of objects."""

from collections.abc import Iterator

from potstill.protocols import Place
from potstill.records import Dropped, Problem
from potstill.sources.elements import elements
from potstill.sources.rows import read


def json(place: Place, /) -> Iterator[Problem | Dropped]:
    """Read `.json` files: an array of objects, alone or as one value of an object.

    A row's line is its place in the array, from 1. Rows before a break in the file are read.

    Example:
        sources:
          - {use: json, path: problems.json, map: {problem: question}}

    Raises:
        SourceError: There is nothing to read, or a file holds no array, or several.
        InputError: The source's `map` or `set` is wrong.
    """
    return read(place, "json", (".json",), elements)
