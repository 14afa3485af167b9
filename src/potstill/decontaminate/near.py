"""The items near to a text, and the likeness that is usual for texts of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CANDIDATES = 32
"""Items whose likeness is computed for a text."""
_NEIGHBOURS = slice(2, 7)
"""Ranks of the items that tell what is usual; the first two may be the item itself."""

_LEAST = 0.15
"""The least that counts as usual: among few items, the third may be like nothing at all."""


class Near(NamedTuple):
    """The items near to a text."""

    items: NDArray[np.intp]
    """Their numbers, the nearest first."""
    likeness: NDArray[np.float64]
    """How near each is, in [0, 1]."""
    usual: float
    """The mean likeness of the third to the seventh item, but not less than 0.15: what texts of its
    kind have.

    Likeness is counted from what is usual on both sides, as in cross-domain similarity local
    scaling (Conneau et al., Word Translation Without Parallel Data, 2018)."""


def near(items: NDArray[np.intp], likeness: NDArray[np.float64]) -> Near:
    """Return candidates in order; of equals the smaller number stands first."""
    import numpy as np

    order = np.lexsort((items, -likeness))
    items, likeness = items[order], likeness[order]
    ranks = _NEIGHBOURS.stop - _NEIGHBOURS.start
    return Near(items, likeness, max(float(likeness[_NEIGHBOURS].sum() / ranks), _LEAST))
