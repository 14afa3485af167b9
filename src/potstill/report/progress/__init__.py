"""How a run's events look while it works: bars on a terminal or in a notebook, else plain lines."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

from potstill.storage.events import Event, Listener


def in_notebook() -> bool:
    """Return whether this code runs in a Jupyter notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    # Colab's shell is a subclass.
    return any(base.__name__ == "ZMQInteractiveShell" for base in type(shell).__mro__)


@contextmanager
def display(
    progress: bool | None = None, listener: Listener | None = None
) -> Generator[Listener | None]:
    """Yield what shows events: in the notebook's cell, or else on standard error.

    Args:
        progress: Whether anything is shown; None for only in a notebook.
        listener: Told of every event too.
    """
    with _shown(progress) as show:
        yield _both(listener, show) if listener and show else listener or show


def _both(first: Listener, second: Listener) -> Listener:
    def tell(event: Event) -> None:
        first(event)
        second(event)

    return tell


@contextmanager
def _shown(progress: bool | None) -> Generator[Listener | None]:
    notebook = in_notebook()
    if not (notebook if progress is None else progress):
        yield None
    elif notebook:
        from potstill.report.progress.notebook import NotebookBars

        with NotebookBars() as bars:
            yield bars
    else:
        with _terminal() as listener:
            yield listener


@contextmanager
def _terminal() -> Generator[Listener]:
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal and not console.is_dumb_terminal:
        from potstill.report.progress.bars import Bars

        with Bars(console) as bars:
            yield bars
    else:
        from potstill.report.progress.lines import Lines

        yield Lines(sys.stderr)
