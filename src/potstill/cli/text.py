"""Text of models and datasets on a terminal: printable, wrapped, folded."""

import json
import re
from collections.abc import Iterator

from pydantic import JsonValue
from rich.cells import cell_len, chop_cells

from potstill.text.printable import printable

_FORMULA = r"\$\$?[^$]{1,150}\$\$?|\\\(.{1,150}?\\\)|\\\[.{1,150}?\\\]"
"""A longer one fits in no line."""
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_PIECE = re.compile(rf"(\s*)((?:{_FORMULA}|[^\s{_WIDE}])+|[{_WIDE}]|$)")
"""White space, then what a line may not end in: a word, a formula, or one wide character."""
_WORD = re.compile(rf"[{_WIDE}]|[^\s{_WIDE}]+")


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield printable lines of at most `width` cells, without breaking a formula that fits."""
    for line in text.splitlines() or [""]:
        yield from _wrap_line(printable(line).rstrip(), max(width, 2))


def _wrap_line(line: str, width: int) -> Iterator[str]:
    shown = ""
    for space, piece in _PIECE.findall(line):
        if cell_len(shown + space + piece) <= width:
            shown += space + piece
            continue
        if shown.strip():
            yield shown
        *whole, shown = _cut(piece, width)
        yield from whole
    yield shown


def _cut(piece: str, width: int) -> list[str]:
    """Return a piece in lines: one where it fits, else cut between words, else anywhere."""
    if cell_len(piece) <= width:
        return [piece]
    if len(words := piece.split()) > 1:
        lines = [""]
        for word in words:
            joined = f"{lines[-1]} {word}".strip()
            lines[-1:] = [joined] if cell_len(joined) <= width else [lines[-1], *_cut(word, width)]
        return [line for line in lines if line]
    return chop_cells(piece, width) or [""]


def fold(lines: list[str], words: int, *, first: int, last: int) -> list[str]:
    """Return the first and the last lines, and between them a line that says what is left out.

    Args:
        lines: The lines.
        words: How many words a reader of all of them would read.
        first: How many stay at the beginning.
        last: How many stay at the end.
    """
    left_out = len(lines) - first - last
    if left_out <= 2:  # the line that says so would hardly save one
        return lines
    note = (
        f"… {left_out:,} of {len(lines):,} lines folded ({words:,} words in all); --full shows them"
    )
    return [*lines[:first], note, *lines[-last:]]


def count_words(text: str) -> int:
    """Return how many words a text has; a Chinese character counts as one."""
    return sum(1 for _ in _WORD.finditer(text))


def as_json_line(value: JsonValue) -> str:
    """Return a value as one line of JSON, in which nothing is left that could drive a terminal."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
