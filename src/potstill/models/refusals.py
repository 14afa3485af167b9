"""Refusals of an endpoint: overload, or noise that has nothing to do with how much is asked."""

import math

NOISE = 0.01
"""Part of the calls that may be refused without meaning anything."""
MOST_NOISE = 1 / 3
"""Larger parts than this are never taken for noise."""
SENT_FOR_A_CUT, SENT_FOR_NOISE = 40, 100
"""Calls sent before a small part of refusals cuts the window, and before a cut surely helped."""


class Refusals:
    """What part of the calls is refused lately, and how much of that is noise."""

    def __init__(self) -> None:
        """Start without any."""
        self.noise = 0.0
        """The part of the calls that is refused whatever the window."""
        self._most_noise = 0.0
        self.restart(-math.inf, 0)

    def restart(self, now: float, size: int) -> None:
        """Count anew: only calls that are sent from now on."""
        self.since = now
        """When counting began."""
        self.sent = self.refused = 0.0
        self._many = 2.0 * max(size, SENT_FOR_NOISE)

    @property
    def share(self) -> float:
        """The part of the calls that was refused lately."""
        return self.refused / self.sent if self.sent else 0.0

    def exceed(self, share: float) -> bool:
        """Return whether more were refused than chance makes of `share` (three sigma, and one)."""
        expected = share * self.sent
        return self.refused > expected + 3 * math.sqrt(expected) + 1

    def enter(self) -> None:
        """Count a call that is sent."""
        self.sent += 1
        if self.sent >= self._many:  # forget half: what was long ago counts less
            self.noise = min(self._most_noise, self.noise + (self.share - self.noise) / 4)
            self.sent /= 2
            self.refused /= 2

    def refuse(self, seconds: float, now: float) -> bool:
        """Count a call that was refused after so many seconds, if it was sent since `restart`."""
        if now - seconds < self.since:
            return False
        self.refused = min(self.sent, self.refused + 1)
        return True

    def are_overload(self) -> bool:
        """Return whether they are more than noise: many at once, or enough over some time."""
        clear = self.sent >= SENT_FOR_A_CUT or self.refused > max(2.0, MOST_NOISE * self.sent)
        return clear and self.exceed(1.1 * self.noise + NOISE)

    def accept(self) -> None:
        """Take their share for noise from now on."""
        self.noise = (self.refused + math.sqrt(self.refused) + 1) / self.sent
        self._most_noise = self.noise
