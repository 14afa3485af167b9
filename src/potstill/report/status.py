"""Where a run stands: its books, read from the manifests of its stages."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from potstill.books import Account
from potstill.records import Record
from potstill.report.tables import folders, tables
from potstill.storage.events import LOG, Event, read_events
from potstill.storage.manifest import Manifest, read_manifest

LOCK = ".lock"
"""File in a run directory that the process that works there holds locked."""


class StageStatus(Record):
    """One stage of a run."""

    stage: str
    """Its name."""
    folder: str
    """Its folder in the run directory."""
    complete: bool
    """Whether it has a manifest."""
    accounts: tuple[Account, ...] = ()
    """Its books; empty while it is not complete."""
    totals: dict[str, int] = {}
    """What else it counted."""


class Asked(Record):
    """What the teachers were asked, over all sessions of the run whose end was recorded."""

    requests: int = 0
    """Requests sent, retries included."""
    prompt_tokens: int = 0
    """Tokens sent, as the endpoints counted them."""
    completion_tokens: int = 0
    """Tokens received."""
    seconds: float = 0.0
    """Wall time of the asking."""


class Status(Record):
    """Where a run stands."""

    name: str
    """The run directory's name."""
    directory: str
    """The run directory."""
    state: Literal["running", "complete", "incomplete"]
    """Whether a process works on it now, or every stage of its recipe is complete, or neither."""
    stages: tuple[StageStatus, ...]
    """Every stage that has a folder, in the order of the line."""
    asked: Asked
    """What it cost so far."""
    datasets: dict[str, str] = {}
    """Folder of each exported dataset by its name; empty before the export."""
    dropped: str | None = None
    """A row that was dropped, for a look at its way; None where none was."""


def status(directory: Path) -> Status:
    """Read where the run in `directory` stands.

    Raises:
        InputError: It is no run directory.
        StorageError: A manifest is damaged.
    """
    stages = tuple(
        _stage(name, folder.name, read_manifest(folder)) for name, folder in folders(directory)
    )
    return Status(
        name=directory.resolve().name,
        directory=os.fspath(directory),
        state=_state(directory, stages),
        stages=stages,
        asked=asked(directory),
        datasets=_datasets(directory, stages),
        dropped=_some_dropped(directory),
    )


def _some_dropped(directory: Path) -> str | None:
    for table in reversed(tables(directory)):
        # What these note there is not dropped: rows not exported, labelers that failed.
        if table.stage not in ("label", "export") and table.manifest.dropped:
            return next(table.dropped()).row_id
    return None


def _stage(name: str, folder: str, manifest: Manifest | None) -> StageStatus:
    if manifest is None:
        return StageStatus(stage=name, folder=folder, complete=False)
    accounts, totals = manifest.accounts, manifest.totals
    return StageStatus(stage=name, folder=folder, complete=True, accounts=accounts, totals=totals)


def _state(
    directory: Path, stages: tuple[StageStatus, ...]
) -> Literal["running", "complete", "incomplete"]:
    if is_locked(directory):
        return "running"
    done = stages and all(s.complete for s in stages)
    return "complete" if done and (directory / "manifest.json").is_file() else "incomplete"


def is_locked(directory: Path) -> bool:
    """Return whether a process works in a run directory."""
    path = directory / LOCK
    if not path.exists():
        return False
    try:
        with FileLock(path, blocking=False):
            return False
    except Timeout:
        return True
    except OSError:  # a directory that can't be written has no run at work in it
        return False


def asked(directory: Path) -> Asked:
    """Add up what every session of the run asked."""
    sums = dict.fromkeys(Asked.model_fields, 0.0)
    for event in _events(directory):
        if event["event"] == "asked":
            for name in sums:
                value = event.get(name)
                sums[name] += value if isinstance(value, int | float) else 0
    return Asked.model_validate(sums)


def _events(directory: Path) -> Iterator[Event]:
    path = directory / LOG
    return read_events(path) if path.is_file() else iter(())


def _datasets(directory: Path, stages: tuple[StageStatus, ...]) -> dict[str, str]:
    found = {s.stage: s for s in stages if s.complete}
    if "export" not in found:
        return {}
    export = found["export"]
    names = [account.name for account in export.accounts if account.name != "rows"]
    return {name: os.fspath(directory / export.folder / name) for name in names}
