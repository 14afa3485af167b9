"""What is asked of a teacher in one call, and the key under which the journal keeps it."""

from functools import cached_property
from typing import Annotated

from pydantic import Field, JsonValue, field_validator

from potstill.models.thinking import ThinkingSwitch, opens, tell
from potstill.records import (
    JsonObject,
    JsonObjects,
    Message,
    Reasoning,
    Record,
    content_hash,
    to_json,
)

AM_SYSTEM_PROMPT = (
    "You are a helpful assistant. To answer the user's question, you first think about the "
    "reasoning process and then provide the user with the answer. The reasoning process and answer "
    "are enclosed within <think> and <answer> tags, respectively, i.e., <think> reasoning process "
    "here </think> <answer> answer here </answer>."
)
"""What `reasoning: prompted` asks for: the system prompt of AM-DeepSeek-R1-Distilled-1.4M
(arXiv 2503.19633), word for word."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


class Sampling(Record):
    """How a teacher samples its answer; what is not set is left to the endpoint."""

    temperature: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """0 for the likeliest token each time; higher is more varied."""
    top_p: Share | None = None
    """Sample from the likeliest tokens that make up this share of the probability."""
    top_k: int | None = None
    """Sample from this many of the likeliest tokens; endpoints differ in what means all."""
    min_p: Share | None = None
    """Leave out tokens less likely than this share of the likeliest one's probability."""
    presence_penalty: Finite | None = None
    """Penalty on tokens that have occurred."""
    frequency_penalty: Finite | None = None
    """Penalty on tokens, growing with how often they have occurred."""
    repetition_penalty: Finite | None = None
    """Factor on tokens that have occurred; 1 is none."""
    max_tokens: int = Field(default=4096, gt=0)
    """Most tokens of thinking and answer together."""
    stop: tuple[str, ...] | None = None
    """Texts at which the answer ends."""
    extra_body: JsonObject = Field(default_factory=dict)
    """Further fields of the request, merged into its body; they count in the call's key."""

    @field_validator("extra_body")
    @classmethod
    def _check_extra_body(cls, value: dict[str, JsonValue]) -> dict[str, JsonValue]:
        taken = RESERVED.union(cls.model_fields).intersection(value)
        if taken:
            raise ValueError(f"can't set {', '.join(sorted(taken))}")
        to_json(value)  # NaN and infinities are a ValueError: a body that is no JSON has no key
        return value

    def fields(self) -> dict[str, JsonValue]:
        """Return what is set, as it stands in a request's body."""
        named = {name: getattr(self, name) for name in Sampling.model_fields}
        del named["extra_body"], named["stop"]
        if self.stop is not None:
            named["stop"] = list(self.stop)
        return {**{k: v for k, v in named.items() if v is not None}, **self.extra_body}


RESERVED = frozenset({"model", "messages", "n", "seed", "stream", "stream_options"})
"""What `extra_body` can't set: these decide what the call is, and how its reply is read."""


class Request(Record):
    """One call: one sample of one round from one teacher."""

    model: str
    """Name of the model."""
    messages: tuple[Message, ...]
    """The conversation as it is sent, system prompt included."""
    tools: JsonObjects = ()
    """The functions that the model may call; they stand in place of `extra_body`'s."""
    sampling: Sampling = Field(default_factory=Sampling)
    """How to sample."""
    reasoning: Reasoning
    """Whether the teacher is asked to think."""
    sample: int = 0
    """Which sample of this problem and teacher, from 0."""
    round: int = 0
    """Which round of the sample, from 0."""
    thinking_switch: ThinkingSwitch = "none"
    """How the body says whether to think; see `models/thinking.py`."""

    @cached_property
    def key(self) -> str:
        """Hash of what is asked: 32 hexadecimal digits.

        Neither the endpoint's address nor the seed is in it, and what is not set is left out, so
        that another host, or an option added to a later version, finds the call again.
        """
        return content_hash(
            {
                "asked": self._content(),
                "reasoning": self.reasoning,
                "sample": self.sample,
                "round": self.round,
            }
        )

    @property
    def seed(self) -> int:
        """The call's own seed, below 2^31, derived from its key."""
        return int(self.key, 16) % 2**31

    @property
    def opened(self) -> bool:
        """Whether the body itself writes `<think>`, so that the reply lacks it."""
        return opens(self.thinking_switch, self.reasoning)

    def body(self, *, seed: bool) -> dict[str, JsonValue]:
        """Return the JSON body for `/chat/completions`, with the call's seed where asked."""
        content = self._content()
        if seed:
            content["seed"] = self.seed
        return content

    def _content(self) -> dict[str, JsonValue]:
        turns = [message.body() for message in self.messages]
        content: dict[str, JsonValue] = {
            "model": self.model,
            "messages": [*turns],
            **self.sampling.fields(),
        }
        if self.tools:
            content["tools"] = [*self.tools]
        return content | tell(content, turns, self.thinking_switch, self.reasoning)
