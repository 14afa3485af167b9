"""JSON Lines: one object a line."""

from collections.abc import Iterator

from potstill.protocols import Place
from potstill.records import Dropped, Problem
from potstill.sources.lines import lines
from potstill.sources.rows import read

_ENDINGS = (".jsonl", ".ndjson", ".jsonl.zst")


def jsonl(place: Place, /) -> Iterator[Problem | Dropped]:
    """Read `.jsonl`, `.ndjson` and `.jsonl.zst` files: one JSON object a line, in UTF-8.

    A blank line is a row too, and dropped as `blank_row`.

    Example:
        sources:
          - {use: jsonl, path: problems.jsonl, map: {problem: question}}

    Raises:
        SourceError: There is nothing to read, or a file is damaged.
        InputError: The source's `map` or `set` is wrong.
    """
    return read(place, "jsonl", _ENDINGS, lines)
