"""Plain lines with the time, for logs and terminals without a cursor."""

from typing import TextIO

from potstill.report.progress.text import sentence, standing
from potstill.report.progress.view import StageView, seconds
from potstill.storage.events import Event

LINE_SECONDS = 10.0
"""Between two lines about the progress of one stage."""


class Lines:
    """Writes each event that is worth it, and every ten seconds how far the stage is."""

    def __init__(self, file: TextIO) -> None:
        """Write to `file`."""
        self._file = file
        self._view: StageView | None = None
        self._told = 0.0

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if event["event"] == "stage_started":
            self._view, self._told = StageView(event), seconds(event)
        text = self._progress(event) if event["event"] == "progress" else sentence(event)
        if text is not None:
            print(f"{str(event['at'])[:19]}Z {text}", file=self._file, flush=True)

    def _progress(self, event: Event) -> str | None:
        if self._view is None:
            return None
        self._view.update(event)
        if 0 <= seconds(event) - self._told < LINE_SECONDS:
            return None
        self._told = seconds(event)
        return standing(self._view)
