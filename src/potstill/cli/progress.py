"""What a command shows while it works."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from potstill.storage.events import Listener

QUIET = "Show nothing but errors and, at the end, the summary: no bars, no first prompts."


def listener(quiet: bool = False) -> "AbstractContextManager[Listener | None]":
    """Return a context that gives what shows events on standard error: bars or plain lines."""
    from potstill.report.progress import display

    return display(progress=not quiet)
