"""The calls to one teacher, in rounds: all that are missing, then again those that failed."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple, Protocol

from potstill.errors import EndpointError, InputError, Paused
from potstill.models.client import Client, NotSent
from potstill.models.policies import is_final
from potstill.models.requests import Request
from potstill.recipe import TeacherSpec
from potstill.records import Ending, Problem
from potstill.stages.counts import Counts
from potstill.stages.position import Walk
from potstill.storage.journal import Journal

AT_ONCE = 64
"""Problems whose calls are looked up in the journal together."""
WAITING = 1.5
"""Calls that are prepared for each that may be in flight: some wait for their next attempt."""


class Asker(Protocol):
    """What a round needs of the stage."""

    counts: Counts
    journal: Journal

    def scan(self, start: int) -> Iterator[Problem]:
        """Yield the problems from a place on, until somebody asks to stop."""
        ...

    def requests(self, teacher: TeacherSpec, problem: Problem) -> Iterator[Request]:
        """Yield the calls to a teacher for a problem."""
        ...

    def show_prompt(self, problem: Problem, request: Request) -> None:
        """Tell what is sent, where it is the first of its kind."""
        ...

    async def client(self, teacher: TeacherSpec) -> Client:
        """Return the open client of a teacher."""
        ...

    def fail(self, error: InputError) -> None:
        """Take the error with which the asking is to end, once what is in flight has come."""
        ...

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is to be asked."""
        ...


class _Planned(NamedTuple):
    """The calls for one problem."""

    place: int
    problem: Problem
    requests: list[Request]


class Rounds:
    """Asks one teacher."""

    def __init__(self, asker: Asker, teacher: TeacherSpec, walk: Walk) -> None:
        """Ask nothing yet."""
        self._asker, self._teacher, self._walk = asker, teacher, walk
        self._policies = teacher.policies
        self._failed: defaultdict[int, list[Ending]] = defaultdict(list)
        self._slots: asyncio.Semaphore | None = None

    async def ask(self, salvage: int) -> None:
        """Ask what is missing, and up to `salvage` times again what failed but may not for ever."""
        await self._round(self._walk.first, self._walk.concerns)
        for _ in range(salvage):
            if not self._failed or self._asker.is_stopping:
                return
            failed, self._failed = self._failed, defaultdict(list)
            for endings in failed.values():
                self._asker.counts.again(endings)
            await self._round(min(failed), failed.__contains__, again=True)

    async def _round(
        self, first: int, concerns: Callable[[int], bool], *, again: bool = False
    ) -> None:
        """Ask what is missing for the problems from `first` on that the round concerns."""
        places = enumerate(self._asker.scan(first), first)
        chosen = ((place, problem) for place, problem in places if concerns(place))
        async with asyncio.TaskGroup() as calls:
            while some := [*islice(chosen, AT_ONCE)]:
                planned = [self._plan(place, problem) for place, problem in some]
                ended = self._asker.journal.endings([r.key for p in planned for r in p.requests])
                for plan in planned:
                    await self._ask_all(calls, plan, ended, again=again)
                await asyncio.sleep(
                    0
                )  # where all is journaled, others' replies are to be read, too

    def _plan(self, place: int, problem: Problem) -> _Planned:
        self._walk.begin(place)
        return _Planned(place, problem, [*self._asker.requests(self._teacher, problem)])

    async def _ask_all(
        self,
        calls: asyncio.TaskGroup,
        plan: _Planned,
        ended: Mapping[str, Ending],
        *,
        again: bool,
    ) -> None:
        """Begin the calls of a problem that lack an end, unless asking is to stop."""
        for request in plan.requests:
            ending = ended.get(request.key)
            if ending is not None and is_final(ending, self._policies):
                if not again:
                    self._asker.counts.reuse()
                continue
            client = await self._asker.client(self._teacher)
            slots = self._slots = self._slots or _slots(client)
            await slots.acquire()
            if self._asker.is_stopping:
                slots.release()
                self._walk.end(plan.place, later=True)
                return
            self._asker.show_prompt(plan.problem, request)
            self._walk.begin(plan.place)
            calls.create_task(self._ask_one(client, request, slots, plan.place))
        self._walk.end(plan.place)

    async def _ask_one(
        self, client: Client, request: Request, slots: asyncio.Semaphore, place: int
    ) -> None:
        ending: Ending | None = None
        try:
            ending = (await client.ask(request)).ending
        except (NotSent, Paused):  # asked to stop, or the budget is spent
            pass
        except EndpointError as error:
            self._asker.fail(error)
        finally:
            slots.release()
            final = ending is not None and is_final(ending, self._policies)
            self._walk.end(place, later=not final)
        if ending is not None:
            self._asker.counts.end(ending)
            if not final:
                self._failed[place].append(ending)


def _slots(client: Client) -> asyncio.Semaphore:
    return asyncio.Semaphore(math.ceil(client.most_in_flight * WAITING))
