"""What calls cost: the tokens of each attempt, and prices per model.

Nothing is rounded on the way: tokens are whole numbers, and prices are taken as the decimal numbers
that the recipe writes. So a sum over millions of calls does not depend on their order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, TypedDict

from pydantic import Field, JsonValue

from potstill.records import Record
from potstill.storage.journal import Attempt

MOST_TOKENS = 2**40
"""A count above this is no count of one call's tokens."""

Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Prices(Record):
    """What a model costs, in USD per million tokens."""

    input: Price = 0.0
    """Tokens of the prompt."""
    output: Price = 0.0
    """Tokens of thinking and answer."""
    cached_input: Price | None = None
    """Tokens of the prompt that the endpoint had in its cache; None for the price of `input`."""
    reasoning: Price | None = None
    """Tokens of the thinking; None for the price of `output`."""


FREE = Prices()
"""What a model on this machine costs, and one of which nobody said what it costs."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of one attempt, or of several together."""

    prompt: int = 0
    """Tokens of the prompt."""
    completion: int = 0
    """Tokens of thinking and answer."""
    cached: int = 0
    """Those of `prompt` that the endpoint had in its cache."""
    reasoning: int = 0
    """Those of `completion` that are thinking, as far as the endpoint tells them apart."""
    estimated: bool = False
    """Whether some were counted here, because the endpoint did not say."""

    @property
    def total(self) -> int:
        """Tokens of the prompt and of the completion."""
        return self.prompt + self.completion

    def __add__(self, other: "Usage") -> "Usage":
        """Return the tokens of both."""
        return Usage(
            self.prompt + other.prompt,
            self.completion + other.completion,
            self.cached + other.cached,
            self.reasoning + other.reasoning,
            self.estimated or other.estimated,
        )


NOTHING = Usage()


def usage_of(reply: Mapping[str, JsonValue]) -> Usage | None:
    """Return the tokens as the endpoint counted them, or None where it did not.

    Endpoints differ in where they say how many tokens were cached (OpenAI and vLLM:
    `prompt_tokens_details`; DeepSeek: `prompt_cache_hit_tokens`; Anthropic:
    `cache_read_input_tokens`, which `input_tokens` leaves out) and how many are thinking
    (`completion_tokens_details`, or what `total_tokens` has beyond prompt and completion: xAI,
    Gemini). What is no count is taken for not said, and a part is never more than its whole.
    """
    usage = reply.get("usage")
    if not isinstance(usage, dict):
        return None
    prompt, cached = _prompt(usage)
    completion = _first(usage, "completion_tokens", "output_tokens")
    if prompt is None or completion is None:
        return None
    details = _object(usage, "completion_tokens_details", "output_tokens_details")
    reasoning = _count(details.get("reasoning_tokens")) or 0
    beyond = (_count(usage.get("total_tokens")) or 0) - prompt - completion
    if beyond > 0:
        completion, reasoning = completion + beyond, max(reasoning, beyond)
    return Usage(prompt, completion, min(cached, prompt), min(reasoning, completion))


def _prompt(usage: Mapping[str, JsonValue]) -> tuple[int | None, int]:
    """Return the tokens of the prompt, and those of them that were cached."""
    prompt = _count(usage.get("prompt_tokens"))
    if prompt is not None:
        details = _object(usage, "prompt_tokens_details", "input_tokens_details")
        cached = _count(details.get("cached_tokens"))
        return prompt, _first(usage, "prompt_cache_hit_tokens") or 0 if cached is None else cached
    fresh, read = _count(usage.get("input_tokens")), _first(usage, "cache_read_input_tokens") or 0
    written = _first(usage, "cache_creation_input_tokens") or 0
    return (None if fresh is None else fresh + read + written), read


def _object(usage: Mapping[str, JsonValue], *names: str) -> dict[str, JsonValue]:
    for name in names:
        if isinstance(value := usage.get(name), dict):
            return value
    return {}


def _first(usage: Mapping[str, JsonValue], *names: str) -> int | None:
    counts = (_count(usage.get(name)) for name in names)
    return next((count for count in counts if count is not None), None)


def _count(value: JsonValue) -> int | None:
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None


def usage_of_attempt(attempt: Attempt) -> Usage:
    """Return what a journaled attempt used; nothing where neither side counted."""
    return Usage(
        attempt.prompt_tokens or 0,
        attempt.completion_tokens or 0,
        attempt.cached_tokens or 0,
        attempt.reasoning_tokens or 0,
        attempt.estimated,
    )


class Counted(TypedDict):
    """The tokens in a journaled attempt."""

    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    estimated: bool


def counted(usage: Usage | None) -> Counted:
    """Return what an attempt keeps of its tokens; `usage_of_attempt` reads it."""
    return Counted(
        prompt_tokens=usage and usage.prompt,
        completion_tokens=usage and usage.completion,
        cached_tokens=usage and usage.cached,
        reasoning_tokens=usage and usage.reasoning,
        estimated=usage is not None and usage.estimated,
    )


def cost(usage: Usage, prices: Prices) -> Decimal:
    """Return what tokens cost in USD, exact: the cost of a sum is the sum of the costs."""
    cached = prices.input if prices.cached_input is None else prices.cached_input
    reasoning = prices.output if prices.reasoning is None else prices.reasoning
    millionths = (
        (usage.prompt - usage.cached) * exact(prices.input)
        + usage.cached * exact(cached)
        + (usage.completion - usage.reasoning) * exact(prices.output)
        + usage.reasoning * exact(reasoning)
    )
    return millionths.scaleb(-6)


def exact(amount: float) -> Decimal:
    """Return the decimal number that is written as `amount`: 0.1 is a tenth."""
    return Decimal(repr(amount))
