"""Signals that stop a run cleanly."""

import os
import signal
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from potstill.stages.io import Pause

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def pause_on_signals() -> "Pause":
    """Return a pause that Ctrl-C, SIGTERM and a closed terminal request; a second one kills.

    A signal that is ignored from the start, as under nohup, stays so.
    """
    from potstill.stages.io import Pause

    pause = Pause()

    def stop(number: int, frame: FrameType | None) -> None:
        if pause.requested:
            for each in SIGNALS:  # a third one ends the process by itself
                signal.signal(each, signal.SIG_DFL)
            if pause.abandon is None:
                raise KeyboardInterrupt
            pause.abandon()  # an exception in the midst of an event loop would leave it in disorder
            return
        pause.requested, pause.by = True, signal.Signals(number).name
        _say("\npausing: waiting for the calls in flight (again to abandon them)\n")

    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)
    return pause


def _say(text: str) -> None:
    with suppress(OSError):  # not by a stream: the signal may have come while it was written to
        os.write(2, text.encode())
