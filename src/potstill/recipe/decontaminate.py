"""How benchmarks are kept out of a dataset."""

from typing import Annotated

from pydantic import Discriminator, Field, Tag, field_validator

from potstill.recipe.conditions import ProblemCondition
from potstill.recipe.distil import DistilSpec
from potstill.recipe.specs import PluginSpec, SourceSpec, also, distinct
from potstill.records import Finding

ALL = "all"
"""Stands for every benchmark that is at hand."""


def _kind(value: object) -> str:
    return "[name]" if isinstance(value, str) else "[source]"


Against = Annotated[
    Annotated[str, Tag("[name]")] | Annotated[SourceSpec, Tag("[source]")], Discriminator(_kind)
]
"""A benchmark's name, or a file or folder of its items."""


class DecontaminateSpec(PluginSpec):
    """One pass that drops problems that hold a benchmark's item."""

    against: tuple[Against, ...] = Field(
        default=(ALL,), min_length=1, json_schema_extra=also({"type": "string"})
    )
    """The benchmarks: names, as `potstill benchmarks` lists them, and files, each like a source.
    `all`, the default, is every named one that is at hand."""
    drop: Finding = "contaminated"
    """What is dropped: `contaminated`, what is sure; or `suspect`, also what may be. A suspect
    problem that stays is tagged in the column `contamination`."""
    where: ProblemCondition | None = None
    """Which problems it looks up; all by default."""
    judge: DistilSpec | None = None
    """Models that say of each suspect, yes or no, whether it is the item; the majority counts, and
    what they call the same is dropped. Keys as in `distil`."""

    @field_validator("against")
    @classmethod
    def _names_differ(cls, against: tuple[str | SourceSpec, ...]) -> tuple[str | SourceSpec, ...]:
        names = (each if isinstance(each, str) else each.name for each in against)
        distinct(names, "give one of them another `name`")
        return against
