"""One call while it is being made: what is sent, how its attempts ended, what is journaled."""

import json
from typing import NamedTuple

from potstill.models.endpoints import Site
from potstill.models.money import Usage
from potstill.models.requests import Request
from potstill.models.teacher import Teacher
from potstill.models.traces import Trace
from potstill.models.transport import Exchange
from potstill.records import ANSWERED, Ending
from potstill.storage.journal import Attempt, Entry


class Outcome(NamedTuple):
    """How one attempt ended."""

    ending: Ending
    """Its name."""
    detail: str = ""
    """What is to be told of it."""
    exchange: Exchange | None = None
    """What came; None where nothing did."""
    trace: Trace = Trace(None, "")
    """Thinking and answer in it."""
    usage: Usage | None = None
    """The tokens, as far as they are known."""
    wait: float | None = None
    """Seconds that the endpoint wants to be left alone."""


class Call:
    """One call while it is being made."""

    def __init__(self, request: Request, teacher: Teacher, earlier: Entry | None) -> None:
        """Write the body; `earlier` is what the journal has of it."""
        self.request = request
        self.stream = teacher.streams(request.sampling.max_tokens)
        self._earlier = earlier.attempts if earlier else ()
        self.attempts: list[Attempt] = []
        """Those of this session."""
        self.site: Site | None = None
        """Where it was sent last."""
        self._body = request.body(seed=teacher.seed)
        if self.stream:
            self._body["stream"] = True
            self._body["stream_options"] = {"include_usage": True}
        self._seed_anew(sum(attempt.ending in ANSWERED for attempt in self._earlier))

    def sample_anew(self) -> None:
        """Take another seed: the answer to the last one is not wanted."""
        self._seed_anew(1)

    def _seed_anew(self, times: int) -> None:
        seed = self._body.get("seed")
        if isinstance(seed, int):
            self._body["seed"] = (seed + times) % 2**31
        self.text = json.dumps(self._body, separators=(",", ":"))

    @property
    def has_failed(self) -> bool:
        """Whether an endpoint has failed at it before, in this session or an earlier one."""
        attempts = (*self._earlier, *self.attempts)
        return any(attempt.ending in ("server_error", "stalled") for attempt in attempts)

    @property
    def prompt(self) -> str:
        """The messages as they are sent, as one JSON text."""
        return json.dumps(self._body.get("messages"), ensure_ascii=False)

    @property
    def most(self) -> Usage:
        """The most that it can cost, for a hard cap: a token for each byte that is sent."""
        return Usage(len(self.text), self.request.sampling.max_tokens)

    def entry(self, ending: Ending, reply: str = "") -> Entry:
        """Return what the journal keeps."""
        return Entry(
            key=self.request.key,
            model=self.request.model,
            ending=ending,
            request=self.text,
            reply=reply,
            attempts=(*self._earlier, *self.attempts),
        )
