"""JSON Lines: one object a line."""

from potstill.protocols import Place
from potstill.sources.decode import decode
from potstill.sources.lines import lines
from potstill.sources.rows import Rows, read

_ENDINGS = (".jsonl", ".ndjson", ".jsonl.zst", ".jsonl.gz")


def jsonl(place: Place, /) -> Rows:
    """Read `.jsonl`, `.ndjson`, `.jsonl.zst` and `.jsonl.gz` files: an object a line, in UTF-8.

    A blank line is a row too, and dropped as `blank_row`.

    Example:
        sources:
          - {use: jsonl, path: problems.jsonl, map: {problem: question}}

    Raises:
        SourceError: There is nothing to read, or a file is damaged.
        InputError: The source's `map` or `set` is wrong.
    """
    return read(place, "jsonl", _ENDINGS, lambda file: (decode, lines(file)))
