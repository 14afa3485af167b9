"""A judge among the verifiers: models that are asked whether an answer is right."""

from typing import Annotated, Literal, cast

from pydantic import BeforeValidator, Discriminator, Field, JsonValue, Tag, field_validator

from potstill.models.judges import Style
from potstill.recipe.conditions import SampleCondition
from potstill.recipe.distil import DistilSpec, Teachers, switch
from potstill.recipe.places import JUDGE
from potstill.recipe.specs import Spec, VerifySpec


class JudgeSpec(Spec):
    """Models that are asked whether an answer is right where verifiers could not tell."""

    use: Literal["judge"]
    """`judge`."""
    name: str = Field(default=JUDGE, pattern=r"^[a-z][a-z0-9_-]{0,31}$")
    """Whose its verdicts are, in rows and books."""
    where: SampleCondition | None = None
    """Which samples it judges; all by default."""
    judges: Literal["undecided", "not_passed"] = "undecided"
    """What it judges of them: what no rule before it decided, or also what one failed. A fail stays
    where the judge can't tell."""
    votes: int = Field(default=1, ge=1)
    """How often each model is asked; what more than half of all votes say is the verdict."""
    style: Style = "general"
    """What the models are: any that follows instructions, or a verifier, as xVerify or
    CompassVerifier are."""
    prompt: str | None = None
    """A text to ask by in place of the style's: `{problem}`, `{reference}` and `{answer}` stand for
    these, other braces for themselves. It must ask for a verdict as the style's prompt does."""
    longest: int = Field(default=2_000, ge=1)
    """Characters of the answer that are shown: its last ones. The thinking is never shown."""
    reasoning: Annotated[
        Literal["on", "off"], BeforeValidator(switch, json_schema_input_type=str | bool)
    ] = "off"
    """Whether the models think before they answer, as verifiers and most others don't."""
    teachers: Teachers = Field(min_length=1)
    """The models to ask."""
    salvage: int = Field(default=2, ge=0)
    """How many rounds at the end ask again what failed for a reason that may have passed."""

    @field_validator("prompt")
    @classmethod
    def _has_fields(cls, prompt: str | None) -> str | None:
        if prompt is not None:
            missing = [each for each in ("{reference}", "{answer}") if each not in prompt]
            if missing:
                raise ValueError(f"does not contain {' and '.join(missing)}")
        return prompt

    @property
    def asks(self) -> DistilSpec:
        """Whom it asks, and how often."""
        return DistilSpec(
            samples=self.votes,
            reasoning=self.reasoning,
            teachers=self.teachers,
            salvage=self.salvage,
        )

    @property
    def options(self) -> dict[str, JsonValue]:
        """What tells one judge from another."""
        models: list[JsonValue] = [teacher.model for teacher in self.teachers]
        shown = self.model_dump(mode="json", include={"judges", "votes", "style", "prompt"})
        return {"models": models} | shown


def _kind(value: object) -> str:
    if isinstance(value, dict):
        use = cast(dict[str, object], value).get("use")
    else:
        use = getattr(value, "use", None)
    return "[judge]" if use == JUDGE else "[verifier]"


Judgement = Annotated[
    Annotated[VerifySpec, Tag("[verifier]")] | Annotated[JudgeSpec, Tag("[judge]")],
    Discriminator(_kind),
]
"""One rule of the section `verify`."""
