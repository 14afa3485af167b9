"""How many calls at a time an endpoint bears: found out by asking, and followed when it changes.

The window grows while that pays: it doubles until more calls no longer bring more answers or are
refused, then halves the gap between what paid and what did not, then rests there and tries a little
more or a little less, ever more rarely. What pays is measured (as in PCC: Dong et al., NSDI 2015),
so that refusals or delays that have nothing to do with the window do not shrink it. Refusals beyond
those cut it at once (multiplicatively, and not again before a call that was sent after the cut is
refused). The level at which it was cut is kept, as in CUBIC (RFC 9438).
"""

import math
from typing import Literal, NamedTuple

from potstill.models.refusals import MOST_NOISE, NOISE, SENT_FOR_NOISE, Refusals
from potstill.models.yields import Level, Sample

START = 16
"""Calls at a time at the beginning."""
CUT = 0.8
"""What refusals leave of the window."""
PAYS = 0.3
"""A larger window pays if the yield grows by at least this part of the window's growth."""
SURELY_NOT = 0.9
"""Where less than this part of the yield is left, a larger window does not get a second look."""
KEEPS = 0.97
"""A smaller window is as good if this part of the yield is left."""
GAP = 0.1
"""Parts of the window that are not worth a search."""
UP, DOWN = 1.1, 0.87
"""First step of a trial above or below."""
SLOWER, FASTER = 0.75, 1.3
"""A change of the yield at rest that is looked into at once: the endpoint has changed."""
RESTS = (2, 8)
"""Fewest and most measurements between two trials; each that leads back to the same level doubles
them."""
LEAST_SAMPLE = 48
"""Calls in a measurement where the window has fewer; half or twice as many in some, fewer where
the window is tiny."""

State = Literal["grow", "rest", "less"]


class _Doubt(NamedTuple):
    """What was before some refusals of which it is not known yet whether fewer calls help."""

    size: int
    state: State
    best: Level | None
    top: int | None
    seen: tuple[int, float] | None = None
    """The window after a first cut, and the part that was refused with it."""


class Window:
    """The number of calls at a time; calls enter and leave, and the size follows."""

    def __init__(self, most: int, *, known: bool) -> None:
        """Start with few.

        Args:
            most: The size is never larger.
            known: Whether the endpoint is said to bear `most`: they are opened after the first
                answer, and only refusals make them fewer.
        """
        self.most = most
        """Most calls at a time."""
        self.size = min(most, START)
        """Calls at a time now."""
        self.in_flight = 0
        """Calls that entered and did not leave."""
        self._known = known
        self._state: State = "grow"
        self._best: Level | None = None
        self._top: int | None = None
        self._step = 2.0
        self._rests, self._rested, self._rested_at = RESTS[0], 0, 0
        self._was_less = False
        self._refusals = Refusals()
        self._doubt: _Doubt | None = None
        self._sample = Sample(0, LEAST_SAMPLE)

    @property
    def is_full(self) -> bool:
        """Whether no call may enter."""
        return self.in_flight >= self.size

    def tighten(self, most: int) -> None:
        """Hold also this limit, and take it for known."""
        self.most = min(self.most, most)
        self.size = min(self.size, self.most)
        self._known = True

    def enter(self) -> None:
        """Count a call that is sent."""
        self.in_flight += 1
        self._refusals.enter()

    def withdraw(self) -> None:
        """Forget a call that tells nothing."""
        self.in_flight -= 1

    def leave(self, seconds: float, now: float, *, answered: bool, tokens: int | None) -> None:
        """Count a call that ended after so many seconds, and was not refused."""
        full = self.in_flight >= 0.9 * self.size
        self.in_flight -= 1
        sample = self._sample
        sample.add(seconds, full, answered, tokens)
        if self._doubt is not None:
            self._judge_cut(self._doubt, now)
        elif self._known and answered and self._best is None and self._top is None:
            self._best = Level(self.most, 0.0, None)
            self._resize(self.most, now)
        elif sample.is_done:
            self._conclude(sample, now)

    def refuse(self, seconds: float, now: float) -> bool:
        """Count a call that was refused; return whether too much is asked, beyond noise."""
        self.in_flight -= 1
        self._sample.seconds += seconds
        refusals = self._refusals
        if not refusals.refuse(seconds, now):  # sent before the last change
            return False
        if self._doubt is not None and refusals.share <= MOST_NOISE:
            self._judge_cut(self._doubt, now)
            return False
        if not refusals.are_overload():
            return False
        self._shrink(now)
        return True

    def _shrink(self, now: float) -> None:
        best = self._best
        if self._refusals.share > MOST_NOISE:
            self._doubt = None
        elif self._doubt is None:
            self._doubt = _Doubt(self.size, self._state, best, self._top)
        self._state, self._top = "grow", self.size
        self._was_less = True  # what is known to be too much: nothing is to be found below
        if self.size == 1:  # not a level but an absence: to be forgotten
            self._top, self._step = None, 2.0
        size = max(1, int(self.size * CUT))
        if best is not None and best.size >= self.size:
            self._best = None
        elif best is not None:
            size = max(size, best.size)
        self._resize(size, now)

    def _judge_cut(self, doubt: _Doubt, now: float) -> None:
        """Look whether a cut helped: with fewer calls there is less overload, but as much noise.

        It takes two cuts to tell. At the first refusals, one sees only how they begin; and where a
        call that is refused makes room for the next, a little too much looks like a lot.
        """
        refusals = self._refusals
        if not refusals.are_overload():
            if refusals.sent >= SENT_FOR_NOISE:
                self._doubt = None
            return
        if doubt.seen is not None:
            size, share = doubt.seen
            borne = (1 - share) * size / self.size
            if refusals.exceed(1 - min(1 - refusals.noise, borne) + NOISE):
                refusals.accept()
                self._doubt, self._state = None, doubt.state
                self._best, self._top = doubt.best, doubt.top
                self._resize(doubt.size, now)
                return
        self._doubt = doubt._replace(seen=(self.size, refusals.share))
        self._shrink(now)

    def _resize(self, size: int, now: float) -> None:
        self.size = max(1, min(size, self.most))
        self._refusals.restart(now, self.size)
        self._measure(skip=self.in_flight)

    def _measure(self, skip: int = 0) -> None:
        many = 2.0 if self._state != "grow" else 0.5 if self._step > 1.5 else 1.0
        least = min(LEAST_SAMPLE, 8 * self.size)
        self._sample = Sample(skip, math.ceil(many * max(self.size, least)))

    def _conclude(self, sample: Sample, now: float) -> None:
        level = sample.level(self.size)
        if not sample.is_full:
            self._measure()
        elif self._state == "grow":
            self._judge_more(level, sample, now)
        elif self._state == "less":
            self._judge_less(level, now)
        else:
            self._judge_rest(level, now)

    def _judge_more(self, level: Level, sample: Sample, now: float) -> None:
        best = self._best
        if best is None or self._known or level.size <= best.size or _pays(level, best):
            self._best = level
        elif level.gain(best) > SURELY_NOT and not sample.is_second:
            sample.look_again()
            return
        else:  # at the speed of the best one, so many calls would yield as much; and a few more
            calls = math.ceil(best.size * max(1.0, level.gain(best)) * (1 + GAP))
            self._top = min(self.size, calls)
        self._raise(self._best or level, now)

    def _raise(self, best: Level, now: float) -> None:
        if self._top is None:
            size = min(self.most, math.ceil(best.size * self._step))
            self._step = min(2.0, 2 * self._step - 1)
        elif self._top - best.size > max(1, GAP * best.size):
            size = (self._top + best.size) // 2
        else:
            size = best.size
        if size > best.size:
            self._state = "grow"
            self._resize(size, now)
        else:
            self._rest(best.size, now)

    def _rest(self, size: int, now: float) -> None:
        moved = abs(size - self._rested_at) > 1 + GAP * self._rested_at
        self._rests = RESTS[0] if moved else min(2 * self._rests, RESTS[1])
        self._state, self._rested, self._rested_at = "rest", 0, size
        self._resize(size, now)

    def _judge_rest(self, level: Level, now: float) -> None:
        before, self._best = self._best or level, level
        gain = 1.0 if self._known else level.gain(before)
        self._rested += 1
        if self._rested < self._rests and SLOWER < gain < FASTER:
            self._measure()
        elif not self._known and (gain <= SLOWER or (gain < FASTER and not self._was_less)):
            self._try_less(level, now)
        else:
            self._was_less = False
            self._top, self._step = None, UP
            self._raise(level, now)

    def _try_less(self, best: Level, now: float) -> None:
        self._was_less = True
        size = int(best.size * DOWN)
        if size:
            self._state = "less"
            self._resize(size, now)
        else:
            self._rest(best.size, now)

    def _judge_less(self, level: Level, now: float) -> None:
        best = self._best or level
        if level.gain(best) >= KEEPS:
            self._best = level
            self._try_less(level, now)
        else:
            self._rest(best.size, now)


def _pays(level: Level, best: Level) -> bool:
    return level.gain(best) >= 1 + PAYS * (level.size / best.size - 1)
