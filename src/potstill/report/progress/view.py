"""Where a stage stands, told from its events alone, so that a replay looks like the run did.

All times are those of the events: what follows a run from another terminal shows the same rates.
"""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue

from potstill.storage.events import Event

WINDOW = 30.0
"""Seconds over which a rate is taken: long enough to be steady, short enough to be of now."""


def seconds(event: Event) -> float:
    """Return when an event happened: by the session's own clock, or else by the day's."""
    elapsed = event.get("elapsed")
    if isinstance(elapsed, int | float):
        return float(elapsed)
    return datetime.fromisoformat(str(event["at"])).timestamp()


def number(value: JsonValue) -> float:
    """Return a number of an event; 0 where it is none."""
    return float(value) if isinstance(value, int | float) else 0.0


class Speed:
    """How fast a counter grows, over the last `WINDOW` seconds."""

    def __init__(self) -> None:
        """Start without a value."""
        self._told: deque[tuple[float, float]] = deque()

    def tell(self, at: float, value: float) -> None:
        """Take the counter's value at a time."""
        told = self._told
        if told and (at < told[-1][0] or value < told[-1][1]):
            told.clear()  # the clock was set back, or the rows are read once more
        told.append((at, value))
        while len(told) > 2 and told[1][0] <= at - WINDOW:
            told.popleft()

    @property
    def per_second(self) -> float:
        """Units a second; 0 before anything is known."""
        if len(self._told) < 2:
            return 0.0
        (since, first), (until, last) = self._told[0], self._told[-1]
        return (last - first) / max(until - since, 0.001)


class StageView:
    """What is known of the stage that is at work."""

    def __init__(self, started: Event) -> None:
        """Begin with the event `stage_started`."""
        self.stage = str(started["stage"])
        self.phase = ""
        """What it does first, where that is not its work: the name of a pass over the rows."""
        self.unit = "rows"
        self.done = 0
        self.total: int | None = None
        self.dropped = 0
        self.in_flight: int | None = None
        """Calls under way; None where the stage makes none."""
        self.window = 0
        """Calls at a time that the endpoints bear; 0 where nobody knows."""
        self.endings: Mapping[str, JsonValue] = {}
        """Calls that ended in this session, by ending."""
        self._left = 0.0
        self._rows, self._tokens = Speed(), Speed()
        self._rows.tell(seconds(started), 0)
        self._tokens.tell(seconds(started), 0)

    def update(self, event: Event) -> None:
        """Take in an event `progress` of the stage."""
        at, total, endings = seconds(event), event.get("total"), event.get("endings")
        self.phase, self.unit = str(event.get("phase", "")), str(event.get("unit", "rows"))
        self.done, self.dropped = int(number(event["done"])), int(number(event.get("dropped")))
        self.total = int(number(total)) if total is not None else None
        self.endings = endings if isinstance(endings, Mapping) else {}
        asked = self.done - number(event.get("reused"))
        left = event.get("left")
        self._left = number(left) if left is not None else (self.total or 0) - self.done
        self.in_flight, self.window = None, int(number(event.get("window")))
        if "in_flight" in event:
            self.in_flight = int(number(event["in_flight"]))
            self._tokens.tell(at, number(event.get("completion_tokens")))
            if not asked and not self.in_flight:
                self._rows = Speed()  # reading the journal is no part of the asking
        self._rows.tell(at, asked)

    @property
    def rate(self) -> float:
        """Rows or calls a second; answers that the journal had already don't count."""
        return self._rows.per_second

    @property
    def tokens_per_second(self) -> float:
        """Tokens a second that teachers wrote."""
        return self._tokens.per_second

    @property
    def left(self) -> timedelta | None:
        """The time until the end at this rate, in whole seconds; None where nobody can tell."""
        if self.total is None or not self.rate:
            return None
        return timedelta(seconds=min(round(self._left / self.rate), 10**9))
