"""Whether an endpoint answers at all."""

import math

from potstill.models.limits import Result

DOWN_AFTER = 8
"""Failures and refusals in a row after which an endpoint counts as down."""
LONGEST_TRIAL = 60.0
"""Most seconds between two trials of an endpoint that is down."""

_FAILURES = frozenset({"network", "stalled", "server_error", "rate_limited"})
_GATEWAY = frozenset({502, 503})
"""Statuses with which a gateway says that nobody is behind it (RFC 9110, 15.6.3 and 15.6.4)."""


class Health:
    """Whether an endpoint answers; while it is down, one call at a time tries it."""

    def __init__(self) -> None:
        """Start healthy."""
        self.failed = 0
        """Failures since it last answered."""
        self._first = self._last = -math.inf
        self._refuses = False
        self._trials = 0
        self._trial: float | None = None
        self._next = -math.inf

    @property
    def is_down(self) -> bool:
        """Whether it failed too often in a row."""
        return self.failed >= DOWN_AFTER

    def away(self) -> float | None:
        """Return the seconds from the first to the latest of its failures.

        None if it is not down, or is there and refuses all.
        """
        return self._last - self._first if self.is_down and not self._refuses else None

    def ready_at(self) -> float:
        """Return when it may be asked; infinity while a trial is under way."""
        if not self.is_down:
            return -math.inf
        return self._next if self._trial is None else math.inf

    def enter(self, now: float) -> None:
        """Note a call; where the endpoint is down, that is a trial."""
        if self.is_down:
            self._trial = now

    def withdraw(self) -> None:
        """Note that a call was not sent after all."""
        self._trial = None

    def leave(self, result: Result, now: float, *, is_last: bool) -> None:
        """Learn from a result; `is_last` if no other call to the endpoint is in flight."""
        trial = self._trial
        # Its time may be rounded to milliseconds.
        is_trial = trial is not None and (is_last or now - result.seconds > trial - 0.002)
        if is_trial:
            self._trial = None
        if result.is_refusal and not (is_last or is_trial):
            return  # others are still being answered, maybe; the window sees to it
        if not self.is_down and _may_be_the_call(result):
            return
        if result.ending in _FAILURES:
            self._refuses = result.ending == "rate_limited"
            self._fail(now, is_trial)
        elif result.ending != "cancelled":
            self.failed = self._trials = 0
            self._trial = None

    def _fail(self, now: float, is_trial: bool) -> None:
        if not self.failed:
            self._first = now
        self.failed += 1
        self._last = now
        if is_trial or self.failed == DOWN_AFTER:
            self._next = now + min(LONGEST_TRIAL, 2.0**self._trials)
            self._trials += 1


def _may_be_the_call(result: Result) -> bool:
    """Return whether the endpoint may fail at this call alone: a few such calls end every run."""
    if result.ending == "server_error":
        return result.again and result.status not in _GATEWAY
    return result.again and result.ending == "stalled"
