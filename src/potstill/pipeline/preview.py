"""A few rows through the whole line with the real teachers, before all of them are asked."""

import json
import os
from bisect import insort
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, zip_longest

from potstill.errors import InputError
from potstill.pipeline.calls import TeacherPlan, count_calls
from potstill.pipeline.cautions import check_keys
from potstill.pipeline.scratch import Scratch, rehearsed
from potstill.pipeline.session import held
from potstill.pipeline.stage import StageRun
from potstill.pipeline.target import Target, find_target
from potstill.pipeline.wiring import Step
from potstill.recipe import Recipe
from potstill.records import Dropped, Message, Problem, Record, Sample, content_hash
from potstill.report.destinations import Destinations
from potstill.report.progress import display
from potstill.report.tables import Table, tables
from potstill.stages.gather import gather
from potstill.stages.io import Pause
from potstill.stages.line import StageInfo
from potstill.storage.events import EventLog, Listener
from potstill.storage.journal import Journal

CHOSEN = StageInfo("preview", "00-preview", Problem)
"""The stage that stands for all those before the teachers."""


class PreviewRow(Record):
    """One response of a preview."""

    sample: Sample
    """The problem, the response and its verdicts."""
    prompt: tuple[Message, ...]
    """The messages as they were sent."""
    destination: str
    """The datasets that would hold it, or what would drop it."""


class Preview(Record):
    """What a few problems became."""

    rows: tuple[PreviewRow, ...]
    """The responses, in the order of the problems."""
    unanswered: tuple[Dropped, ...]
    """Problems to which no teacher had an answer."""
    teachers: tuple[TeacherPlan, ...]
    """What is left to ask for the whole run."""

    @property
    def left(self) -> int:
        """Calls that are left for the whole run."""
        return sum(teacher.to_ask for teacher in self.teachers)


def preview(
    recipe: Recipe | str | os.PathLike[str],
    rows: int = 5,
    *,
    out: str | os.PathLike[str] | None = None,
    limit: int | None = None,
    allow_code: bool = False,
    listener: Listener | None = None,
    pause: Pause | None = None,
    progress: bool | None = None,
) -> Preview:
    """Take a few problems through the whole line.

    The teachers are really asked, and the answers go into the run's journal, so that nothing is
    paid twice when the run follows; everything else is done in a temporary directory. No judge is
    asked: what is theirs stays undecided.

    Args:
        recipe: A recipe, or the path of one.
        rows: How many problems; see `spread`.
        out: The run directory; `runs/NAME` by default.
        limit: At most this many rows of each source.
        allow_code: Whether the recipe may name plug-ins by file.
        listener: Told of every event as it happens.
        pause: Set its `requested` to stop cleanly.
        progress: Whether to show bars; by default only in a notebook.

    Raises:
        InputError: The recipe, the data or an endpoint is not usable.
        RunError: A stage could not be finished, or another process runs in the run directory.
        Paused: Somebody asked to stop.
    """
    target = find_target(recipe, out=out, limit=limit, allow_code=allow_code)
    if target.recipe.distil is None:
        raise InputError(
            "the recipe has no `distil`, so that nothing is asked or paid: run it without a preview"
        )
    if not target.is_asked:
        check_keys(target.recipe)
    pause = pause or Pause()
    with display(progress, listener) as listener, held(target.directory):
        events = EventLog(None, listener)
        with rehearsed(target, events, pause) as scratch:
            _run(target, scratch, spread(scratch.problems(), rows), events, pause)
            return _preview(target, scratch)


def spread(problems: Iterable[Problem], count: int) -> list[Problem]:
    """Return `count` problems that stand for all of them, the same ones each time.

    They are taken in turn from each source, and within it from each category; which ones, the hash
    of their row ids decides. They come in their own order.
    """
    groups: dict[str, dict[str, list[tuple[str, int, Problem]]]] = {}
    for number, problem in enumerate(problems):
        categories = groups.setdefault(problem.source, {})
        group = categories.setdefault(problem.category or "", [])
        insort(group, (content_hash(problem.row_id), number, problem))
        del group[count:]
        if len(categories) > count:  # more than can have a turn
            del categories[max(categories, key=content_hash)]
    sources = (_in_turn(categories.values()) for categories in groups.values())
    chosen = list(_in_turn(map(list, sources)))[:count]
    return [problem for _, _, problem in sorted(chosen, key=lambda each: each[1])]


def _in_turn(
    groups: Iterable[list[tuple[str, int, Problem]]],
) -> Iterator[tuple[str, int, Problem]]:
    rounds = zip_longest(*groups)
    return (each for each in chain.from_iterable(rounds) if each is not None)


def _run(
    target: Target, scratch: Scratch, chosen: list[Problem], events: EventLog, pause: Pause
) -> None:
    first = Step(CHOSEN, {}, (), gather, read=partial(tuple, chosen))
    before = None
    without = target._replace(job=target.job._replace(is_rehearsal=True))  # judges
    for step in (first, *without.steps[len(scratch.stages) :]):
        before = StageRun(scratch.directory, step, before, events, pause).run()


def _preview(target: Target, scratch: Scratch) -> Preview:
    spec, path = target.recipe.distil, target.job.journal
    made = tables(scratch.directory)
    answered, *later = made[[table.stage for table in made].index("distil") :]
    with Journal(path) as journal:
        rows = tuple(_rows(answered, later, journal))
    return Preview(
        rows=rows,
        unanswered=tuple(answered.dropped()),
        teachers=count_calls(scratch.problems(), spec, path) if spec else (),
    )


def _rows(answered: Table, later: list[Table], journal: Journal) -> Iterator[PreviewRow]:
    tagged = answered
    if later and later[0].stage == "verify":  # the same rows, with their verdicts
        tagged, *later = later
    destinations = Destinations(later)
    for sample in tagged.rows():
        if isinstance(sample, Sample) and (entry := journal.get(sample.response.call)):
            yield PreviewRow(
                sample=sample,
                prompt=tuple(map(Message.of_body, json.loads(entry.request)["messages"])),
                destination=str(destinations.of(sample)),
            )
