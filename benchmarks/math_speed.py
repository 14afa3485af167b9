"""Verifications for each second of CPU time, in workers as the verify stage has them."""

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random

import math_rewrite
from math_pairs import Pair

from potstill.engine.plugins import Failure, PluginCall
from potstill.engine.workers import Workers
from potstill.records import Message, Problem, Response, Verdict

PLUGINS = Path(__file__).parent / "peers/math/timed.py"
_COUNT = 3_000
_WARM = 200
"""Pairs before the clock starts, so that imports and first uses don't count."""
_LIMIT_S = 10.0
_RESPONSE = "Let us go step by step.\n\n{}\n\nSo the final answer is {}."

Row = tuple[Problem, Response]


def row(number: int, reference: str, text: str) -> Row:
    """Return the records that a verifier gets."""
    problem = Problem(
        source="bench",
        file="made",
        line=number,
        messages=(Message(role="user", content=f"Problem {number}: how many?"),),
        reference_answer=reference,
    )
    response = Response(
        id=str(number),
        problem_id=problem.id,
        call="",
        teacher="made",
        reasoning="off",
        sample=0,
        round=0,
        ending="ok",
        think=None,
        answer=text,
    )
    return problem, response


def word_problems(rng: Random) -> list[Row]:
    """Return whole responses like those to GSM8K's problems; a quarter of them are wrong."""
    found: list[Row] = []
    for number in range(_COUNT):
        boxes, each, gone = rng.randint(2, 99), rng.randint(3, 999), rng.randint(1, 9)
        right = boxes * each - gone
        said = right + rng.choice((0, 0, 0, 10))
        steps = f"First, {boxes} * {each} = {boxes * each}. Then {gone} are given away."
        found.append(
            row(number, str(right), _RESPONSE.format(steps, rng.choice((said, f"${said}$"))))
        )
    return found


def latex(rng: Random, data: Path | None) -> list[Row]:
    """Return whole responses with an answer in LaTeX; half of them have the reference itself."""
    pairs = math_rewrite.pairs(data)
    some = rng.sample([pair for pair in pairs if "boxed" not in pair.answer], _COUNT)
    return [row(i, pair.reference, _boxed(pair, rng)) for i, pair in enumerate(some)]


def _boxed(pair: Pair, rng: Random) -> str:
    said = pair.reference if rng.random() < 0.5 else pair.answer
    return _RESPONSE.format("We simplify $x^2 - 1 = (x - 1)(x + 1)$.", rf"$\boxed{{{said}}}$")


def rate(name: str, rows: Sequence[Row]) -> tuple[float, int]:
    """Return how many rows a verifier judges in a second of CPU time, and how many it could not."""
    call = PluginCall("verifiers", f"{PLUGINS}:{name}", {}, allow_code=True)
    with Workers(1, preload=["math_verify", "potstill.verifiers.math"]) as workers:
        before = _used(workers.map(call, rows[:_WARM], timeout_s=_LIMIT_S))[0]
        own = time.process_time()
        after, failures = _used(workers.map(call, rows, timeout_s=_LIMIT_S))
        own = time.process_time() - own
    spent = sum(cpu - before.get(pid, 0.0) for pid, cpu in after.items())
    return len(rows) / (spent + own), failures


def _used(verdicts: Iterable[Verdict | Failure]) -> tuple[dict[int, float], int]:
    used: dict[int, float] = {}
    failures = 0
    for verdict in verdicts:
        if isinstance(verdict, Failure):
            failures += 1
        else:
            used[int(str(verdict.evidence["pid"]))] = float(str(verdict.evidence["cpu_s"]))
    return used, failures


def table(data: Path | None) -> Iterator[str]:
    """Yield the table of both verifiers over both kinds of responses."""
    rng = Random(0)
    yield "| a CPU second | potstill | Math-Verify | ratio | gave up: potstill, Math-Verify |"
    yield "|---|--:|--:|--:|--:|"
    for name, rows in (("word problems", word_problems(rng)), ("LaTeX", latex(rng, data))):
        (ours, ours_lost), (theirs, theirs_lost) = (
            rate(one, rows) for one in ("potstill", "math_verify")
        )
        cells = [f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.2f}"]
        yield f"| {name} | {' | '.join(cells)} | {ours_lost}, {theirs_lost} |"
