"""The items whose vectors are nearest to a text's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from potstill.decontaminate.near import CANDIDATES, Near, near
from potstill.decontaminate.questions import question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from potstill.models.embeddings.embedder import Embedder

_ROWS = 250
"""Texts that are compared with all items at a time."""
_ITEM = 0.3
"""Weight of what is usual for the item; the rest is that of what is usual for the text."""
_DIGITS = 5
"""Decimals of a cosine that count: the last bits depend on what is computed beside it."""


class VectorIndex:
    """Finds the items nearest to texts, by cosine; can be pickled.

    Memory: 4 bytes for each number of an item's vector, and for each pair of an item and one of
    the 250 texts that are compared at a time.
    """

    def __init__(self, texts: Sequence[str], model: Embedder) -> None:
        """Index the texts of items, whose numbers are their places."""
        self._model = model
        self._vectors = model.embed([question(text) for text in texts])

    def nearest(self, texts: Sequence[str]) -> list[Near]:
        """Return the nearest items of each text."""
        rows = self._model.embed([question(text) for text in texts])
        parts = (rows[i : i + _ROWS] for i in range(0, len(rows), _ROWS))
        return [self._near(cosines) for part in parts for cosines in part @ self._vectors.T]

    def scores(
        self, near: Near, usual: NDArray[np.float64], code: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return how far each cosine is on the way from what is usual for the two to 1."""
        import numpy as np

        base = _ITEM * usual + (1 - _ITEM) * near.usual
        return np.clip((near.likeness - base) / np.maximum(1 - base, 10.0**-_DIGITS), 0, 1)

    def span(self, item: int, text: str) -> str:
        """Return the text: a vector is of the whole."""
        return text.strip()

    def _near(self, cosines: NDArray[np.float32]) -> Near:
        import numpy as np

        likeness = np.round(np.clip(cosines.astype(np.float64), 0, 1), _DIGITS)
        items = np.argsort(-likeness, kind="stable")[:CANDIDATES]
        return near(items, likeness[items])
