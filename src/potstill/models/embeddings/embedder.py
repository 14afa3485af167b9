"""What turns texts into vectors, and which one a recipe's text names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from pydantic import Field

from potstill.errors import InputError, RunError
from potstill.records import Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEFAULT = "default"
"""The embedder that needs no hub: see `packaged.py`."""
HUB = "hf:"
"""What may stand before the name of a model on the hub."""


class Served(Record):
    """A model behind an OpenAI-compatible address."""

    base_url: str
    """Where `/embeddings` is appended, such as `http://127.0.0.1:8000/v1`."""
    model: str = Field(min_length=1)
    """Name of the model, as the endpoint knows it."""
    key_env: str | None = None
    """The environment variable that holds the key; None where no key is needed."""
    dimensions: Annotated[int, Field(ge=1, le=65_536)] | None = None
    """How long the vectors shall be, for models that can shorten them."""
    batch: Annotated[int, Field(ge=1, le=2048)] = 64
    """Texts of one request."""


Spec = str | Served
"""`default`, a model's folder, its name on the hub, or an endpoint."""


class Embedder(Protocol):
    """Turns texts into vectors of length 1."""

    @property
    def where(self) -> Literal["local", "remote"]:
        """Whether it can be pickled and works in any process, or asks an endpoint from this one."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length 1 for each text; of length 0 where the model sees nothing in it.

        Raises:
            InputError: The model, a package that it needs, or the endpoint's key is missing.
            EndpointError: The endpoint refuses, or is away.
        """
        ...


def embedder(spec: Spec) -> Embedder:
    """Return the embedder that a recipe names; its model is loaded when it is first used.

    Raises:
        InputError: A name that can't be one, an address that is none, or a package is missing.
    """
    if isinstance(spec, Served):
        from potstill.models.embeddings.endpoint import Remote

        return Remote(spec)
    if spec == DEFAULT:
        from potstill.models.embeddings.packaged import Packaged

        return Packaged()
    from potstill.models.embeddings.folders import Sentences, Static, is_static

    path = Path(spec).expanduser()
    if path.is_dir():
        name = str(path.absolute())
        return Static(name) if is_static(path) else Sentences(name)
    name = spec.removeprefix(HUB)
    if name.count("/") != 1 or not all(name.split("/")):
        raise InputError(
            f"embedder {spec!r} is neither a folder nor a model on the hub (owner/name); {DEFAULT} "
            "is the one that needs no hub, {base_url, model} an endpoint"
        )
    # Static models are the only ones that model2vec reads: it is asked first.
    return Static(name, hub=True)


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return rows of length 1; rows of zeros stay.

    Raises:
        RunError: A number is not finite.
    """
    import numpy as np

    rows = vectors.astype(np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    if not np.isfinite(lengths).all():
        raise RunError("the embedder gives vectors that are not finite numbers")
    return (rows / np.where(lengths, lengths, 1)[:, None]).astype(np.float32)
