"""The whole recipe, as frozen models.

They check what can be told from the recipe alone; `load.py` adds what needs the machine: files that
must exist, plug-ins by name, and their options.
"""

import re
from typing import Annotated, Literal

from pydantic import (
    Field,
    JsonValue,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)

from potstill.models.budget import BudgetSpec
from potstill.models.money import Prices
from potstill.recipe.decontaminate import DecontaminateSpec
from potstill.recipe.distil import DistilSpec
from potstill.recipe.judge import Judgement, JudgeSpec
from potstill.recipe.specs import (
    DedupSpec,
    ExportSpec,
    FilterSpec,
    LabelSpec,
    SourceSpec,
    Spec,
    also,
    check_directory,
    distinct,
    refuse,
)


class EngineSpec(Spec):
    """Which processes do the work that is not the teachers'."""

    use: Literal["local", "ray"] = "local"
    """`local`: processes of this machine; `ray`: those of a Ray cluster."""
    workers: int | None = Field(default=None, ge=1)
    """Worker processes, or tasks of the cluster at a time; by default one per core."""
    address: str | None = None
    """Where the Ray cluster is: `auto` for the one that runs on this machine, `HOST:PORT` or
    `ray://HOST:PORT`; without it, Ray is started on this machine, and ends with the run."""

    @field_validator("address")
    @classmethod
    def _is_address(cls, address: str | None, info: ValidationInfo) -> str | None:
        if address is not None and info.data.get("use") == "local":
            raise ValueError("is for `use: ray` alone")
        if address not in (None, "auto") and not re.fullmatch(r"(ray://)?\S+:\d{1,5}", address):
            raise ValueError(f"must be auto, HOST:PORT or ray://HOST:PORT, not {address!r}")
        return address


DECONTAMINATE = (DecontaminateSpec(use="ngram"), DecontaminateSpec(use="similar"))
"""The rules of a recipe that says nothing of benchmarks."""

OFF = "off"


def _or_off(rules: tuple[DecontaminateSpec, ...]) -> list[dict[str, JsonValue]] | str:
    return [rule.model_dump(mode="json") for rule in rules] or OFF


class Recipe(Spec):
    """The whole line, from sources to exports."""

    name: str
    """Name of the run's directory: letters, digits, `.`, `_` and `-`."""
    sources: tuple[SourceSpec, ...] = Field(min_length=1)
    """Where problems come from."""
    dedup: tuple[DedupSpec, ...] = ()
    """Passes that drop repeated problems, in order."""
    decontaminate: Annotated[tuple[DecontaminateSpec, ...], PlainSerializer(_or_off)] = Field(
        default=DECONTAMINATE, json_schema_extra=also({"enum": [OFF, False]})
    )
    """Passes that drop problems of benchmarks, in order, or `off`; left out, the default rules look
    problems up in every named benchmark that is at hand."""
    label: tuple[LabelSpec, ...] = ()
    """Labelers, in order."""
    distil: DistilSpec | None = None
    """Which teachers are asked, and how; without it, responses come with the sources' rows."""
    verify: tuple[Judgement, ...] = ()
    """Verifiers and judges, in order."""
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
        specs = _asked(
            info.data.get("decontaminate"), info.data.get("distil"), info.data.get("verify")
        )
        unknown = [t.model for spec in specs for t in spec.teachers if not t.is_priced]
        if budget is not None and budget.usd is not None and unknown:
            text = f"needs `prices: {{input: …, output: …}}` of {', '.join(unknown)}"
            refuse({("usd",): text})
        return budget

    @field_validator("verify")
    @classmethod
    def _judges_differ(cls, verify: tuple[Judgement, ...]) -> tuple[Judgement, ...]:
        taken = {rule.use for rule in verify if not isinstance(rule, JudgeSpec)}
        again: dict[tuple[str | int, ...], str] = {}
        for i, rule in enumerate(verify):
            if isinstance(rule, JudgeSpec):
                if rule.name in taken:
                    text = f"is {rule.name!r}, which another rule is called: give it another `name`"
                    again[i, "name"] = text
                taken.add(rule.name)
        refuse(again)
        return verify

    @field_validator("export")
    @classmethod
    def _folders_differ(cls, export: tuple[ExportSpec, ...]) -> tuple[ExportSpec, ...]:
        distinct((e.name for e in export), "give one of them another `name`")
        return export

    @property
    def judges(self) -> tuple[DistilSpec, ...]:
        """What is asked of models beside the distilling: by decontamination and by verification."""
        return _asked(self.decontaminate, None, self.verify)

    @property
    def prices(self) -> dict[str, Prices]:
        """Prices by model, of all that are asked."""
        specs = _asked(self.decontaminate, self.distil, self.verify)
        teachers = (teacher for spec in specs for teacher in spec.teachers)
        return {each.model: each.prices for each in teachers if each.prices is not None}


def _asked(
    decontaminate: tuple[DecontaminateSpec, ...] | None,
    distil: DistilSpec | None,
    verify: tuple[Judgement, ...] | None,
) -> tuple[DistilSpec, ...]:
    """Return everything that models are asked, in the order of the line."""
    suspects = (rule.judge for rule in decontaminate or ())
    answers = (rule.asks for rule in verify or () if isinstance(rule, JudgeSpec))
    return tuple(each for each in (*suspects, distil, *answers) if each is not None)
