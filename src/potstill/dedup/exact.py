"""Problems that are equal but for their spelling."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator

from potstill.dedup.columns import first_seen
from potstill.dedup.rows import RowIds
from potstill.dedup.texts import turns
from potstill.protocols import Duplicate
from potstill.records import Problem
from potstill.text.normalise import normalise

_BYTES = 16


def exact(problems: Iterable[Problem], /) -> Iterator[Duplicate]:
    """Find problems whose messages are equal but for case, width, white space and LaTeX spacing.

    Calls of tools and the tools that a prompt offers count, too. The first of equal rows stays.
    `text/normalise.py` says what counts as equal. A row costs 28 bytes while the rows are read, its
    digest of 128 bits and its id, and about 50 more while the digests are compared.

    Example:
        dedup:
          - {use: exact}
    """
    rows, digests = RowIds(), bytearray()
    for problem in problems:
        rows.add(problem.row_id)
        digests += _digest(problem)
    codes = first_seen(digests, _BYTES)
    firsts = array("q")
    for row, code in enumerate(codes):
        if code == len(firsts):
            firsts.append(row)
        else:
            yield Duplicate(rows[row], rows[firsts[code]], 1.0)


def _digest(problem: Problem) -> bytes:
    # Normalised text holds no control characters that count as white space, so these part it.
    said = (f"{role}\x1f{normalise(content)}" for role, content in turns(problem))
    text = "\x1e".join(said).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=_BYTES).digest()
