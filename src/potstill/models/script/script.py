"""How the scripted teacher behaves, and what it draws for a request.

Each choice (right or wrong, which fault, which words, how slow) is drawn from a hash of the
request, so two servers with the same script say the same, in whatever order they are asked.
"""

import hashlib
import math
from statistics import NormalDist
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator

from potstill.records import Ending, Record

Style = Literal[
    "reasoning_content", "reasoning", "think_tags", "lone_close", "blocks", "prompted", "none"
]
Fault = Literal[
    "rate_limited",
    "server_error",
    "network",
    "stalled",
    "empty",
    "truncated",
    "thinking_only",
    "refused",
    "malformed",
    "bad_request",
    "over_context",
]
Quirk = Literal[
    "done_missing",
    "closed_early",
    "done_doubled",
    "finish_doubled",
    "comments",
    "crlf",
    "no_space",
    "split",
    "usage_with_finish",
    "null_usage",
]

FAULTS: tuple[Ending, ...] = get_args(Fault)
"""The faults that can be scripted, named by the ending that they lead to."""
QUIRKS: tuple[Quirk, ...] = get_args(Quirk)
"""What real servers do to replies that are complete all the same:

- `done_missing`: the stream ends without `data: [DONE]`;
- `closed_early`: the connection closes after the chunk with the finish reason, and nothing ends;
- `done_doubled`, `finish_doubled`: `[DONE]`, or the chunk with the finish reason, comes twice;
- `comments`: the comment `: keep-alive` stands before each chunk;
- `crlf`: lines end with CR LF; `no_space`: no space follows `data:`;
- `split`: pieces end anywhere, within a line or a character;
- `usage_with_finish`: the usage is in the chunk with the finish reason, asked for or not;
- `null_usage`: the usage is null.
"""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


class Script(Record):
    """How the scripted teacher behaves."""

    model: str | None = None
    """The only model that it knows; None to accept every name."""
    key: str | None = None
    """The key that it wants; None for no key."""

    answers: dict[str, str] = Field(default_factory=dict[str, str])
    """Prompt to reference answer. A prompt also counts as known when it is followed by further
    lines, such as the instruction of a prompt template."""
    accuracy: Share = 1.0
    """Share of known prompts that are answered right."""
    style: Style = "reasoning_content"
    """Where the thinking goes; `none` for answers without thinking."""
    words: Annotated[int, Field(ge=0, le=1_000_000)] = 40
    """Words of thinking."""
    answer_words: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Words before the final answer."""
    switchable: bool = False
    """Whether a request can switch the thinking off."""
    missing_traces: Share = 0.0
    """Share of answers that lack the thinking which they should have."""
    tool_calls: Share = 0.0
    """Share of the requests with `tools` that are answered by a call of the first one."""
    cached: Share = 0.0
    """Share of a prompt's tokens that the usage tells as cached."""

    latency: Seconds = 0.0
    """Seconds before each answer, or before the first chunk of it."""
    latency_spread: Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)] = 0.0
    """Standard deviation of the latency's logarithm, whose median is `latency`; 0 for a fixed one.
    At 1, one answer in forty takes more than seven times the median."""
    chunk: Count = 4
    """Words, or characters, in each chunk of a stream."""
    chunk_unit: Literal["words", "characters"] = "words"
    """What `chunk` counts."""
    chunk_s: Seconds = 0.0
    """Seconds between two chunks."""
    keepalive_s: Seconds = 0.0
    """Seconds between two signs of life (a comment in a stream, an empty line before a whole
    reply) until an answer begins; 0 for none."""
    batch_s: Seconds = 0.0
    """Seconds from the creation of a batch to its end."""
    time_scale: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = 1.0
    """Factor on every time of the script."""

    faults: dict[Fault, Share] = Field(default_factory=dict[Fault, float])
    """Share of requests that end in each fault of `FAULTS`."""
    overloaded: Share = 0.0
    """Share of the `server_error` faults that are a 503 with Retry-After."""
    retry_after: Seconds = 1.0
    """Seconds in the Retry-After header of a `rate_limited` reply, and of a 503."""
    quirks: dict[Quirk, Share] = Field(default_factory=dict[Quirk, float])
    """Share of complete replies with each quirk of `QUIRKS`."""

    rpm: Count | None = None
    """Most requests a minute."""
    tpm: Count | None = None
    """Most tokens of prompts and answers a minute."""
    minute_s: Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)] = 60.0
    """Seconds in the minute of `rpm` and `tpm`."""
    max_in_flight: Count | None = None
    """Most requests at a time; further ones are refused."""
    slots: Count | None = None
    """Answers that are worked on at a time; further ones wait for their turn."""

    @field_validator("faults")
    @classmethod
    def _check_faults(cls, faults: dict[Fault, float]) -> dict[Fault, float]:
        if sum(faults.values()) > 1 + 1e-9:
            raise ValueError(f"add up to more than 1: {faults}")
        return faults

    def seconds(self, time: float) -> float:
        """Return how long one of the script's times takes."""
        return time * self.time_scale

    def latency_of(self, request: str) -> float:
        """Return the seconds before the answer to the request with this hash."""
        latency = self.seconds(self.latency)
        if not latency or not self.latency_spread:
            return latency
        # Never 0 or 1, which have no quantile.
        share = min(max(draw(request, "latency"), 1e-9), 1 - 1e-9)
        return latency * math.exp(self.latency_spread * NormalDist().inv_cdf(share))


def draw(request: str, what: str) -> float:
    """Return a number in [0, 1), always the same for this request and this question."""
    digest = hashlib.sha256(f"{request} {what}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def fault_of(script: Script, request: str, attempt: int) -> Fault | None:
    """Return the fault that this attempt (from 0) of the request with this hash ends in, if any."""
    if not script.faults:
        return None
    left = draw(request, f"fault {attempt}")
    for fault in get_args(Fault):
        left -= script.faults.get(fault, 0.0)
        if left < 0:
            return fault
    return None


def quirks_of(script: Script, request: str, attempt: int) -> frozenset[Quirk]:
    """Return the quirks of the reply to this attempt; each is drawn by itself."""
    shares = script.quirks.items()
    return frozenset(q for q, share in shares if draw(request, f"{q} {attempt}") < share)
