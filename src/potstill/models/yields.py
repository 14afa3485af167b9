"""What an endpoint yields with so many calls at a time."""

import math
from typing import NamedTuple


class Level(NamedTuple):
    """What a window of some size yields."""

    size: int
    answers: float
    """A second."""
    tokens: float | None
    """A second; None where not every answer told its tokens."""

    def gain(self, other: "Level") -> float:
        """Return how many times the yield of `other` this is: of tokens if both know them.

        Tokens are better: an answer of one length takes as long again as another of half of it.
        """
        if self.tokens is not None and other.tokens:
            return self.tokens / other.tokens
        return self.answers / other.answers if other.answers else math.inf


class Sample:
    """Calls that left while the window had one size."""

    def __init__(self, skip: int, need: int) -> None:
        """Start empty.

        Args:
            skip: Calls to leave out first: so many were sent under another size.
            need: Calls that are enough.
        """
        self.is_second = False
        """Whether a first look was not enough."""
        self.seconds = 0.0
        """That calls spent in their places, refused ones included."""
        self._skip = skip
        self._need = need
        self._left = self._full = self._answers = self._tokens = self._told = 0

    def add(self, seconds: float, full: bool, answered: bool, tokens: int | None) -> None:
        """Count a call that left; `full` if the window was what held others back."""
        if self._skip > 0:
            self._skip -= 1
            self.seconds = 0.0
            return
        self._left += 1
        self._full += full
        self.seconds += seconds
        if answered:
            self._answers += 1
            if tokens is not None:
                self._tokens += tokens
                self._told += 1

    @property
    def is_done(self) -> bool:
        """Whether there are enough calls."""
        return self._left >= self._need

    @property
    def is_full(self) -> bool:
        """Whether it was the window that held calls back, nearly all the time."""
        return self._full >= 0.8 * self._left

    def look_again(self) -> None:
        """Go on until there are three times as many calls."""
        self.is_second = True
        self._need *= 3

    def level(self, size: int) -> Level:
        """Return the yield: what one place brings in a second, times the places.

        Not what a second on the clock brings: calls that began together end together, and then it
        depends on chance how many such waves fall into the sample.
        """
        places = size / max(self.seconds, 1e-9)
        known = self._told == self._answers
        return Level(size, self._answers * places, self._tokens * places if known else None)
