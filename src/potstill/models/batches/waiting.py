"""Waiting, until somebody asks to stop."""

from collections.abc import Callable

from potstill.models.limits import Sleep

LOOK_S = 0.5
"""Seconds between two looks whether somebody asked to stop."""


class Halted(Exception):
    """Nothing more is to be waited for in this session."""


class Waiting:
    """Sleeps for all who work on a teacher's batches."""

    def __init__(self, sleep: Sleep) -> None:
        """Go on until it is halted, or `stop` is true."""
        self._sleep = sleep
        self.stop: Callable[[], bool] = bool
        """Whether somebody asked to stop."""
        self.why: str | None = None
        """Why nothing more is waited for, where nobody asked; a sentence."""

    def halt(self, why: str) -> None:
        """Let nobody wait any more."""
        self.why = self.why or why

    async def wait(self, seconds: float) -> None:
        """Sleep so long.

        Raises:
            Halted: Nothing more is to be waited for.
        """
        while self.why is None and not self.stop():
            await self._sleep(max(0.0, min(seconds, LOOK_S)))
            seconds -= LOOK_S
            if seconds <= 0:
                return
        raise Halted
