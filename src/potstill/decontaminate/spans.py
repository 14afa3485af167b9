"""The stretch of a text that is like an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potstill.text.ngrams import located

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def densest(text: str, gains: NDArray[np.float64]) -> str:
    """Return the stretch with the greatest sum of gains, each token without one a loss.

    A token without a gain counts for the mean gain of the others, negative, by their share: in a
    text that is half like the item, two such tokens cost as much as one with a gain brings.

    Args:
        text: The text.
        gains: By token of `words(text)`: 0 or more.
    """
    import numpy as np

    tokens = [*located(text)]
    matched = gains > 0
    if not matched.any() or len(tokens) != len(gains):
        return text.strip()
    loss = gains[matched].mean() * matched.mean()
    sums = np.concatenate(([0.0], np.cumsum(np.where(matched, gains, -loss))))
    least = np.minimum.accumulate(sums)
    last = int(np.argmax(sums[1:] - least[:-1]))
    first = int(np.argmin(sums[: last + 1]))
    return text[tokens[first].start : tokens[last].end]
