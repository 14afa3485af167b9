"""Where a run stands: its books, read from the manifests of its stages."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from potstill.books import Account
from potstill.records import Record
from potstill.report.progress.text import standing
from potstill.report.progress.view import StageView, number
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
    usd: float = 0.0
    """What they cost by the recipe's prices; 0 where it has none."""
    seconds: float = 0.0
    """Wall time of the asking, where anything was asked."""
    last_requests: int = 0
    """Requests of the last session alone."""


class AtWork(Record):
    """How far the stage is that is being worked on."""

    stage: str
    """Its name."""
    unit: str
    """What `done` and `total` count: `rows` or `calls`."""
    done: int
    """How many are done."""
    total: int | None
    """How many there are; None where nobody knows."""
    text: str
    """The same with rates and what else is told, as the progress display shows it."""


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
    at_work: AtWork | None = None
    """The stage that a process works on now; None where there is none."""


def status(directory: Path) -> Status:
    """Read where the run in `directory` stands.

    Raises:
        InputError: It is no run directory.
        StorageError: A manifest is damaged.
    """
    stages = tuple(
        _stage(name, folder.name, read_manifest(folder)) for name, folder in folders(directory)
    )
    state = _state(directory, stages)
    return Status(
        name=directory.resolve().name,
        directory=os.fspath(directory),
        state=state,
        stages=stages,
        asked=asked(directory),
        datasets=_datasets(directory, stages),
        dropped=_some_dropped(directory),
        at_work=at_work(_events(directory)) if state == "running" else None,
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
        if event["event"] == "run_started":
            sums["last_requests"] = 0
        elif event["event"] == "asked" and (requests := number(event["requests"])):
            for name in sums:
                sums[name] += number(event.get(name))
            sums["last_requests"] += requests
    return Asked.model_validate(sums)


def at_work(events: Iterable[Event]) -> AtWork | None:
    """Return how far the stage is that the last of a run's events are about."""
    view: StageView | None = None
    for event in events:
        if event["event"] == "stage_started":
            view = StageView(event)
        elif event["event"] == "progress" and view is not None:
            view.update(event)
        elif event["event"] in ("run_started", "stage_finished"):
            view = None
    if view is None:
        return None
    return AtWork(
        stage=view.stage, unit=view.unit, done=view.done, total=view.total, text=standing(view)
    )


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
