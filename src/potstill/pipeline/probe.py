"""A few calls asked for real, and what they tell of the cost of all."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from pydantic import Field

from potstill.errors import InputError
from potstill.models.local import SLOTS
from potstill.models.money import FREE, NOTHING, Usage, cost, usage_of_attempt
from potstill.pipeline.calls import reading
from potstill.pipeline.caps import exceeded, spent_by
from potstill.pipeline.cautions import check_keys
from potstill.pipeline.draw import Draw, Drawn, draw
from potstill.pipeline.forecast import Plan, plan_of
from potstill.pipeline.intervals import Range, Total, together, total
from potstill.pipeline.scratch import Scratch, rehearsed
from potstill.pipeline.session import held
from potstill.pipeline.stage import StageRun
from potstill.pipeline.target import Target, find_target
from potstill.pipeline.wiring import Step
from potstill.recipe import DistilSpec, Recipe, TeacherSpec
from potstill.records import Problem, Record
from potstill.report.progress import display
from potstill.stages.gather import gather
from potstill.stages.io import Pause
from potstill.stages.line import StageInfo
from potstill.storage.events import Event, EventLog, Listener
from potstill.storage.journal import Journal

DRAWN = StageInfo("probe", "00-probe", Problem)
"""The stage that stands for all those before the teachers."""
ASSUMED_IN_FLIGHT = 64
"""Calls at a time where the recipe says nothing: what a served model commonly bears."""


class TeacherForecast(Record):
    """What the calls to one teacher cost, by those that were asked."""

    model: str
    """Its name."""
    calls: int
    """Calls that were still to be asked before the probe."""
    asked: int
    """Those of them that the probe asked."""
    endings: dict[str, int]
    """How these ended."""
    mean_seconds: float
    """How long one of these took, retries included."""
    prompt_tokens: Range
    """Tokens of all the calls' prompts."""
    completion_tokens: Range
    """Tokens of all the answers, thinking included."""
    usd: Range | None
    """What all the calls cost; None where the recipe has no prices."""
    hours: Range
    """How long the calls that are left take."""
    pace: str
    """What the hours rest on."""


class Forecast(Record):
    """What a recipe will cost, from the calls that were to be asked before the probe on.

    Each range holds the true figure nine times in ten. What the probe spent is a part of it.
    """

    teachers: tuple[TeacherForecast, ...]
    """By teacher."""
    prompt_tokens: Range
    """Tokens of all prompts."""
    completion_tokens: Range
    """Tokens of all answers."""
    tokens: Range
    """Tokens of both."""
    usd: Range | None
    """What it all costs; None where a teacher that is not local has no prices."""
    hours: Range
    """How long the slowest teacher takes: they are asked at the same time."""
    spent_tokens: int
    """Tokens of the probe's prompts and answers."""
    spent_usd: float | None
    """What the probe cost; None where a teacher that is not local has no prices."""
    without_prices: tuple[str, ...]
    """The teachers that have none."""


class Probe(Record):
    """A plan with a forecast."""

    plan: Plan
    """What the recipe would do after the probe."""
    forecast: Forecast
    """What it will cost."""
    seconds: float = Field(ge=0)
    """How long the asking took."""
    over_budget: tuple[str, ...] = ()
    """A sentence for each cap of the budget that the forecast is above, or may be."""


class _Asked(NamedTuple):
    """What one call of the probe came to."""

    model: str
    ending: str
    usage: Usage
    seconds: float
    requests: int


def probe(
    recipe: Recipe | str | os.PathLike[str],
    calls: int = 20,
    *,
    out: str | os.PathLike[str] | None = None,
    limit: int | None = None,
    allow_code: bool = False,
    listener: Listener | None = None,
    pause: Pause | None = None,
    progress: bool | None = None,
) -> Probe:
    """Ask a few of the calls that are still to be asked, and forecast what all of them cost.

    They are asked just as the run asks them, and the answers go into the run's journal, so that
    nothing is paid twice when the run follows.

    Args:
        recipe: A recipe, or the path of one.
        calls: How many; see `draw`.
        out: The run directory; `runs/NAME` by default.
        limit: At most this many rows of each source.
        allow_code: Whether the recipe may name plug-ins by file.
        listener: Told of every event as it happens.
        pause: Set its `requested` to stop cleanly.
        progress: Whether to show bars; by default only in a notebook.

    Raises:
        InputError: The recipe, the data or an endpoint is not usable.
        RunError: A stage could not be finished, or another process runs in the run directory.
        Paused: Somebody asked to stop, or the budget is spent.
    """
    target = find_target(recipe, out=out, limit=limit, allow_code=allow_code)
    spec = target.recipe.distil
    if spec is None:
        raise InputError("the recipe has no `distil`, so that nothing is asked or paid")
    check_keys(target.recipe)
    pause = pause or Pause()
    with display(progress, listener) as listener, held(target.directory):
        events = EventLog(None, listener and partial(_tell, listener))
        with rehearsed(target, events, pause) as scratch:
            with reading(target.job.journal) as journal:
                drawn = draw(scratch.problems(), spec, journal, calls)
                sent = _sent(drawn.calls, journal)
                before = spent_by(target, journal)
            started = time.monotonic()
            if drawn.calls:
                _ask(target, scratch, drawn, events, pause)
            seconds = time.monotonic() - started
            with reading(target.job.journal) as journal:
                asked = list(_asked(drawn.calls, sent, journal))
            whole = forecast(spec, drawn.to_ask, asked)
            ranges = (whole.usd, whole.tokens, whole.hours)
            return Probe(
                plan=plan_of(target, scratch),
                forecast=whole,
                seconds=round(seconds, 3),
                over_budget=exceeded(target.recipe.budget, before, *ranges),
            )


def _tell(listener: Listener, event: Event) -> None:
    """Pass an event on; the asking without its books, as no row is collected."""
    is_last = event["event"] == "stage_finished" and event["stage"] == "distil"
    listener(event | {"accounts": []} if is_last else event)


def _ask(target: Target, scratch: Scratch, drawn: Draw, events: EventLog, pause: Pause) -> None:
    problems = {call.problem.row_id: call.problem for call in drawn.calls}
    keys = frozenset(call.key for call in drawn.calls)
    first = Step(DRAWN, {}, (), gather, read=partial(tuple, problems.values()))
    before = StageRun(scratch.directory, first, None, events, pause).run()
    step = next(step for step in target.steps if step.info.name == "distil")
    assert step.work is not None
    some = step._replace(work=partial(step.work, only=keys), cautions=())
    StageRun(scratch.directory, some, before, events, pause).run()


def _sent(calls: Sequence[Drawn], journal: Journal | None) -> list[int]:
    """Return how many attempts each call has had already."""
    entries = (journal.get(call.key) if journal else None for call in calls)
    return [len(entry.attempts) if entry else 0 for entry in entries]


def _asked(
    calls: Sequence[Drawn], sent: Sequence[int], journal: Journal | None
) -> Iterator[_Asked]:
    for call, before in zip(calls, sent, strict=True):
        if journal is not None and (entry := journal.get(call.key)) is not None:
            attempts = entry.attempts[before:]
            yield _Asked(
                call.model,
                entry.ending,
                sum(map(usage_of_attempt, attempts), NOTHING),
                sum(attempt.seconds for attempt in attempts),
                len(attempts),
            )


def forecast(spec: DistilSpec, to_ask: dict[str, int], asked: Sequence[_Asked]) -> Forecast:
    """Return what all calls cost, by those that were asked."""
    teachers, sums = list[TeacherForecast](), list[dict[str, Total]]()
    for teacher in spec.teachers:
        some = [each for each in asked if each.model == teacher.model]
        sums.append(_sums(teacher, to_ask[teacher.model], some))
        teachers.append(_of_teacher(teacher, to_ask[teacher.model], some, sums[-1]))
    lacking = tuple(teacher.model for teacher in spec.teachers if not teacher.is_priced)
    spent = {t.model: Usage() for t in spec.teachers}
    for each in asked:
        spent[each.model] += each.usage
    usd = sum(float(cost(spent[t.model], t.prices or FREE)) for t in spec.teachers)
    return Forecast(
        teachers=tuple(teachers),
        prompt_tokens=together(each["prompt"] for each in sums).range(),
        completion_tokens=together(each["completion"] for each in sums).range(),
        tokens=together(each["tokens"] for each in sums).range(),
        usd=None if lacking else together(each["usd"] for each in sums).range(),
        hours=_slowest([teacher.hours for teacher in teachers]),
        spent_tokens=sum(usage.total for usage in spent.values()),
        spent_usd=None if lacking else usd,
        without_prices=lacking,
    )


def _sums(teacher: TeacherSpec, count: int, asked: Sequence[_Asked]) -> dict[str, Total]:
    prices = teacher.prices or FREE
    return {
        "prompt": total([each.usage.prompt for each in asked], count),
        "completion": total([each.usage.completion for each in asked], count),
        "tokens": total([each.usage.total for each in asked], count),
        "usd": total([float(cost(each.usage, prices)) for each in asked], count),
    }


def _of_teacher(
    teacher: TeacherSpec, count: int, asked: Sequence[_Asked], sums: dict[str, Total]
) -> TeacherForecast:
    hours, pace = _hours(teacher, count, asked)
    return TeacherForecast(
        model=teacher.model,
        calls=count,
        asked=len(asked),
        endings=dict(sorted(Counter(each.ending for each in asked).items())),
        mean_seconds=round(sum(each.seconds for each in asked) / max(1, len(asked)), 3),
        prompt_tokens=sums["prompt"].range(),
        completion_tokens=sums["completion"].range(),
        usd=sums["usd"].range() if teacher.is_priced else None,
        hours=hours,
        pace=pace,
    )


def _hours(teacher: TeacherSpec, count: int, asked: Sequence[_Asked]) -> tuple[Range, str]:
    """Return how long the calls that are left take at the slowest of three paces."""
    left = count - len(asked)
    share = left / count if count else 0.0
    places, calls = teacher.places(), max(1, len(asked))
    slots, said = _slots(teacher)
    busy = total([each.seconds for each in asked], count).range().times(share)
    paces = [(busy.times(1 / max(1, min(slots, left))), said)]
    if places and all(place.rpm for place in places):
        rpm = sum(place.rpm or 0 for place in places)
        minutes = left * sum(each.requests for each in asked) / calls / rpm
        paces.append((Range(expected=minutes, low=minutes, high=minutes).times(60), f"{rpm:,} rpm"))
    if places and all(place.tpm for place in places):
        tpm = sum(place.tpm or 0 for place in places)
        tokens = total([each.usage.total for each in asked], count).range()
        paces.append((tokens.times(60 * share / tpm), f"{tpm:,} tpm"))
    seconds, pace = max(paces, key=lambda each: each[0].expected)
    return seconds.times(1 / 3600), pace


def _slots(teacher: TeacherSpec) -> tuple[int, str]:
    if teacher.local is not None:
        slots = min(teacher.max_in_flight or SLOTS, SLOTS)
    elif all(place.max_in_flight for place in teacher.places()):
        slots = sum(place.max_in_flight or 0 for place in teacher.places())
    else:
        return ASSUMED_IN_FLIGHT, f"{ASSUMED_IN_FLIGHT} calls at a time, assumed, as fast as these"
    return slots, f"{slots:,} calls at a time, as fast as these"


def _slowest(hours: Sequence[Range]) -> Range:
    return Range(
        expected=max(each.expected for each in hours),
        low=max(each.low for each in hours),
        high=max(each.high for each in hours),
    )
