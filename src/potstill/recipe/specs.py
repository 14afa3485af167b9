"""The parts of a recipe that name a plug-in."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.config import JsonDict
from pydantic_core import InitErrorDetails

from potstill.protocols import FIELDS
from potstill.recipe.conditions import ProblemCondition, SampleCondition
from potstill.recipe.sentences import Loc
from potstill.records import Record
from potstill.registry import nearest
from potstill.sources.locations import name_of

MAPPABLE = FIELDS
"""What `map` may read from a column."""

SETTABLE = ("reference_answer", "category", "language")
"""What `set` may give to every row of a source."""


def _one_of(legal: Sequence[str]) -> AfterValidator:
    def check(key: str) -> str:
        if key not in legal:
            raise ValueError(f"can't be given{nearest(key, legal)}; these can: {', '.join(legal)}")
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


def _as_text(path: object) -> object:
    return str(path) if isinstance(path, Path) else path


class LocationSpec(PluginSpec):
    """Files to read; `use` may be left out where their ending tells it."""

    model_config = ConfigDict(serialize_by_alias=True)

    path: Annotated[str, BeforeValidator(_as_text)]
    """A file, a folder or a pattern (`data/*.jsonl`, `**` for any folders), relative to the
    recipe's folder, else to the current one; or one at `s3://BUCKET/` or at
    `hf://datasets/OWNER/NAME@REVISION/`."""
    commit: str | None = None
    """The commit of a dataset on the hub; by default that which its revision stands for when the
    run begins, and the run keeps to it."""

    @field_validator("commit")
    @classmethod
    def _is_commit(cls, commit: str | None) -> str | None:
        if commit is not None and not re.fullmatch(r"[0-9a-f]{40}", commit):
            raise ValueError("must be a commit: 40 digits of a hash")
        return commit


class FillSpec(LocationSpec):
    """The user's copy of a data set whose prompts another one leaves out."""

    as_: Literal["lmsys-chat-1m", "taco", "apps", "code_contests", "open-r1/codeforces"] = Field(
        alias="as"
    )
    """Which data set it is."""
    split: str | None = None
    """Which split its files are, of a set whose rows are known by their place in a split; by
    default the one that a file's name tells, such as `train`."""


class SourceSpec(LocationSpec):
    """Files of problems."""

    license: str | None = None
    """Licence of the rows that name none of their own."""
    name: str = Field(default="", validate_default=True)
    """First part of each row's id; by default the name of the file without its ending, of the
    folder, or of the dataset."""
    schema_: str | None = Field(default=None, alias="schema")
    """Shape of the rows, such as `alpaca`; by default each column is a field or extra."""
    map: dict[Mapped, str] = {}
    """Field of a problem to the source's column, where they differ."""
    set: dict[Settable, str] = {}
    """Fields with one value for every row."""
    fill: tuple[FillSpec, ...] = ()
    """Where prompts are that the rows leave out, as some of `nemotron-v1` do."""

    @field_validator("name")
    @classmethod
    def _by_file(cls, name: str, info: ValidationInfo) -> str:
        return name or (name_of(info.data["path"]) if "path" in info.data else "")


class DedupSpec(PluginSpec):
    """One pass that drops repeated problems."""

    where: ProblemCondition | None = None
    """Which problems take part; all by default."""


def also(form: JsonDict) -> Callable[[JsonDict], None]:
    """Let a field's JSON Schema admit a short form that `load` writes out."""

    def change(schema: JsonDict) -> None:
        listed: JsonDict = {
            key: schema.pop(key) for key in ("type", "items", "minItems") if key in schema
        }
        schema["anyOf"] = [listed, form]

    return change


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
