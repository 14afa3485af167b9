"""The calls of a probe stand for all."""

from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from potstill.models.requests import Request
from potstill.pipeline.draw import draw, share
from potstill.recipe import DistilSpec
from potstill.records import Message, Problem
from potstill.stages.plan import requests
from potstill.storage.journal import Entry, Journal

SPEC = DistilSpec.model_validate(
    {
        "samples": 2,
        "teachers": [
            {"model": "a", "base_url": "http://127.0.0.1:1/v1"},
            {"model": "b", "base_url": "http://127.0.0.1:1/v1"},
        ],
    }
)


def problem(number: int, category: str = "math", text: str | None = None) -> Problem:
    return Problem(
        source="s",
        file="f",
        line=number,
        messages=(Message(role="user", content=text or f"What is {number} + 1?"),),
        category=category,
    )


def test_the_draw_is_spread_in_proportion() -> None:
    problems = [problem(i, "math" if i % 4 else "code") for i in range(200)]
    found = draw(problems, SPEC, None, 40)
    assert found.to_ask == {"a": 400, "b": 400}
    assert Counter(call.model for call in found.calls) == {"a": 20, "b": 20}
    counts = Counter((call.model, call.problem.category) for call in found.calls)
    assert counts == {(m, c): n for m in "ab" for c, n in (("math", 15), ("code", 5))}
    assert len({call.key for call in found.calls}) == 40


def test_the_same_calls_are_drawn_in_any_order() -> None:
    problems = [problem(i, "abc"[i % 3]) for i in range(50)]
    there = [call.key for call in draw(problems, SPEC, None, 10).calls]
    back = [call.key for call in draw(problems[::-1], SPEC, None, 10).calls]
    assert there == back


async def test_what_the_journal_holds_is_not_drawn(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "calls.sqlite3")
    problems = [problem(i) for i in range(5)]
    asked: list[Request] = [r for p in problems for r in requests(p, SPEC) if r.model == "a"][:8]
    for request in asked:
        await journal.put(Entry(key=request.key, model="a", ending="ok", request="{}"))
    found = draw(problems, SPEC, journal, 100)
    journal.close()
    assert found.to_ask == {"a": 2, "b": 10}
    assert len(found.calls) == 12
    assert not {call.key for call in found.calls} & {request.key for request in asked}


def test_equal_problems_are_asked_once() -> None:
    found = draw([problem(i, text="Why?") for i in range(10)], SPEC, None, 20)
    assert found.to_ask == {"a": 20, "b": 20}
    assert len(found.calls) == 4


def test_nothing_to_ask_is_nothing_drawn() -> None:
    assert draw([], SPEC, None, 20) == ([], {"a": 0, "b": 0})


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=6), st.integers(2, 100))
def test_shares_add_up(sizes: list[int], count: int) -> None:
    given = {str(i): size for i, size in enumerate(sizes)}
    found = share(given, count)
    least = sum(min(2, size) for size in sizes)
    assert sum(found.values()) == max(least, min(count, sum(sizes)))
    assert all(min(2, size) <= found[name] <= size for name, size in given.items())
