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
    from potstill.pipeline import (
        Forecast,
        Plan,
        Preview,
        Probe,
        Run,
        apply,
        open_run,
        plan,
        preview,
        probe,
        reject,
        run,
        verify,
    )
    from potstill.pipeline.fetching import add_benchmark, benchmarks, fetch_benchmarks
    from potstill.protocols import Rejection
    from potstill.recipe import Recipe, load_recipe
    from potstill.records import Dropped, Message, Problem, Response, Sample, Verdict
    from potstill.report.costs import Costs, costs
    from potstill.report.diff import Diff, diff
    from potstill.report.rows import Rows, rows
    from potstill.report.status import Status, status
    from potstill.report.why import Story, why

_LAZY = {
    "Diff": "potstill.report.diff",
    "Costs": "potstill.report.costs",
    "Dropped": "potstill.records",
    "Forecast": "potstill.pipeline",
    "Message": "potstill.records",
    "Plan": "potstill.pipeline",
    "Preview": "potstill.pipeline",
    "Probe": "potstill.pipeline",
    "Problem": "potstill.records",
    "Recipe": "potstill.recipe",
    "Rejection": "potstill.protocols",
    "Response": "potstill.records",
    "Rows": "potstill.report.rows",
    "Run": "potstill.pipeline",
    "Sample": "potstill.records",
    "Status": "potstill.report.status",
    "Story": "potstill.report.why",
    "Verdict": "potstill.records",
    "add_benchmark": "potstill.pipeline.fetching",
    "apply": "potstill.pipeline",
    "benchmarks": "potstill.pipeline.fetching",
    "costs": "potstill.report.costs",
    "diff": "potstill.report.diff",
    "fetch_benchmarks": "potstill.pipeline.fetching",
    "load_recipe": "potstill.recipe",
    "open_run": "potstill.pipeline",
    "plan": "potstill.pipeline",
    "preview": "potstill.pipeline",
    "probe": "potstill.pipeline",
    "reject": "potstill.pipeline",
    "rows": "potstill.report.rows",
    "run": "potstill.pipeline",
    "status": "potstill.report.status",
    "verify": "potstill.pipeline",
    "why": "potstill.report.why",
}

__all__ = [
    "BooksError",
    "Costs",
    "Diff",
    "Dropped",
    "EndpointError",
    "Forecast",
    "InputError",
    "Message",
    "Paused",
    "Plan",
    "PotstillError",
    "Preview",
    "Probe",
    "Problem",
    "Recipe",
    "RecipeError",
    "Rejection",
    "Response",
    "Rows",
    "Run",
    "RunError",
    "Sample",
    "SourceError",
    "Status",
    "StorageError",
    "Story",
    "Verdict",
    "__version__",
    "add_benchmark",
    "apply",
    "benchmarks",
    "costs",
    "diff",
    "fetch_benchmarks",
    "load_recipe",
    "open_run",
    "plan",
    "preview",
    "probe",
    "reject",
    "rows",
    "run",
    "status",
    "verify",
    "why",
]


def __getattr__(name: str) -> Any:
    """Import a public name's module on first use, so that `import potstill` is quick."""
    if name not in _LAZY:
        raise AttributeError(f"module 'potstill' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    """Return the public names, whether or not they were used yet."""
    return [*__all__]
