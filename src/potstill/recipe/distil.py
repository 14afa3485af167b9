"""Which teachers are asked, where they are, and how the problems are put to them."""

import re
from typing import Annotated, Literal, cast
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from potstill.models.requests import Sampling, ThinkingSwitch
from potstill.recipe.conditions import ProblemCondition
from potstill.recipe.specs import Spec, distinct, refuse

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


class TeacherSpec(Spec):
    """A model to ask: behind an OpenAI-compatible endpoint, or run on this machine."""

    base_url: str | None = None
    """The endpoint, such as `http://127.0.0.1:8000/v1`; or else `local`."""
    local: str | None = Field(default=None, validate_default=True)
    """A model to run here: a packaged one by name, a GGUF file, or a hub repository."""
    model: str = Field(default="", validate_default=True)
    """The model's name at the endpoint; by default, for a local one, the name of its file."""
    key_env: str | None = None
    """Name of the environment variable that holds the API key."""
    sampling: Sampling = Sampling()
    """Sampling parameters."""
    max_in_flight: int = Field(default=64, ge=1)
    """Most calls at one time."""
    seed: bool = True
    """Whether each call sends a seed of its own; `false` for an endpoint that takes none."""
    thinking_switch: ThinkingSwitch = "none"
    """How a request says whether to think: not at all (the model always does, or never), or by
    `enable_thinking` among `chat_template_kwargs` (vLLM and SGLang with Qwen3, for example)."""
    stall_s: float = Field(default=3600.0, gt=0)
    """Seconds without a byte after which a call has stalled. Replies come whole, so this is also
    the longest that an answer may take: 32k tokens at 25 a second are 22 minutes."""

    @field_validator("base_url")
    @classmethod
    def _is_plain_http(cls, base_url: str | None) -> str | None:
        return base_url if base_url is None else _check_url(base_url)

    @field_validator("local")
    @classmethod
    def _one_place(cls, local: str | None, info: ValidationInfo) -> str | None:
        if "base_url" in info.data and bool(local) == bool(info.data["base_url"]):
            raise ValueError("or `base_url` must say where the model is, and only one of them")
        return local

    @field_validator("model")
    @classmethod
    def _has_name(cls, model: str, info: ValidationInfo) -> str:
        local = info.data.get("local")
        if not model and info.data.get("base_url"):
            raise ValueError("must be given: an endpoint is asked for a model by name")
        return model or _model_name(local or "")

    @field_validator("key_env")
    @classmethod
    def _is_no_key(cls, key_env: str | None) -> str | None:
        if key_env is not None and not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,63}", key_env):
            raise ValueError(
                "must be the name of an environment variable, such as TEACHER_KEY: capital "
                "letters, digits and _ (the value is not shown here, in case it is the key itself)"
            )
        return key_env


def is_file(local: str) -> bool:
    """Return whether a local model is a GGUF file's path, not a package's or a hub's name."""
    return local.endswith(".gguf") and not re.match(r"[\w.-]+/[\w.-]+:", local)


def _model_name(local: str) -> str:
    return re.split(r"[/\\:]", local)[-1].removesuffix(".gguf") if ".gguf" in local else local


def _check_url(url: str) -> str:
    if not _is_address(url):
        shown = "" if re.search("[@?]", url) else f", not {url!r}"  # keys stand beside @ and ?
        raise ValueError(f"must be an address like http://127.0.0.1:8000/v1{shown}")
    if "@" in urlsplit(url).netloc:
        raise ValueError("must not hold a user name or password: put the key in a `key_env`")
    return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        whole = parts.hostname is not None and parts.port != 0 and not re.search(r"\s", url)
    except ValueError:
        return False
    return whole and parts.scheme in ("http", "https")


def _switch(value: object) -> object:
    """Read `true` and `false` as `on` and `off`, which YAML 1.1 takes for the same."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _templates(value: object) -> object:
    """Read a text as one template for all problems."""
    if isinstance(value, str):
        return ({"template": value},)
    return tuple(cast(list[object], value)) if isinstance(value, list) else value


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
        ReasoningModes, BeforeValidator(_switch, json_schema_input_type=ReasoningModes | bool)
    ] = "on"
    """Whether the teacher thinks: by itself, not at all, once each, or by tags in the prompt."""
    teachers: tuple[TeacherSpec, ...] = Field(min_length=1)
    """The models to ask."""

    @field_validator("teachers")
    @classmethod
    def _names_differ(cls, teachers: tuple[TeacherSpec, ...]) -> tuple[TeacherSpec, ...]:
        distinct((t.model for t in teachers), "give one of them another `model`")
        return teachers

    @field_validator("teachers")
    @classmethod
    def _modes_differ(
        cls, teachers: tuple[TeacherSpec, ...], info: ValidationInfo
    ) -> tuple[TeacherSpec, ...]:
        if info.data.get("reasoning") == "both":
            text = (
                "is none, so that `reasoning: both` would send each prompt twice, the same both "
                "times: set it to chat_template_kwargs, or reasoning to on or off"
            )
            same = [i for i, each in enumerate(teachers) if each.thinking_switch == "none"]
            refuse({(i, "thinking_switch"): text for i in same})
        return teachers
