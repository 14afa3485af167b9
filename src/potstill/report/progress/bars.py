"""A bar for the stage that is at work; of each finished one, a line stays."""

from typing import Self

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from potstill.report.progress.text import details, position, sentence
from potstill.report.progress.view import StageView
from potstill.storage.events import Event

INDENT = 14
"""Cells before a bar: the longest name of a stage, and a space."""
WIDEST, NARROWEST = 40, 8
"""Cells of a bar; where there is room for less, there is none."""


class Bar:
    """One stage as a bar and a line of details, in whatever width there is."""

    def __init__(self, view: StageView | None = None) -> None:
        """Show `view`, or nothing."""
        self.view = view

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        if self.view is None:
            return
        view, text = self.view, position(self.view)
        room = options.max_width - INDENT - len(text) - 2
        row: list[RenderableType] = [Text(f"{view.stage:>{INDENT - 1}}", "bold"), Text(text)]
        if room >= NARROWEST:
            row.insert(1, _bar(view, min(room, WIDEST)))
        yield from _rows(row, room >= 0)
        if more := details(view):
            yield Text(more, "dim") if room < 0 else _indented(Text(more, "dim"))

    def take(self, event: Event) -> None:
        """Take in an event."""
        if event["event"] == "stage_started":
            self.view = StageView(event)
        elif event["event"] == "progress" and self.view is not None:
            self.view.update(event)
        elif event["event"] == "stage_finished":
            self.view = None


def _bar(view: StageView, width: int) -> RenderableType:
    if view.total is None:
        return Text("·" * width, "dim")
    return ProgressBar(total=max(view.total, 1), completed=view.done, width=width)


def _rows(row: list[RenderableType], beside: bool) -> RenderResult:
    if not beside:
        yield from row
        return
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_row(*row)
    yield table


def _indented(text: Text) -> Table:
    table = Table.grid()
    table.add_row(" " * INDENT, text)
    return table


def is_lasting(event: Event) -> bool:
    """Return whether an event leaves a line; that a stage began is told by its bar."""
    return event["event"] != "stage_started"


class Bars:
    """Shows events on a terminal."""

    def __init__(self, console: Console) -> None:
        """Show them on `console`."""
        self._console, self._bar = console, Bar()
        self._live = Live(self._bar, console=console, refresh_per_second=4)

    def __enter__(self) -> Self:
        """Take the terminal's last lines."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back; the bar of a stage that did not finish stays."""
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        self._bar.take(event)
        if is_lasting(event) and (text := sentence(event)) is not None:
            self._console.print(Text(text), soft_wrap=True)
