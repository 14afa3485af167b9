"""What is run where: a recipe, its run directory, its journal and its stages."""

import os
from functools import partial
from pathlib import Path
from typing import NamedTuple

from potstill.pipeline.cautions import missing_references
from potstill.pipeline.wiring import Job, Step, steps
from potstill.recipe import Recipe, dump, load_recipe
from potstill.stages.line import journal_path
from potstill.storage.manifest import NAME

ROOT = Path("runs")
"""Where runs lie unless `out` says otherwise; they share one journal."""

MARK = "recipe.yaml"
"""File in a run directory that holds its recipe."""


class Target(NamedTuple):
    """A recipe, and where it runs."""

    recipe: Recipe
    """The recipe."""
    directory: Path
    """The run directory."""
    job: Job
    """What was said beside the recipe."""

    @property
    def text(self) -> str:
        """The recipe with every default written out."""
        return dump(self.recipe)

    @property
    def steps(self) -> list[Step]:
        """The stages, in order."""
        told = partial(missing_references, self.recipe.verify, self.job)
        return [
            step._replace(cautions=told) if step.info.name == "distil" else step
            for step in steps(self.recipe, self.job)
        ]

    @property
    def is_asked(self) -> bool:
        """Whether the run has its teachers' answers already, so that it may need no key."""
        folders = (step.info.folder for step in self.steps if step.info.name == "distil")
        return any((self.directory / folder / NAME).is_file() for folder in folders)


def find_target(
    recipe: Recipe | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None,
    limit: int | None,
    allow_code: bool,
) -> Target:
    """Return what `run` would run, and where; the arguments are those of `run`.

    Raises:
        InputError: The recipe is not usable.
    """
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe, allow_code=allow_code)
    directory = Path(out) if out is not None else ROOT / recipe.name
    journal = journal_path(directory, beside=directory.parent == ROOT)
    return Target(recipe, directory, Job(journal, limit, allow_code, recipe.engine.workers))
