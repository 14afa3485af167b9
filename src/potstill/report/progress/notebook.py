"""The bars in a notebook's cell. They need nothing but IPython: no widgets."""

import importlib
import time
from typing import Any, Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.jupyter import JupyterMixin
from rich.text import Text

from potstill.report.progress.bars import Bar, is_lasting
from potstill.report.progress.text import sentence
from potstill.storage.events import Event

REFRESH_SECONDS = 0.5


class _Cell(JupyterMixin):
    """What the cell shows: a line for each thing that happened, then the bar."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.bar = Bar()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines:
            yield Text(line)
        yield self.bar


class NotebookBars:
    """Shows events in the output of the cell that runs."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self._cell = _Cell()
        self._shown = 0.0

    def __enter__(self) -> Self:
        """Open the output."""
        show: Any = importlib.import_module("IPython.display").display  # only there in a notebook
        self._handle = show(self._cell, display_id=True)
        return self

    def __exit__(self, *_: object) -> None:
        """Show the last state."""
        self._handle.update(self._cell)

    def __call__(self, event: Event) -> None:
        """Show one event."""
        self._cell.bar.take(event)
        if is_lasting(event) and (text := sentence(event)) is not None:
            self._cell.lines.append(text)
        if time.monotonic() - self._shown >= REFRESH_SECONDS:
            self._shown = time.monotonic()
            self._handle.update(self._cell)
