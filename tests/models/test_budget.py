"""A cap is never exceeded, whatever calls cost and however many are in flight."""

import asyncio
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from potstill.errors import Paused
from potstill.models.budget import Budget, BudgetSpec, Tally, spent_before
from potstill.models.money import Prices, Usage
from potstill.storage.journal import Attempt, Entry, Journal

PRICES = {"m": Prices(input=1, output=4), "dear": Prices(input=10, output=40)}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("10M", 10**7),
        ("500k", 500_000),
        ("1.5B", 15 * 10**8),
        ("12", 12),
        (12, 12),
        ("2 M", 2 * 10**6),
    ],
)
def test_tokens_may_be_written_short(given, wanted: int) -> None:
    assert BudgetSpec(tokens=given).tokens == wanted


@pytest.mark.parametrize("given", ["", "M", "10m", "-1M", "1e6", 0, -5, "ten", "0.1", "1M\n1"])
def test_what_is_no_number_of_tokens_is_refused(given) -> None:
    with pytest.raises(ValidationError):
        BudgetSpec(tokens=given)


@pytest.mark.parametrize("given", [0, -1, float("nan"), float("inf")])
def test_a_cap_must_be_more_than_nothing(given: float) -> None:
    with pytest.raises(ValidationError):
        BudgetSpec(usd=given)


class World:
    """Calls that cost at random, up to what they may, and a watch on what is spent."""

    def __init__(self, budget: Budget, seed: int) -> None:
        self.budget, self.random = budget, random.Random(seed)
        self.sent = self.refused = self.in_flight = self.most_in_flight = 0

    async def call(self, model: str, most: Usage) -> None:
        try:
            async with self.budget.call(model, most) as use:
                self.sent += 1
                self.in_flight += 1
                self.most_in_flight = max(self.in_flight, self.most_in_flight)
                for _ in range(self.random.randint(1, 5)):
                    await asyncio.sleep(0)
                self.in_flight -= 1
                if self.random.random() < 0.9:
                    use.usage = Usage(most.prompt, self.random.randint(0, most.completion))
        except Paused:
            self.refused += 1

    async def run(self, calls: int) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(calls):
                model = self.random.choice(["m", "dear"])
                most = Usage(self.random.randint(1, 50), self.random.randint(1, 4000))
                group.create_task(self.call(model, most))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from([{"usd": 0.5}, {"tokens": 40_000}, {"usd": 0.3, "tokens": 30_000}]),
)
def test_the_cap_is_never_exceeded_with_fifty_in_flight(seed: int, caps: dict) -> None:
    budget = Budget(BudgetSpec(**caps), PRICES)
    world = World(budget, seed)
    asyncio.run(world.run(50))
    assert world.sent + world.refused == 50
    assert budget.usd <= Decimal(str(caps.get("usd", 100)))
    assert budget.tokens <= caps.get("tokens", 10**9)
    assert (budget.out is not None) == (world.refused > 0)


async def test_without_a_cap_nothing_is_refused_and_all_go_at_once() -> None:
    world = World(Budget(prices=PRICES), 1)
    await world.run(50)
    assert (world.sent, world.refused, world.most_in_flight) == (50, 0, 50)


async def test_what_calls_did_not_use_can_be_spent_again() -> None:
    budget = Budget(BudgetSpec(tokens=1000))
    for _ in range(90):
        async with budget.call("m", Usage(10, 90)) as use:
            use.usage = Usage(5, 5)
    assert budget.tokens == 900
    async with budget.call("m", Usage(10, 90)):
        pass
    assert budget.tokens == 900


async def test_a_call_waits_for_those_in_flight() -> None:
    budget = Budget(BudgetSpec(tokens=100))
    entered = asyncio.Event()

    async def second() -> None:
        async with budget.call("m", Usage(0, 80)):
            entered.set()

    async with budget.call("m", Usage(0, 80)) as use:
        waiting = asyncio.create_task(second())
        for _ in range(10):
            await asyncio.sleep(0)
        assert not entered.is_set()
        use.usage = Usage(0, 20)
    await waiting
    assert entered.is_set()


async def test_the_sentence_says_what_was_spent_and_how_to_go_on() -> None:
    budget = Budget(BudgetSpec(usd=0.05), PRICES)
    async with budget.call("m", Usage(0, 10_000)) as use:
        use.usage = Usage(0, 5_000)
    with pytest.raises(Paused) as error:
        async with budget.call("m", Usage(0, 10_000)):
            pass
    assert str(error.value) == (
        "the budget is spent: budget.usd is 0.05: 0.0200 so far, and a call to m can cost 0.0400; "
        "all answers are kept, and the same command with --set budget.usd=0.1 goes on"
    )
    with pytest.raises(Paused):
        budget.check()


async def test_a_call_that_is_cancelled_gives_back_what_it_held() -> None:
    budget = Budget(BudgetSpec(tokens=100))

    async def forever() -> None:
        async with budget.call("m", Usage(0, 100)):
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(forever()) for _ in range(3)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with budget.call("m", Usage(0, 100)):
        assert budget.out is None


async def test_hours_are_over_for_new_calls_only() -> None:
    now = [0.0]
    budget = Budget(BudgetSpec(hours=1), clock=lambda: now[0])
    async with budget.call("m", Usage(0, 1)) as use:
        now[0] = 3601
        with pytest.raises(Paused, match=r"budget.hours is 1.*--set budget.hours=2 goes on"):
            async with budget.call("m", Usage(0, 1)):
                pass
        use.usage = Usage(0, 1)
    assert budget.tokens == 1


async def test_the_cap_that_it_names_is_enough_to_go_on() -> None:
    now = [0.0]
    budget = Budget(BudgetSpec(hours=1), clock=lambda: now[0])
    async with budget.call("m", Usage(0, 1)):
        now[0] = 2.5 * 3600
    with pytest.raises(Paused, match="--set budget.hours=4 goes on"):
        async with budget.call("m", Usage(0, 1)):
            pass
    with pytest.raises(Paused, match="--set budget.tokens=160 goes on"):
        async with Budget(BudgetSpec(tokens=10)).call("m", Usage(50, 100)):
            pass


async def test_a_dear_call_is_not_passed_by_cheap_ones_for_ever() -> None:
    budget = Budget(BudgetSpec(tokens=100))
    order = []

    async def call(name: str, most: int) -> None:
        async with budget.call("m", Usage(0, most)):
            order.append(name)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for name, most in (("a", 60), ("dear", 100), ("b", 30), ("c", 30)):
            group.create_task(call(name, most))
    assert order == ["a", "dear", "b", "c"]


def attempt(run: str, minute: int, seconds: float, tokens: int) -> Attempt:
    return Attempt(
        at=f"2026-01-01T00:{minute:02}:30.000+00:00",
        ending="ok",
        seconds=seconds,
        prompt_tokens=tokens,
        completion_tokens=tokens,
        run=run,
    )


async def test_only_what_the_run_sent_counts(journal: Journal) -> None:
    attempts = {
        "a": (attempt("mine", 1, 1, 10), attempt("mine", 2, 40, 10)),
        "b": (attempt("other", 1, 1, 100), attempt("mine", 2, 5, 1)),
        "c": (attempt("other", 50, 1, 1000),),
    }
    for key, each in attempts.items():
        await journal.put(Entry(key=key, model="m", ending="ok", request="{}", attempts=each))
    tally = spent_before(journal, "mine")
    assert tally.usage == {"m": Usage(21, 21)}
    assert tally.seconds == 3 * 60  # minutes 1, 2 and 3
    budget = Budget(BudgetSpec(usd=1), PRICES, tally)
    assert budget.usd == Decimal("0.000105")
    assert budget.usd_now == 0
    assert Budget(before=Tally("mine")).run == "mine"
