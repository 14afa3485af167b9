"""The order of the stages, and what lies in the folder of each."""

from pathlib import Path
from typing import NamedTuple

from potstill.records import Problem, Record, Sample


class StageInfo(NamedTuple):
    """One stage of the line."""

    name: str
    """Its name, also its key in the recipe; `gather` and `responses` go by `sources`."""
    folder: str
    """Its folder in the run directory."""
    rows: type[Record]
    """The rows that it passes on."""


LINE = (
    StageInfo("gather", "01-gather", Problem),
    StageInfo("dedup", "02-dedup", Problem),
    StageInfo("decontaminate", "03-decontaminate", Problem),
    StageInfo("label", "04-label", Problem),
    StageInfo("distil", "05-distil", Sample),
    StageInfo("responses", "05-responses", Sample),  # where nothing is distilled
    StageInfo("verify", "06-verify", Sample),
    StageInfo("filter", "07-filter", Sample),
    StageInfo("export", "08-export", Sample),
)


def journal_path(directory: Path, *, beside: bool) -> Path:
    """Return where the journal of a run lies: beside the runs of one root, or inside the run."""
    root = directory.parent if beside else directory
    return root / "journal" / "calls.sqlite3"
