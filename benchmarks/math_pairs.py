"""What all sets of `verify_math.py` are made of."""

import json
from pathlib import Path
from typing import Any, NamedTuple


class Pair(NamedTuple):
    """A reference and an answer to it, which is right or not."""

    reference: str
    answer: str
    """A bare answer, or the text of a whole response."""
    expected: bool
    """Whether the answer is right."""
    kind: str
    """What it is an example of."""
    problem: str | None = None
    rule: str = "math"
    """The verifier that it is for: `math` or `choice`."""


def rows(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines, or nothing where there is no such file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
