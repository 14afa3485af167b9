"""Signals that stop a run cleanly."""

import signal
from types import FrameType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from potstill.stages.io import Pause


def pause_on_signals() -> "Pause":
    """Return a pause that Ctrl-C, SIGTERM and a closed terminal request; a second one kills."""
    from potstill.stages.io import Pause

    pause = Pause()

    def stop(number: int, frame: FrameType | None) -> None:
        if pause.requested:
            raise KeyboardInterrupt
        pause.requested = True
        click.echo("\npausing: waiting for the calls in flight (again to abandon them)", err=True)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return pause
