"""The numbers of an item, by which it is told from others of its wording."""

from potstill.text.ngrams import words
from potstill.text.numerals import figures

_KEPT = 0.6
"""Share of an item's numbers that a problem must have to be the item.

With all numbers replaced at random, 2% of GSM8K's test items and of CMATH's keep so many, and 7% of
MATH-500's, whose numbers are small; of the rephrased MMLU items 1% lose more (`80s` for `1980s`).
"""


def numbers(text: str) -> frozenset[str]:
    """Return the different numbers in `text`, in figures; ordinals are numbers, too."""
    found = figures(words(text))
    return frozenset(number.removesuffix("th") for number in found if number[0].isdigit())


def keeps(item: frozenset[str], problem: frozenset[str], of: float = 1.0) -> bool:
    """Return whether a problem has the item's numbers, as far as it has the item at all.

    Args:
        item: The item's numbers.
        problem: The problem's.
        of: The share of the item that the problem has.
    """
    return len(item & problem) >= _KEPT * of * len(item)
