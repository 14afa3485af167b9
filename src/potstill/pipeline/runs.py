"""Run a recipe: each stage whose settings or input changed, in order, and no other."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from potstill.pipeline.cautions import check_keys
from potstill.pipeline.session import Session
from potstill.pipeline.target import MARK, find_run, find_target
from potstill.recipe import Recipe
from potstill.records import Sample
from potstill.report.confusion import Confusion, confusion
from potstill.report.diff import Diff, diff
from potstill.report.progress import display
from potstill.report.rows import Rows, rows
from potstill.report.status import Status, status
from potstill.report.tables import folders
from potstill.report.why import Story, why
from potstill.stages.io import Pause
from potstill.storage.events import Listener


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

    def rows(
        self,
        where: str | None = None,
        *,
        stage: str | None = None,
        limit: int | None = None,
        dropped: bool = False,
    ) -> Rows:
        """Return the rows that a condition selects: see `potstill.report.rows.rows`."""
        return rows(self.directory, where=where, stage=stage, limit=limit, dropped=dropped)

    def confusion(self, expected: str) -> Confusion:
        """Return how the verdicts agree with the labels in a column of the source's rows.

        Raises:
            InputError: The run verifies nothing, or a row has no such label.
        """
        samples = (row for row in self.rows(stage="verify") if isinstance(row, Sample))
        return confusion(samples, expected)

    def diff(self, other: "Run | str | os.PathLike[str]") -> Diff:
        """Return what differs between this run and `other`, a later one, or its directory or name.

        Raises:
            InputError: There is no such run.
        """
        other = other if isinstance(other, Run) else open_run(other)
        return diff(self.directory, other.directory)


def open_run(run: str | os.PathLike[str]) -> Run:
    """Return a run that was made before: by its directory, or its name below `runs`.

    Raises:
        InputError: There is no such run.
    """
    directory = find_run(run)
    folders(directory)  # says so where it is none
    return Run(directory)


def run(
    recipe: Recipe | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    limit: int | None = None,
    sets: Sequence[str] = (),
    again: str | None = None,
    allow_code: bool = False,
    listener: Listener | None = None,
    pause: Pause | None = None,
    progress: bool | None = None,
) -> Run:
    """Run a recipe, or continue it: finished stages and journaled calls are not done again.

    Args:
        recipe: A recipe, or the path of one.
        out: The run directory; `runs/NAME` by default. The journal of a run directory in `runs/` is
            `runs/journal`, which all runs there share; that of another lies inside it.
        limit: At most this many rows of each source.
        sets: Changes to the recipe, each `KEY=VALUE`, as `load_recipe` takes them.
        again: Do this stage and all after it again, whether or not anything changed; model calls
            still come from the journal.
        allow_code: Whether the recipe may name plug-ins by file.
        listener: Told of every event as it happens.
        pause: Set its `requested` to stop cleanly.
        progress: Whether to show bars; by default only in a notebook.

    Returns:
        The run, complete.

    Raises:
        InputError: The recipe, the data, the directory or an endpoint is not usable.
        RunError: A stage could not be finished, or another process runs there.
        Paused: It stopped cleanly; the same call continues it.
    """
    target = find_target(recipe, out=out, limit=limit, allow_code=allow_code, sets=sets)
    if not target.is_asked:
        check_keys(target.recipe)
    with display(progress, listener) as listener:
        Session(
            target.directory,
            mark=MARK,
            text=target.text,
            journal=target.job.journal,
            steps=target.steps,
            engine=target.recipe.engine,
            again=again,
            listener=listener,
            pause=pause,
        ).work()
    return Run(target.directory)
