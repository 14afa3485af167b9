"""What all calls of a recipe cost, by a few of them that were asked."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from potstill.models.local import SLOTS
from potstill.models.money import FREE, Usage, cost
from potstill.pipeline.intervals import Range, Total, together, total
from potstill.recipe import DistilSpec, TeacherSpec
from potstill.records import Record

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


class Asked(NamedTuple):
    """What one call of the probe came to."""

    model: str
    """The teacher's name."""
    ending: str
    """How it ended."""
    usage: Usage
    """The tokens of all its attempts."""
    seconds: float
    """How long these took."""
    requests: int
    """How many there were."""


def forecast(spec: DistilSpec, to_ask: dict[str, int], asked: Sequence[Asked]) -> Forecast:
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


def _sums(teacher: TeacherSpec, count: int, asked: Sequence[Asked]) -> dict[str, Total]:
    prices = teacher.prices or FREE
    return {
        "prompt": total([each.usage.prompt for each in asked], count),
        "completion": total([each.usage.completion for each in asked], count),
        "tokens": total([each.usage.total for each in asked], count),
        "usd": total([float(cost(each.usage, prices)) for each in asked], count),
    }


def _of_teacher(
    teacher: TeacherSpec, count: int, asked: Sequence[Asked], sums: dict[str, Total]
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


def _hours(teacher: TeacherSpec, count: int, asked: Sequence[Asked]) -> tuple[Range, str]:
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
