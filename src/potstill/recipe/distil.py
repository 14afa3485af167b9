"""Which teachers are asked, and how the problems are put to them."""

from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from potstill.recipe.conditions import ProblemCondition
from potstill.recipe.specs import Spec, distinct, refuse
from potstill.recipe.teachers import TeacherSpec

ReasoningModes = Literal["on", "off", "both", "prompted"]


class PromptSpec(Spec):
    """How a problem is put to a teacher."""

    where: ProblemCondition | None = None
    """Which problems this template is for; all by default."""
    template: str
    """The text of the last user turn; `{problem}` stands for the problem, other braces for
    themselves."""

    @field_validator("template")
    @classmethod
    def _has_problem(cls, template: str) -> str:
        if "{problem}" not in template:
            raise ValueError("does not contain {problem}, where the problem's text belongs")
        return template


def switch(value: object) -> object:
    """Read `true` and `false` as `on` and `off`, which YAML 1.1 takes for the same."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _templates(value: object) -> object:
    """Read a text as one template for all problems."""
    if isinstance(value, str):
        return ({"template": value},)
    return tuple(cast(list[object], value)) if isinstance(value, list) else value


def _names_differ(teachers: tuple[TeacherSpec, ...]) -> tuple[TeacherSpec, ...]:
    distinct((t.model for t in teachers), "give one of them another `model`")
    return teachers


Teachers = Annotated[tuple[TeacherSpec, ...], AfterValidator(_names_differ)]
"""Models to ask, each with a name of its own."""


class DistilSpec(Spec):
    """Which teachers are asked, how, and how often."""

    samples: int = Field(default=1, ge=1)
    """Responses of each teacher to each problem."""
    system: str | None = None
    """System prompt, before the problem's own messages."""
    prompt: Annotated[
        tuple[PromptSpec, ...],
        BeforeValidator(_templates, json_schema_input_type=str | tuple[PromptSpec, ...]),
    ] = ()
    """Templates, of which the first whose condition holds applies; the problem as it stands where
    none does. A text is one template for all."""
    reasoning: Annotated[
        ReasoningModes, BeforeValidator(switch, json_schema_input_type=ReasoningModes | bool)
    ] = "on"
    """Whether the teacher thinks: by itself, not at all, once each, or by tags in the prompt."""
    teachers: Teachers = Field(min_length=1)
    """The models to ask."""
    salvage: int = Field(default=2, ge=0)
    """How many rounds at the end ask again what failed for a reason that may have passed."""

    @field_validator("teachers")
    @classmethod
    def _modes_differ(
        cls, teachers: tuple[TeacherSpec, ...], info: ValidationInfo
    ) -> tuple[TeacherSpec, ...]:
        if info.data.get("reasoning") == "both":
            text = (
                "is none, so that `reasoning: both` would send each prompt twice, the same both "
                "times: set it to auto or to the one that the model knows, or reasoning to on or "
                "off"
            )
            same = [i for i, each in enumerate(teachers) if each.thinking_switch == "none"]
            refuse({(i, "thinking_switch"): text for i in same})
        return teachers
