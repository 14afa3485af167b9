"""What is run where: a recipe, its run directory, its journal and its stages."""

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from potstill.errors import InputError
from potstill.models.budget import NO_CAP
from potstill.models.endpoints import Sites
from potstill.pipeline.cautions import missing_references, without_teacher
from potstill.pipeline.pins import pinned
from potstill.pipeline.wiring import Job, Step, steps
from potstill.recipe import Recipe, dump, load_recipe
from potstill.records import Problem
from potstill.registry import nearest
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
        return [
            step._replace(cautions=self._cautions()) if step.info.name == "distil" else step
            for step in steps(self.recipe, self.job)
        ]

    def _cautions(self) -> tuple[Callable[[Iterable[Problem]], Iterable[str]], ...]:
        references = partial(missing_references, self.recipe.verify, self.job)
        spec = self.recipe.distil
        return (references, partial(without_teacher, spec)) if spec else (references,)

    @property
    def is_asked(self) -> bool:
        """Whether the run has its teachers' answers already, so that it may need no key."""
        folders = (step.info.folder for step in self.steps if step.info.name == "distil")
        return any(os.path.isfile(self.directory / folder / NAME) for folder in folders)


def find_target(
    recipe: Recipe | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None,
    limit: int | None,
    allow_code: bool,
    sets: Sequence[str] = (),
) -> Target:
    """Return what `run` would run, and where; the arguments are those of `run`.

    Raises:
        InputError: The recipe is not usable, or `sets` comes with one that is loaded already.
    """
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe, sets=sets, allow_code=allow_code)
    elif sets:
        raise InputError("`sets` needs a recipe's path; for a Recipe, load_recipe(PATH, sets=…)")
    directory = Path(out) if out is not None else ROOT / recipe.name
    recipe = pinned(recipe, directory)
    journal = journal_path(directory, beside=directory.parent == ROOT)
    job = Job(
        journal,
        limit,
        allow_code,
        recipe.engine.workers if recipe.engine.use == "local" else None,
        run=directory.resolve().name,
        budget=recipe.budget or NO_CAP,
        sites=Sites(),
        prices=recipe.prices,
    )
    return Target(recipe, directory, job)


def find_run(name: str | os.PathLike[str]) -> Path:
    """Return the run directory that `name` means: a path, or a name below `runs`.

    Raises:
        InputError: There is no such directory; the text names the runs that there are.
    """
    if not isinstance(name, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"a run is named by its directory, not by {name!r:.100}")
    for path in (Path(name), ROOT / name):
        if os.path.isdir(path):  # pathlib's raises where a name is too long
            return path
    runs = [path.parent.name for path in sorted(ROOT.glob(f"*/{MARK}"))]
    there = f"; the runs in {ROOT}: {', '.join(runs[:20])}" if runs else ""
    hint = nearest(Path(name).name, runs)
    raise InputError(f"there is no run directory {name} or {ROOT / name}{hint}{there}")
