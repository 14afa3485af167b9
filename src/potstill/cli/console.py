"""Where commands print tables and rows."""

from rich.console import Console


def console(*, width: int = 110, stderr: bool = False) -> Console:
    """Return a console as wide as the terminal, or of `width` columns where there is none."""
    terminal = Console(stderr=stderr).is_terminal
    return Console(width=None if terminal else width, highlight=False, stderr=stderr)
