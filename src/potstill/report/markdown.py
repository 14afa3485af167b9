"""Values as Markdown: what a dataset or a server wrote must not become markup."""

import re
from collections.abc import Iterable, Sequence

from potstill.text.printable import printable

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&$!])")
_LONGEST = 200


def escaped(text: object) -> str:
    """Return a value as a line of plain text, at most 200 characters of it."""
    line = printable(" ".join(str(text).split()))
    return _MARKUP.sub(r"\\\1", line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…")


def code(text: object) -> str:
    """Return a value as code in a line."""
    line = printable(" ".join(str(text).split())).replace("`", "'").replace("|", "\\|")
    return f"`{line[:_LONGEST]}`" if line else ""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return a table's lines, and an empty one; numbers get separators, other cells are markup."""
    lines = [_row(head), _row(["---"] * len(head))]
    return [*lines, *(_row([_cell(each) for each in row]) for row in rows), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
