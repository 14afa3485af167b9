"""What became of one item: a function's result, or what it raised, which crosses processes as data.

An exception that is pickled may lose its type, or fail to be made again.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

from potstill.engine.plugins import Failure, guarded
from potstill.errors import PotstillError, RunError

R = TypeVar("R")


class Attempt(NamedTuple):
    """A function that returns what it raises."""

    work: Callable[..., object]
    """The function."""

    def __call__(self, item: object) -> object:
        """Return `work(item)`, the `PotstillError` that it raised, or a `Failure`."""
        return guarded(self._try, item)

    def _try(self, item: object) -> object:
        try:
            return self.work(item)
        except PotstillError as error:
            return error


def result(of: Callable[..., R], found: object) -> R:
    """Return the result of a function, or raise what came instead.

    Args:
        of: The function.
        found: What an `Attempt` at it returned.

    Raises:
        PotstillError: What the function raised on purpose.
        RunError: It raised something else, or its process died.
    """
    if isinstance(found, PotstillError):
        raise found
    if isinstance(found, Failure):
        raise RunError(f"a worker process failed: {found.kind}: {found.detail}")
    return cast(R, found)
