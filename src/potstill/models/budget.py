"""A hard cap on what a run may spend: in USD, in tokens, and in hours of asking.

A call is sent only if the cap would hold should it, and every call in flight, cost all that it can:
a token for each byte of its body, and `max_tokens` of answer. What a call did not use is free again
once it has ended. So the cap is never exceeded, as long as an endpoint keeps to `max_tokens`; near
the end of the budget fewer calls are in flight, and less than one call's most stays unspent.

The hours are those in which calls were in flight; a call that is in flight when they are over is
waited for.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from potstill.errors import Paused
from potstill.models.money import FREE, NOTHING, Prices, Usage, cost, exact, usage_of_attempt
from potstill.records import Record
from potstill.storage.journal import Entry, Journal

_TIMES = {"": 1, "k": 10**3, "M": 10**6, "B": 10**9}
HOUR = 3600.0
MINUTE = timedelta(minutes=1)


def _tokens(value: object) -> object:
    """Read `10M` as ten million.

    Raises:
        ValueError: It is a text of another form.
    """
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?([kMB]?)", value.strip())
    if match is None:
        raise ValueError(
            f"must be a number of tokens such as 500k, 10M or 1.5B, not {value[:40]!r}"
        )
    return int(Decimal(match[1]) * _TIMES[match[2]])


class BudgetSpec(Record):
    """What a run may spend at most, over all its sessions; then it pauses."""

    usd: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """US dollars, by the teachers' `prices`."""
    tokens: Annotated[
        int | None, Field(gt=0), BeforeValidator(_tokens, json_schema_input_type=int | str | None)
    ] = None
    """Tokens of prompts and answers; `10M` is ten million, and `k` and `B` are legal too."""
    hours: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Hours in which the teachers are asked."""


NO_CAP = BudgetSpec()


@dataclass
class Tally:
    """What a run has spent so far, added up from the journal."""

    run: str = ""
    """The run's name in the journal's attempts."""
    usage: dict[str, Usage] = field(default_factory=dict[str, Usage])
    """Tokens by model."""
    _minutes: set[int] = field(default_factory=set[int])

    def take(self, entry: Entry) -> None:
        """Add the attempts that this run sent; those of other runs cost it nothing."""
        for attempt in entry.attempts:
            if attempt.run == self.run:
                spent = self.usage.get(entry.model, NOTHING)
                self.usage[entry.model] = spent + usage_of_attempt(attempt)
                self._mark(attempt.at, attempt.seconds)

    def _mark(self, at: str, seconds: float) -> None:
        # Minutes, not seconds: a night of asking is then a few hundred numbers.
        start = datetime.fromisoformat(at)
        first, last = (
            int(t.timestamp() // 60) for t in (start, start + timedelta(seconds=seconds))
        )
        self._minutes.update(range(first, last + 1))

    @property
    def seconds(self) -> float:
        """How long some call was in flight, to the minute."""
        return len(self._minutes) * MINUTE.total_seconds()


@dataclass
class Use:
    """What a call used, told by who makes it."""

    usage: Usage | None = None
    """Its tokens; None where it cost nothing."""


def spent_before(journal: Journal, run: str) -> Tally:
    """Return what a run has spent in all its sessions; every call in the journal is looked at.

    Raises:
        StorageError: The journal is damaged.
    """
    tally, keys = Tally(run), journal.keys()
    for key in keys:
        if (entry := journal.get(key)) is not None:
            tally.take(entry)
    return tally


class Budget:
    """What may still be spent. One of these stands for all teachers of a run."""

    def __init__(
        self,
        spec: BudgetSpec = NO_CAP,
        prices: Mapping[str, Prices] | None = None,
        before: Tally | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the clock of this session.

        Args:
            spec: The cap.
            prices: Those of each model; one that is not named costs nothing.
            before: Which run it is, and what its earlier sessions spent.
            clock: Counts seconds; replaced in tests.
        """
        self._spec, self._prices, self._clock = spec, prices or {}, clock
        before = before or Tally()
        self.run = before.run
        """The run that spends."""
        self._started = clock() - before.seconds
        self.usd, self.tokens = Decimal(0), 0
        for model, usage in before.usage.items():
            self.spend(model, usage)
        self._usd_before = self.usd
        self._held_usd, self._held_tokens, self._in_flight = Decimal(0), 0, 0
        self.out: str | None = None
        """The sentence with which the run pauses; None until a call could not be sent."""
        self._turn, self._freed = asyncio.Lock(), asyncio.Event()

    @property
    def usd_now(self) -> Decimal:
        """What this session has spent, in USD."""
        return self.usd - self._usd_before

    @property
    def has_cap(self) -> bool:
        """Whether anything is capped; if not, calls need not be counted."""
        return self._spec != NO_CAP

    def check(self) -> None:
        """Stop here if a call could not be sent.

        Raises:
            Paused: The budget is spent.
        """
        if self.out is not None:
            raise Paused(self.out)

    @property
    def seconds(self) -> float:
        """Time of asking, that of earlier sessions included."""
        return self._clock() - self._started

    @asynccontextmanager
    async def call(self, model: str, most: Usage) -> AsyncGenerator[Use]:
        """Reserve the most that a call can cost, while it is made; set what it used inside.

        Waits while calls in flight hold what it would need. First come, first served: a dear call
        is not passed by cheap ones for ever.

        Raises:
            Paused: The budget is spent. Calls in flight go on.
        """
        with ExitStack() as stack:
            async with self._turn:
                await self._room(model, most)
                use = stack.enter_context(self.held(model, most))
            yield use

    @contextmanager
    def held(self, model: str, most: Usage) -> Generator[Use]:
        """Reserve what is being spent whether there is room for it or not; else as `call`."""
        self._hold(model, most, 1)
        use = Use()
        try:
            yield use
        finally:
            self._hold(model, most, -1)
            self.spend(model, use.usage or NOTHING)
            self._freed.set()

    def fits(self, model: str, most: Usage) -> bool:
        """Return whether there is room now for what can cost so much."""
        return self._lack(model, most) is None

    async def _room(self, model: str, most: Usage) -> None:
        while self.out is None and (lack := self._lack(model, most)) is not None:
            if self._in_flight and not self._is_late:
                self._freed.clear()
                await self._freed.wait()
            else:  # nobody will give anything back
                self.out = lack
        self.check()

    @property
    def _is_late(self) -> bool:
        return self._spec.hours is not None and self.seconds >= self._spec.hours * HOUR

    def _lack(self, model: str, most: Usage) -> str | None:
        """Return why the most that a call can cost can't be spent now; None where it can."""
        usd, tokens, hours = self._spec.usd, self._spec.tokens, self._spec.hours
        price = self._price(model, most)
        if hours is not None and self._is_late:
            spent = self.seconds / HOUR
            return _sentence("hours", hours, spent, f"{spent:.2f} of asking so far")
        if usd is not None and self.usd + self._held_usd + price > exact(usd):
            so_far = f"{self.usd:.4f} so far, and a call to {model} can cost {price:.4f}"
            return _sentence("usd", usd, float(self.usd + price), so_far)
        if tokens is not None and self.tokens + self._held_tokens + most.total > tokens:
            so_far = f"{self.tokens:,} so far, and a call to {model} can take {most.total:,}"
            return _sentence("tokens", tokens, self.tokens + most.total, so_far)
        return None

    def _price(self, model: str, usage: Usage) -> Decimal:
        return cost(usage, self._prices.get(model, FREE))

    def _hold(self, model: str, most: Usage, sign: int) -> None:
        self._held_usd += sign * self._price(model, most)
        self._held_tokens += sign * most.total
        self._in_flight += sign

    def spend(self, model: str, usage: Usage) -> None:
        """Add what a call used that was not reserved, as nothing is capped."""
        if model in self._prices:
            self.usd += self._price(model, usage)
        self.tokens += usage.total


def _sentence(name: str, cap: float, needed: float, so_far: str) -> str:
    return (
        f"the budget is spent: budget.{name} is {cap:,}: {so_far}; all answers are kept, and the "
        f"same command with --set budget.{name}={_more(cap, needed)} goes on"
    )


def _more(cap: float, needed: float) -> str:
    """Return the cap, doubled until it is more than what is needed next."""
    more = 2 * cap
    while more <= needed:
        more *= 2
    return f"{more:g}" if isinstance(more, float) else str(more)
