"""The models to ask: where they are, what they bear, and what is done about each ending."""

import re
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError, PydanticKnownError

from potstill.models.batches.options import BatchOptions
from potstill.models.money import Prices
from potstill.models.policies import POLICIES, Policies, Policy, Then, legal
from potstill.models.requests import Sampling
from potstill.models.thinking import ThinkingSwitch, suggest
from potstill.recipe.conditions import ProblemCondition
from potstill.recipe.sentences import AROUND
from potstill.recipe.specs import Spec, distinct, refuse
from potstill.records import Ending


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


def _check_key_env(key_env: str) -> str:
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,63}", key_env):
        raise ValueError(
            "must be the name of an environment variable, such as TEACHER_KEY: capital "
            "letters, digits and _ (the value is not shown here, in case it is the key itself)"
        )
    return key_env


def _fitting(switch: object, info: ValidationInfo) -> object:
    *others, last = legal = ("auto", *get_args(ThinkingSwitch))
    if switch not in legal:
        expected = f"{', '.join(map(repr, others))} or {last!r}"
        raise PydanticKnownError("literal_error", {"expected": expected})
    return suggest(info.data.get("model", "")) or "none" if switch == "auto" else switch


def _not_empty(prices: Prices) -> Prices:
    if not prices.model_fields_set:  # all would be free, and no cap in USD would ever hold
        raise ValueError("is empty: give `input` and `output`, in USD per million tokens")
    return prices


Address = Annotated[str, AfterValidator(_check_url)]
KeyEnv = Annotated[str, AfterValidator(_check_key_env)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _batch(value: object) -> object:
    """Read `true` as batches with every default, and `false` as none."""
    if isinstance(value, bool):
        return BatchOptions() if value else None
    return value


class EndpointSpec(Spec):
    """One of several places that serve a model; what it leaves out is as the teacher has it."""

    base_url: Address
    """The endpoint, such as `http://127.0.0.1:8000/v1`."""
    key_env: KeyEnv | None = None
    """Name of the environment variable that holds the API key."""
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Its share of the calls beside the others'."""
    max_in_flight: Count | None = None
    """Most calls at one time; without it, as many as it turns out to bear."""
    rpm: Count | None = None
    """Most requests a minute."""
    tpm: Count | None = None
    """Most tokens of prompts and answers a minute."""


class EndingSpec(Spec):
    """What is done about an ending; what is left out is as `docs/teachers.md` tells."""

    retries: int | None = Field(default=None, ge=0)
    """How often a call that ended so is sent again at once."""
    delay_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Most seconds before the first of these; they double with each."""
    then: Then | None = None
    """What follows: keep or drop the answer, ask again later, give up, or stop the run."""


class TeacherSpec(Spec):
    """A model to ask: behind OpenAI-compatible endpoints, or run on this machine."""

    base_url: Address | None = None
    """The endpoint, such as `http://127.0.0.1:8000/v1`; or else `endpoints` or `local`."""
    endpoints: tuple[EndpointSpec, ...] = ()
    """Several endpoints that serve the model; when one is down, the others take its calls."""
    local: str | None = Field(default=None, validate_default=True)
    """A model to run here: a packaged one by name, a GGUF file, or a hub repository."""
    model: str = Field(default="", validate_default=True)
    """The model's name at the endpoint; by default, for a local one, the name of its file."""
    where: ProblemCondition | None = None
    """Which problems it is asked; all by default."""
    key_env: KeyEnv | None = None
    """Name of the environment variable that holds the API key."""
    sampling: Sampling = Sampling()
    """Sampling parameters."""
    max_in_flight: Count | None = None
    """Most calls at one time; without it, as many as the endpoint turns out to bear."""
    rpm: Count | None = None
    """Most requests a minute; without it, what the endpoint's headers say."""
    tpm: Count | None = None
    """Most tokens of prompts and answers a minute; without it, what the headers say."""
    seed: bool = True
    """Whether each call sends a seed of its own; `false` for an endpoint that takes none."""
    thinking_switch: Annotated[
        ThinkingSwitch,
        BeforeValidator(_fitting, json_schema_input_type=ThinkingSwitch | Literal["auto"]),
    ] = "none"
    """How a request says whether to think; `auto` for what fits models of this name, if anything
    is known. See `docs/teachers.md` for each model's."""
    stream: bool | None = None
    """Whether replies are streamed; without it, where answers may be over 4,096 tokens."""
    stall_s: Seconds = 600.0
    """Seconds without a byte after which a streamed call has stalled."""
    deadline_s: Seconds = 7200.0
    """Seconds that a call may take in all; the only limit of replies that come whole."""
    endings: dict[Ending, EndingSpec] = {}
    """What is done about a call that ended so, where it is not as usual."""
    prices: Annotated[Prices, AfterValidator(_not_empty)] | None = None
    """What its tokens cost."""
    batch: Annotated[
        BatchOptions | None,
        BeforeValidator(_batch, json_schema_input_type=BatchOptions | bool | None),
    ] = Field(default=None, validate_default=True)
    """Whether it is asked by batches (OpenAI's file protocol), and how; see `docs/batch.md`."""

    @field_validator("batch")
    @classmethod
    def _at_one_place(cls, batch: BatchOptions | None, info: ValidationInfo) -> BatchOptions | None:
        if batch is not None and (
            info.data.get("local") or len(info.data.get("endpoints", ())) > 1
        ):
            raise ValueError(
                "must be false here: batches need one endpoint (`base_url`), neither several nor a "
                "local model"
            )
        return batch

    @field_validator("local")
    @classmethod
    def _one_place(cls, local: str | None, info: ValidationInfo) -> str | None:
        if not {"base_url", "endpoints"} <= info.data.keys():  # they have mistakes of their own
            return local
        places = {"local": local, **info.data}
        given = [f"`{key}`" for key in ("base_url", "endpoints", "local") if places[key]]
        if not given:
            text = "does not say where the model is: give `base_url`, `endpoints` or `local`"
            raise PydanticCustomError(AROUND, text)
        if len(given) > 1:
            text = "has {keys}, of which only one can say where the model is"
            raise PydanticCustomError(AROUND, text, {"keys": " and ".join(given)})
        return local

    @field_validator("endpoints")
    @classmethod
    def _addresses_differ(cls, endpoints: tuple[EndpointSpec, ...]) -> tuple[EndpointSpec, ...]:
        distinct((e.base_url for e in endpoints), "leave one of them out")
        return endpoints

    @field_validator("model")
    @classmethod
    def _has_name(cls, model: str, info: ValidationInfo) -> str:
        local = info.data.get("local")
        if not model and (info.data.get("base_url") or info.data.get("endpoints")):
            raise ValueError("must be given: an endpoint is asked for a model by name")
        return model or _model_name(local or "")

    @field_validator("endings")
    @classmethod
    def _can_follow(cls, endings: dict[Ending, EndingSpec]) -> dict[Ending, EndingSpec]:
        refuse(
            {
                (ending, "then"): f"can't be {spec.then!r}: {', '.join(legal(ending))}"
                for ending, spec in endings.items()
                if spec.then is not None and spec.then not in legal(ending)
            }
        )
        return endings

    @property
    def policies(self) -> Policies:
        """What is done about each ending."""
        changed: dict[Ending, Policy] = {
            ending: POLICIES[ending].model_copy(update=spec.model_dump(exclude_none=True))
            for ending, spec in self.endings.items()
        }
        return {**POLICIES, **changed}

    @property
    def is_priced(self) -> bool:
        """Whether it is known what a call costs; a model on this machine costs nothing."""
        return self.prices is not None or self.local is not None

    def places(self) -> tuple[EndpointSpec, ...]:
        """Return every endpoint with all that is said of it; none for a local model."""
        own = {name: getattr(self, name) for name in ("key_env", "max_in_flight", "rpm", "tpm")}
        given = (EndpointSpec(base_url=self.base_url),) if self.base_url else self.endpoints
        return tuple(
            each.model_copy(
                update={name: value for name, value in own.items() if getattr(each, name) is None}
            )
            for each in given
        )


def is_file(local: str) -> bool:
    """Return whether a local model is a GGUF file's path, not a package's or a hub's name."""
    return local.endswith(".gguf") and not re.match(r"[\w.-]+/[\w.-]+:", local)


def _model_name(local: str) -> str:
    return re.split(r"[/\\:]", local)[-1].removesuffix(".gguf") if ".gguf" in local else local
