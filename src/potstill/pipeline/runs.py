"""Run a recipe: each stage whose settings or input changed, in order, and no other."""

import os
from pathlib import Path
from typing import NamedTuple

from potstill.pipeline.session import Session
from potstill.pipeline.wiring import Job, steps
from potstill.recipe import Recipe, dump, load_recipe
from potstill.report.status import Status, status
from potstill.report.why import Story, why
from potstill.stages.io import Pause
from potstill.stages.line import journal_path
from potstill.storage.events import Listener

ROOT = Path("runs")
"""Where runs lie unless `out` says otherwise; they share one journal."""


class Run(NamedTuple):
    """A run that came to its end."""

    directory: Path
    """Where everything lies that it made."""

    def status(self) -> Status:
        """Return the run's books."""
        return status(self.directory)

    def why(self, wanted: str) -> list[Story]:
        """Return what became of a row, a problem or a response, by its id or a prefix of it."""
        return why(self.directory, wanted)


def run(
    recipe: Recipe | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    limit: int | None = None,
    again: str | None = None,
    allow_code: bool = False,
    listener: Listener | None = None,
    pause: Pause | None = None,
) -> Run:
    """Run a recipe, or continue it: finished stages and journaled calls are not done again.

    Args:
        recipe: A recipe, or the path of one.
        out: The run directory; `runs/NAME` by default. The journal then lies in `runs/journal`,
            which all runs there share; with `out`, it lies inside the run directory.
        limit: At most this many rows of each source.
        again: Do this stage and all after it again, whether or not anything changed; model calls
            still come from the journal.
        allow_code: Whether the recipe may name plug-ins by file.
        listener: Told of every event as it happens.
        pause: Set its `requested` to stop cleanly.

    Returns:
        The run, complete.

    Raises:
        InputError: The recipe, the data, the directory or an endpoint is not usable.
        RunError: A stage could not be finished, or another process runs there.
        Paused: It stopped cleanly; the same call continues it.
    """
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe, allow_code=allow_code)
    directory = Path(out) if out is not None else ROOT / recipe.name
    journal = journal_path(directory, beside=directory.parent == ROOT)
    job = Job(journal, limit, allow_code, recipe.engine.workers)
    mark, text = "recipe.yaml", dump(recipe)
    Session(directory, mark, text, journal, steps(recipe, job), again, listener, pause).work()
    return Run(directory)
