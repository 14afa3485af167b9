"""Elements of a JSON array in a file, each as one piece.

Brackets, commas and quotes are followed without parsing what lies between them, so that a bad
element costs one row and not the rest of the file, and each row is kept as it was written.
"""

import json
import re
from collections.abc import Iterable, Iterator

from potstill.errors import SourceError
from potstill.sources.file import File
from potstill.sources.pieces import Collector, Oversize, Piece
from potstill.sources.unpack import chunks

_OUTSIDE = re.compile(rb'["\[\]{},]')
_IN_STRING = re.compile(rb'["\\]')
_OPENING = {b"]": b"[", b"}": b"{"}
_FOLLOWED = 10_000
"""Brackets inside each other that are matched; of deeper ones the number is enough."""


def elements(file: File) -> Iterator[Piece]:
    """Yield the elements of the array that a file holds, alone or as one value of an object.

    Where the file is cut short or its brackets don't match, what came before is kept, and the last
    piece is the broken rest.

    Raises:
        SourceError: The file can't be read, or holds no array, or several.
    """
    number, offset, position = 1, 0, 0
    nesting, around, element = _Nesting(), Collector(), Collector()
    for text, mark in _marks(chunks(file)):
        here = element if nesting.level else around
        ends_element = nesting.is_between_elements and mark in (b",", b"]")
        here.add(text)
        position += len(text) + len(mark)
        if not nesting.follow(mark):
            here.add(mark)
            yield Piece(number, offset, here.take(), "not_json")
            return
        if not ends_element:
            here.add(mark)
        else:
            data = element.take()
            if mark == b"," or number > 1 or not _is_blank(data):
                yield Piece(number, offset, data)
                number += 1
            offset = position
            if mark == b"]":
                around.add(mark)
        if nesting.level and here is around:
            _check(file, nesting.arrays)
            offset = position
    rest = (element if nesting.level else around).take()
    if nesting.is_between_elements and isinstance(rest, bytes) and _is_object(rest):
        yield Piece(number, offset, rest)  # the file was cut just behind a whole row
        number, offset, rest = number + 1, position, b""
    if nesting.opened:
        yield Piece(number, offset, rest, "truncated_json")
        return
    _check(file, nesting.arrays)
    if not _is_json(rest):
        yield Piece(number, position, rest, "not_json")


def _is_object(data: bytes) -> bool:
    """Return whether `data`, outside of every bracket, is an object and no open text."""
    return data.lstrip().startswith(b"{") and data.endswith(b"}")


class _Nesting:
    """The brackets that are open at one place of a file."""

    def __init__(self) -> None:
        self.opened: list[bytes] = []
        self._deeper = 0
        self.level = 0
        """How many are open between two elements of the array; 0 outside of it."""
        self.arrays = 0
        """How many arrays have begun."""

    @property
    def is_between_elements(self) -> bool:
        return bool(self.level) and len(self.opened) == self.level

    def follow(self, mark: bytes) -> bool:
        """Take the next mark; return whether it may stand here."""
        if mark in (b"[", b"{"):
            self._open(mark)
            return True
        return mark not in _OPENING or self._close(mark)

    def _open(self, mark: bytes) -> None:
        if len(self.opened) == _FOLLOWED:
            self._deeper += 1
            return
        self.opened.append(mark)
        if not self.level and self.opened in ([b"["], [b"{", b"["]):
            self.level = len(self.opened)
            self.arrays += 1

    def _close(self, mark: bytes) -> bool:
        if self._deeper:
            self._deeper -= 1
            return True
        if not self.opened or self.opened.pop() != _OPENING[mark]:
            return False
        if len(self.opened) < self.level:
            self.level = 0
        return True


def _marks(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield each bracket or comma outside of strings, behind the text that leads to it."""
    in_string = escaped = False
    for chunk in chunks:
        start, at = 0, int(escaped)
        escaped = False
        while match := (_IN_STRING if in_string else _OUTSIDE).search(chunk, at):
            mark, at = match[0], match.end()
            if mark == b'"':
                in_string = not in_string
            elif mark == b"\\":
                at += 1
                escaped = at > len(chunk)
            else:
                yield chunk[start : match.start()], mark
                start = at
        yield chunk[start:], b""


def _check(file: File, arrays: int) -> None:
    if arrays != 1:
        count = "several arrays" if arrays else "no array"
        hint = "if each line is one row, read it with `use: jsonl`"
        raise SourceError(f"{file.shown} holds {count}, where one array of objects is read: {hint}")


def _is_blank(data: bytes | Oversize) -> bool:
    return isinstance(data, bytes) and not data.strip()


def _is_json(data: bytes | Oversize) -> bool:
    try:
        json.loads(b"" if isinstance(data, Oversize) else data)
    except (ValueError, RecursionError):
        return False
    return True
