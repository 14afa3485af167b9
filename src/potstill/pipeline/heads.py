"""The first columns of a JSON line that is too long to be read whole.

LiveCodeBench has a problem's hidden tests in its row, behind its text; some are tens of megabytes.
"""

import json
from collections.abc import Iterable, Iterator

from potstill.records import Dropped, Message, Problem
from potstill.sources.file import File

HEAD = 1 << 20
"""Bytes in which the wanted column must end."""
_SPACE = " \t\r\n"


def head_of(row: Dropped, column: str, files: Iterable[File]) -> Problem | None:
    """Return the problem of a row that was dropped as too large, or None where it is not in sight.

    Args:
        row: What the source said of it.
        column: The column of the problem.
        files: The source's files.
    """
    name, offset = row.evidence["file"], row.evidence["offset"]
    file = next((each for each in files if each.name == name), None)
    if file is None or not isinstance(offset, int):
        return None
    with file.open() as stream:
        stream.seek(offset)
        text = stream.read(HEAD).decode("utf-8", "ignore")
    found = next((value for key, value in columns(text) if key == column), None)
    if not isinstance(found, str) or not found.strip():
        return None
    line = row.evidence["line"]
    assert isinstance(line, int)
    return Problem(
        source=row.row_id.removesuffix(f":{name}:{line}"),
        file=str(name),
        line=line,
        messages=(Message(role="user", content=found),),
    )


def columns(text: str) -> Iterator[tuple[str, object]]:
    """Yield the keys and values of a JSON object whose text may be cut off anywhere."""
    decoder, at = json.JSONDecoder(), _after(text, 0)
    if text[at : at + 1] != "{":
        return
    while text[at : at + 1] in ("{", ","):
        try:
            key, at = decoder.raw_decode(text, _after(text, at + 1))
            at = _after(text, at)
            if text[at : at + 1] != ":":
                return
            value, at = decoder.raw_decode(text, _after(text, at + 1))
        except (ValueError, RecursionError):
            return
        yield str(key), value
        at = _after(text, at)


def _after(text: str, at: int) -> int:
    """Return the place of the first character from `at` on that is no space."""
    while text[at : at + 1] and text[at] in _SPACE:
        at += 1
    return at
