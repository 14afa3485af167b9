"""The whole recipe, as frozen models.

They check what can be told from the recipe alone; `load.py` adds what needs the machine: files that
must exist, plug-ins by name, and their options.
"""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from potstill.models.budget import BudgetSpec
from potstill.recipe.distil import DistilSpec
from potstill.recipe.specs import (
    DecontaminateSpec,
    DedupSpec,
    ExportSpec,
    FilterSpec,
    LabelSpec,
    SourceSpec,
    Spec,
    VerifySpec,
    check_directory,
    distinct,
    refuse,
)


class EngineSpec(Spec):
    """Which processes do the work that is not the teachers'."""

    use: Literal["local"] = "local"
    """`local`: processes of this machine."""
    workers: int | None = Field(default=None, ge=1)
    """Worker processes; by default one per core."""


class Recipe(Spec):
    """The whole line, from sources to exports."""

    name: str
    """Name of the run's directory: letters, digits, `.`, `_` and `-`."""
    sources: tuple[SourceSpec, ...] = Field(min_length=1)
    """Where problems come from."""
    dedup: tuple[DedupSpec, ...] = ()
    """Passes that drop repeated problems, in order."""
    decontaminate: tuple[DecontaminateSpec, ...] = ()
    """Passes that drop problems of benchmarks, in order."""
    label: tuple[LabelSpec, ...] = ()
    """Labelers, in order."""
    distil: DistilSpec | None = None
    """Which teachers are asked, and how; without it, responses come with the sources' rows."""
    verify: tuple[VerifySpec, ...] = ()
    """Verifiers, in order."""
    filter: tuple[FilterSpec, ...] = ()
    """Filters, in order."""
    export: tuple[ExportSpec, ...] = ()
    """Datasets to write."""
    engine: EngineSpec = EngineSpec()
    """Where the work is done."""
    budget: BudgetSpec | None = None
    """What the run may spend at most; then it pauses, and a higher one lets it go on."""

    @field_validator("name")
    @classmethod
    def _is_directory(cls, name: str) -> str:
        return check_directory(name)

    @field_validator("sources")
    @classmethod
    def _names_differ(cls, sources: tuple[SourceSpec, ...]) -> tuple[SourceSpec, ...]:
        distinct((s.name for s in sources), "give one of them another `name`")
        return sources

    @model_validator(mode="after")
    def _has_responses(self) -> "Recipe":
        takes = self.verify or self.filter or self.export
        given = any(s.schema_ or "response" in s.map for s in self.sources)
        if takes and not self.distil and not given:
            raise ValueError(
                "lacks the key 'distil', and none of its sources brings responses along, as by "
                "schema: NAME or map: {response: COLUMN}"
            )
        return self

    @field_validator("budget")
    @classmethod
    def _has_prices(cls, budget: BudgetSpec | None, info: ValidationInfo) -> BudgetSpec | None:
        distil: DistilSpec | None = info.data.get("distil")
        unknown = [t.model for t in distil.teachers if not t.is_priced] if distil else []
        if budget is not None and budget.usd is not None and unknown:
            text = f"needs `prices: {{input: …, output: …}}` of {', '.join(unknown)}"
            refuse({("usd",): text})
        return budget

    @field_validator("export")
    @classmethod
    def _folders_differ(cls, export: tuple[ExportSpec, ...]) -> tuple[ExportSpec, ...]:
        distinct((e.name for e in export), "give one of them another `name`")
        return export
