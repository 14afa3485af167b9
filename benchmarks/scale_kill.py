"""Whether a run that is killed in any stage goes on, and ends with the same bytes."""

import os
import random
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from subprocess import Popen

from tree import pids

from potstill.storage.events import Event, read_events

Start = Callable[[Path, str], "Popen[bytes]"]
"""Starts the run in a folder, or goes on with it, into the run directory of this name."""

_LOOK = 0.02
"""Seconds between two looks at a run."""


def kill_everywhere(folder: Path, start: Start, seed: int) -> bool:
    """Kill a run in each of its stages; print what came of it, and return whether all is well."""
    process = start(folder, "whole")
    if process.wait():
        print((folder / "log").read_text()[-2000:])
        return False
    whole, well = digests(folder / "whole"), True
    print("| killed in | at, of its seconds | parts done | done again | same bytes | left |")
    print("|---|--:|--:|--:|---|--:|")
    rng = random.Random(seed)
    for event in list(read_events(folder / "whole/events.jsonl")):
        if event["event"] == "stage_finished":
            stage, seconds = str(event["stage"]), float(str(event["seconds"]))
            moment = rng.uniform(0, seconds)
            before, after, left = killed(folder, start, stage, moment)
            same = digests(folder / f"killed-{stage}") == whole
            again = sum(after.get(name, inode) != inode for name, inode in before.items())
            well &= same and not again and not left
            print(
                f"| {stage} | {moment:.1f} of {seconds:.1f} | {len(before):,} | {again:,} "
                f"| {'yes' if same else '**no**'} | {left} |",
                flush=True,
            )
    return well


def killed(
    folder: Path, start: Start, stage: str, moment: float
) -> tuple[dict[Path, int], dict[Path, int], int]:
    """Kill a run some seconds after a stage's beginning, and let it go on to its end.

    Returns:
        The stage's finished files at the kill, those names as they were seen last, each with its
        inode, and how many of the killed run's processes are still there.
    """
    run = folder / f"killed-{stage}"
    process = start(folder, run.name)
    while not any(is_start(event, stage) for event in events(run)) and process.poll() is None:
        time.sleep(_LOOK)
    time.sleep(moment)
    all_pids = pids(process.pid)
    process.kill()
    process.wait()
    before = finished(run, stage)
    after = dict(before)
    process = start(folder, run.name)
    while process.poll() is None:
        after |= finished(run, stage)
        time.sleep(_LOOK)
    left = sum(Path(f"/proc/{pid}").exists() for pid in all_pids)
    return before, after | finished(run, stage), left


def is_start(event: Event, stage: str) -> bool:
    """Return whether an event is the beginning of a stage."""
    return event["event"] == "stage_started" and event["stage"] == stage


def events(run: Path) -> list[Event]:
    """Return what has happened so far."""
    log = run / "events.jsonl"
    return list(read_events(log)) if log.exists() else []


def finished(run: Path, stage: str) -> dict[Path, int]:
    """Return the files of a stage that have their names: its parts and what it keeps by shard."""
    found: dict[Path, int] = {}
    for place, _, names in os.walk(next(run.glob(f"[0-9]*-{stage}"), run / "none")):
        for name in names:
            if name.endswith((".parquet", ".arrow")):
                path = Path(place, name)
                try:
                    found[path] = path.stat().st_ino
                except FileNotFoundError:  # removed meanwhile
                    continue
    return found


def digests(run: Path) -> dict[str, str]:
    """Return the hash of each file of a run but its events, which hold times."""
    return {
        str(path.relative_to(run)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(run.rglob("*"))
        if path.is_file() and path.name != "events.jsonl"
    }
