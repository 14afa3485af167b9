"""The commits of datasets on the hub that a run keeps to."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from potstill.errors import RecipeError
from potstill.recipe import Recipe, SourceSpec, read_dumped
from potstill.recipe.specs import LocationSpec
from potstill.report.tables import MARKS
from potstill.sources.locations import is_remote, pin

Location = TypeVar("Location", bound=LocationSpec)


def pinned(recipe: Recipe, directory: Path) -> Recipe:
    """Return a recipe with the commit of each dataset: that of the run so far, else today's.

    Other addresses are looked at, too, so that what can't be read is told before anything is paid.

    Raises:
        InputError: There is nothing at an address, or it can't be reached.
    """
    before = _commits(directory)
    return recipe.model_copy(
        update={
            "sources": _pinned(recipe.sources, before),
            "decontaminate": tuple(
                rule.model_copy(update={"against": _pinned(rule.against, before)})
                for rule in recipe.decontaminate
            ),
        }
    )


def _pinned(
    sources: Sequence[SourceSpec | str], before: dict[str, str]
) -> tuple[SourceSpec | str, ...]:
    return tuple(each if isinstance(each, str) else _source(each, before) for each in sources)


def _source(source: SourceSpec, before: dict[str, str]) -> SourceSpec:
    fill = tuple(_one(each, before) for each in source.fill)
    return _one(source, before).model_copy(update={"fill": fill})


def _one(spec: Location, before: dict[str, str]) -> Location:
    if spec.commit is not None or not is_remote(spec.path):
        return spec
    commit = before.get(spec.path) or pin(spec.path)
    return spec.model_copy(update={"commit": commit})


def _commits(directory: Path) -> dict[str, str]:
    """Return the commit of each dataset that the run in a directory has read, by its address."""
    mark = directory / MARKS[0]
    try:
        recipe = read_dumped(mark) if mark.is_file() else None
    except (RecipeError, OSError):  # it is written anew, or that is told where it can't be
        return {}
    return {each.path: each.commit for each in _places(recipe) if each.commit is not None}


def _places(recipe: Recipe | None) -> Iterator[LocationSpec]:
    if recipe is None:
        return
    against = (each for rule in recipe.decontaminate for each in rule.against)
    for source in (*recipe.sources, *against):
        if isinstance(source, SourceSpec):
            yield from (source, *source.fill)
