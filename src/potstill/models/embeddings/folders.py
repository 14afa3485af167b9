"""Models in the formats of model2vec and sentence-transformers, in folders and on the hub."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from potstill.errors import InputError
from potstill.models.embeddings.embedder import unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Static(NamedTuple):
    """A table of tokens' vectors, as model2vec makes them; a text's is their mean."""

    path: str
    """A folder, or a name on the hub."""
    hub: bool = False
    """Whether it is a name, which sentence-transformers may know where model2vec does not."""

    @property
    def where(self) -> Literal["local"]:
        """It works in any process."""
        return "local"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts: thousands a second.

        Raises:
            InputError: There is no such model, or a package is missing.
        """
        model = _static(self.path, self.hub)
        if model is None:
            return Sentences(self.path).embed(texts)
        return unit(model.encode([*texts], use_multiprocessing=False))


class Sentences(NamedTuple):
    """A model of sentence-transformers."""

    path: str
    """A folder, or a name on the hub."""

    @property
    def where(self) -> Literal["local"]:
        """It works in any process."""
        return "local"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts.

        The last bits of a vector can depend on the texts beside it.

        Raises:
            InputError: There is no such model, or a package is missing.
        """
        return unit(_sentences(self.path).encode([*texts], show_progress_bar=False))


def is_static(folder: Path) -> bool:
    """Return whether a folder holds a model of model2vec, rather than of sentence-transformers.

    Their `modules.json` lists a table of tokens' vectors as the first module, if there is one.
    """
    try:
        return "StaticEmbedding" in (folder / "modules.json").read_text()
    except (OSError, ValueError):
        return True


@cache
def _static(path: str, hub: bool) -> Any:
    """Return a model of model2vec; None for a name on the hub that is no such model."""
    try:
        package = _package("model2vec", "potstill[semantic]", path)
        return package.StaticModel.from_pretrained(path, force_download=False)
    except (OSError, ValueError, KeyError) as error:
        if hub and _installed("sentence_transformers"):
            return None
        raise _refused(path, error) from error


@cache
def _sentences(path: str) -> Any:
    package = _package("sentence_transformers", "sentence-transformers", path)
    try:
        return package.SentenceTransformer(path)
    except (OSError, ValueError, KeyError) as error:
        raise _refused(path, error) from error


def _package(name: str, wheel: str, path: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise InputError(
            f"embedder {path!r} needs the package {name}: pip install '{wheel}'"
        ) from None


def _installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


def _refused(path: str, error: Exception) -> InputError:
    said = textwrap.shorten(str(error), 240) or type(error).__name__
    return InputError(f"embedder {path!r} can't be loaded: {said}")
