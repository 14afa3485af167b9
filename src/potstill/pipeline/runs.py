"""Run a recipe: each stage whose settings or input changed, in order, and no other."""

import os
import time
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout
from pydantic import JsonValue

from potstill.errors import InputError, PotstillError, RunError
from potstill.pipeline.stage import Done, StageRun, clear
from potstill.pipeline.wiring import Job, settings
from potstill.recipe import Recipe, dump, load_recipe
from potstill.records import to_json
from potstill.report.status import LOCK, Status, status
from potstill.report.why import Story, why
from potstill.stages.io import Pause
from potstill.stages.line import LINE, journal_path
from potstill.storage.events import EventLog, Listener
from potstill.storage.files import explained, write_text
from potstill.version import VERSION

ROOT = Path("runs")
"""Where runs lie unless `out` says otherwise; they share one journal."""


class Run(NamedTuple):
    """A run that came to its end."""

    directory: Path
    """Where everything lies that it made."""

    def status(self) -> Status:
        """Return the run's books."""
        return status(self.directory)

    def why(self, wanted: str) -> list[Story]:
        """Return what became of a row, a problem or a response, by its id or a prefix of it."""
        return why(self.directory, wanted)


def run(
    recipe: Recipe | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    limit: int | None = None,
    allow_code: bool = False,
    listener: Listener | None = None,
    pause: Pause | None = None,
) -> Run:
    """Run a recipe, or continue it: finished stages and journaled calls are not done again.

    Args:
        recipe: A recipe, or the path of one.
        out: The run directory; `runs/NAME` by default. The journal then lies in `runs/journal`,
            which all runs there share; with `out`, it lies inside the run directory.
        limit: At most this many rows of each source.
        allow_code: Whether the recipe may name plug-ins by file.
        listener: Told of every event as it happens.
        pause: Set its `requested` to stop cleanly.

    Returns:
        The run, complete.

    Raises:
        InputError: The recipe, the data, the directory or an endpoint is not usable.
        RunError: A stage could not be finished, or another process runs there.
        Paused: It stopped cleanly; the same call continues it.
    """
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe, allow_code=allow_code)
    directory = Path(out) if out is not None else ROOT / recipe.name
    job = Job(recipe, journal_path(directory, beside=out is None), limit, allow_code)
    _prepare(directory)
    try:
        with FileLock(directory / LOCK, blocking=False):
            return _run(directory, job, listener, pause or Pause())
    except Timeout:
        raise RunError(
            f"another process is running in {directory}; wait for it, or stop it first"
        ) from None


def _prepare(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise InputError(f"{directory} is a file; a run needs a directory")
    with explained(directory):
        directory.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in directory.iterdir()}
    foreign = names - {LOCK, "journal", ".recipe.yaml.partial"}
    if foreign and "recipe.yaml" not in names:
        raise InputError(
            f"{directory} is no run directory and not empty: it holds {min(foreign)!r}; "
            "name another with --out"
        )


def _run(directory: Path, job: Job, listener: Listener | None, pause: Pause) -> Run:
    write_text(directory / "recipe.yaml", dump(job.recipe))
    events = EventLog(directory / "events.jsonl", listener)
    started = time.monotonic()
    events.emit("run_started", directory=os.fspath(directory), journal=os.fspath(job.journal))
    try:
        _run_stages(directory, job, events, pause)
    except BaseException as error:
        text = str(error) if isinstance(error, PotstillError) else type(error).__name__
        events.emit("run_stopped", error=text, seconds=_since(started))
        raise
    else:
        events.emit("run_finished", seconds=_since(started))
    finally:
        events.close()
    return Run(directory)


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def _run_stages(directory: Path, job: Job, events: EventLog, pause: Pause) -> None:
    before: Done | None = None
    stages: dict[str, JsonValue] = {}
    with explained(directory):
        (directory / "manifest.json").unlink(missing_ok=True)  # not complete until the end
    for info in LINE:
        wanted = settings(info.name, job)
        if wanted is None:
            clear(directory / info.folder)
            continue
        before = StageRun(directory, info, before, job, events, pause).run(wanted)
        stages[info.name] = [account.model_dump() for account in before.manifest.accounts]
    write_text(directory / "manifest.json", to_json({"potstill": VERSION, "stages": stages}) + "\n")
