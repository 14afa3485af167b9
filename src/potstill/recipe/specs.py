"""The parts of a recipe that name a plug-in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import InitErrorDetails

from potstill.protocols import FIELDS
from potstill.recipe.conditions import ProblemCondition, SampleCondition
from potstill.recipe.sentences import Loc
from potstill.records import Record
from potstill.registry import nearest

MAPPABLE = FIELDS
"""What `map` may read from a column."""

SETTABLE = ("reference_answer", "category", "language")
"""What `set` may give to every row of a source."""


def _one_of(legal: Sequence[str]) -> AfterValidator:
    def check(key: str) -> str:
        if key not in legal:
            raise ValueError(f"can't be given{nearest(key, legal)}: {', '.join(legal)}")
        return key

    return AfterValidator(check)


Mapped = Annotated[str, _one_of(MAPPABLE), Field(json_schema_extra={"enum": [*MAPPABLE]})]
Settable = Annotated[str, _one_of(SETTABLE), Field(json_schema_extra={"enum": [*SETTABLE]})]


def distinct(names: Iterable[str], advice: str) -> None:
    """Refuse each name that an earlier item of the list has."""
    seen: set[str] = set()
    again: dict[Loc, str] = {}
    for i, name in enumerate(names):
        if name in seen:
            again[i,] = f"has the name {name!r} of an earlier one: {advice}"
        seen.add(name)
    refuse(again)


def refuse(mistakes: Mapping[Loc, str]) -> None:
    """Refuse the values at some places below a field, each with what is wrong with it."""
    errors: list[InitErrorDetails] = [
        {"type": "value_error", "loc": loc, "input": None, "ctx": {"error": ValueError(text)}}
        for loc, text in mistakes.items()
    ]
    if errors:
        raise ValidationError.from_exception_data("values", errors, hide_input=True)


class Spec(Record):
    """A part of a recipe; its errors never print values, which may be keys or passwords."""

    model_config = ConfigDict(hide_input_in_errors=True)


class PluginSpec(Spec):
    """A part that names a plug-in; keys that are no fields here are the plug-in's options."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue] = Field(  # pyright: ignore[reportIncompatibleVariableOverride]
        init=False
    )

    use: str
    """Name of the plug-in, or with `--allow-code` `path/to/file.py:function`."""

    @property
    def options(self) -> dict[str, JsonValue]:
        """The plug-in's options, as they stand in the recipe."""
        return self.__pydantic_extra__


class SourceSpec(PluginSpec):
    """A file or folder of problems; `use` may be left out where the path's ending tells it."""

    model_config = ConfigDict(serialize_by_alias=True)

    path: Path
    """The file or folder; relative to the recipe's folder, else to the current one."""
    name: str = Field(default="", validate_default=True)
    """First part of each row's id; by default the file's name without its ending."""
    schema_: str | None = Field(default=None, alias="schema")
    """Shape of the rows, such as `alpaca`; by default each column is a field or extra."""
    map: dict[Mapped, str] = {}
    """Field of a problem to the source's column, where they differ."""
    set: dict[Settable, str] = {}
    """Fields with one value for every row."""

    @field_validator("name")
    @classmethod
    def _by_file(cls, name: str, info: ValidationInfo) -> str:
        return name or (info.data["path"].stem if "path" in info.data else "")


class DedupSpec(PluginSpec):
    """One pass that drops repeated problems."""

    where: ProblemCondition | None = None
    """Which problems take part; all by default."""


class DecontaminateSpec(PluginSpec):
    """One pass that drops problems that hold a benchmark's item."""

    against: tuple[SourceSpec, ...] = Field(min_length=1)
    """The benchmarks."""

    @field_validator("against")
    @classmethod
    def _names_differ(cls, against: tuple[SourceSpec, ...]) -> tuple[SourceSpec, ...]:
        distinct((s.name for s in against), "give one of them another `name`")
        return against


class LabelSpec(PluginSpec):
    """One labeler."""

    where: ProblemCondition | None = None
    """Which problems it labels; all by default."""
    overwrite: bool = False
    """Whether its `category` or `language` replaces one that the problem has."""


class VerifySpec(PluginSpec):
    """One verifier; of several, the first decided verdict is the outcome."""

    where: SampleCondition | None = None
    """Which samples it judges; all by default."""


class FilterSpec(PluginSpec):
    """One filter."""

    where: SampleCondition | None = None
    """Which samples it looks at; all by default."""


def check_directory(name: str) -> str:
    """Return `name` if it can name a directory.

    Raises:
        ValueError: It can't.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", name):
        raise ValueError(
            f"must be a name for a directory, not {name[:40]!r}: at most 100 letters, digits, "
            "'.', '_' and '-', without a '.' in front"
        )
    return name


class ExportSpec(PluginSpec):
    """One exported dataset."""

    name: str = Field(default="", validate_default=True)
    """Name of the dataset's folder; by default the plug-in's."""
    when: SampleCondition | None = None
    """Which samples are exported; all by default."""

    @field_validator("name")
    @classmethod
    def _by_plugin(cls, name: str, info: ValidationInfo) -> str:
        return check_directory(name or info.data.get("use", "").rpartition(":")[2])
