"""Turn open problems into verified reasoning datasets, and prove what was done.

    import potstill

    run = potstill.run("recipes/quickstart.yaml")
    print(run.status().stages)

The public names are those of `__all__`; they load what they need when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from potstill.errors import (
    BooksError,
    EndpointError,
    InputError,
    Paused,
    PotstillError,
    RecipeError,
    RunError,
    SourceError,
    StorageError,
)
from potstill.version import VERSION as __version__

if TYPE_CHECKING:
    from potstill.pipeline import Run, run
    from potstill.recipe import Recipe, load_recipe
    from potstill.records import Dropped, Message, Problem, Response, Sample, Verdict
    from potstill.report.status import Status, status
    from potstill.report.why import Story, why

_LAZY = {
    "Dropped": "potstill.records",
    "Message": "potstill.records",
    "Problem": "potstill.records",
    "Recipe": "potstill.recipe",
    "Response": "potstill.records",
    "Run": "potstill.pipeline",
    "Sample": "potstill.records",
    "Status": "potstill.report.status",
    "Story": "potstill.report.why",
    "Verdict": "potstill.records",
    "load_recipe": "potstill.recipe",
    "run": "potstill.pipeline",
    "status": "potstill.report.status",
    "why": "potstill.report.why",
}

__all__ = [
    "BooksError",
    "Dropped",
    "EndpointError",
    "InputError",
    "Message",
    "Paused",
    "PotstillError",
    "Problem",
    "Recipe",
    "RecipeError",
    "Response",
    "Run",
    "RunError",
    "Sample",
    "SourceError",
    "Status",
    "StorageError",
    "Story",
    "Verdict",
    "__version__",
    "load_recipe",
    "run",
    "status",
    "why",
]


def __getattr__(name: str) -> Any:
    """Import a public name's module on first use, so that `import potstill` is quick."""
    if name not in _LAZY:
        raise AttributeError(f"module 'potstill' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
