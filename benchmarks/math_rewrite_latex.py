"""The same text in another dialect of LaTeX, in Unicode, in a sentence or in a box."""

import re
from collections.abc import Iterator
from random import Random

from math_rewrite_numbers import Form

_SIGNS = {
    r"\frac": r"\dfrac",
    r"\pi": "π",
    r"\cdot": r"\times",
    r"\le ": r"\leq ",
    r"\infty": "∞",
    r"^\circ": "°",
    r"\cup": "∪",
    r"\%": "%",
    r"\sqrt": r"\sqrt ",
    "pmatrix": "bmatrix",
    r"\text{": r"\mathrm{",
    "-": "\N{MINUS SIGN}",
    ", ": r",\;",
    "+": " + ",
}
_SENTENCES = (
    "The answer is ${}$.",
    "So the final answer is \\boxed{{{}}}.",
    "We simplify and find\n\\[\n\\boxed{{{}}}\n\\]",
    "**Answer:** ${}$",
    "Let us go step by step.\n\nFirst we set up 3 equations, then we solve them.\n\n"
    "Therefore, the final answer is $\\boxed{{{}}}$.",
    "<think>Maybe it is 7? No.</think>\n\nThe answer is \\({}\\).",
)
_DISPLAYED = 0.1


def dialects(reference: str, rng: Random) -> Iterator[Form]:
    """Yield the same answer written for another renderer."""
    for old, new in _SIGNS.items():
        if old in reference:
            yield "dialect", reference.replace(old, new), True
    if "(" in reference and not re.search(r"[\[\]]|\\left", reference):
        yield "dialect", reference.replace("(", r"\left(").replace(")", r"\right)"), True
    if r"\left" in reference and "cases" not in reference:
        yield "dialect", re.sub(r"\\(?:left|right)(?=[()\[\]|])", "", reference), True
    if " " in reference and r"\text" not in reference:
        yield "spaces", re.sub(r"(?<![A-Za-z\\]) +| +(?![A-Za-z])", "", reference), True
    if rng.random() < _DISPLAYED:
        yield "display", rf"\displaystyle {reference}", True


def sentence(answer: str, rng: Random) -> str:
    """Return a response whose final answer is the one given."""
    return rng.choice(_SENTENCES).format(answer)
