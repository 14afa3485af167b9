"""A few calls asked for real, and what they tell of the cost of all."""

import os
import time
from collections.abc import Iterator, Sequence
from functools import partial

from pydantic import Field

from potstill.errors import InputError
from potstill.models.money import NOTHING, usage_of_attempt
from potstill.pipeline.calls import reading
from potstill.pipeline.caps import exceeded, spent_by
from potstill.pipeline.cautions import check_keys
from potstill.pipeline.draw import Draw, Drawn, draw
from potstill.pipeline.estimate import Asked, Forecast, forecast
from potstill.pipeline.forecast import Plan, plan_of
from potstill.pipeline.scratch import Scratch, rehearsed
from potstill.pipeline.session import held
from potstill.pipeline.stage import StageRun
from potstill.pipeline.target import Target, find_target
from potstill.pipeline.wiring import Step
from potstill.recipe import Recipe
from potstill.records import Problem, Record
from potstill.report.progress import display
from potstill.stages.gather import gather
from potstill.stages.io import Pause
from potstill.stages.line import StageInfo
from potstill.storage.events import Event, EventLog, Listener
from potstill.storage.journal import Journal

DRAWN = StageInfo("probe", "00-probe", Problem)
"""The stage that stands for all those before the teachers."""


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


def _asked(calls: Sequence[Drawn], sent: Sequence[int], journal: Journal | None) -> Iterator[Asked]:
    for call, before in zip(calls, sent, strict=True):
        if journal is not None and (entry := journal.get(call.key)) is not None:
            attempts = entry.attempts[before:]
            yield Asked(
                call.model,
                entry.ending,
                sum(map(usage_of_attempt, attempts), NOTHING),
                sum(attempt.seconds for attempt in attempts),
                len(attempts),
            )
