"""Watching a run by its log. `wait` is where the run does something: nothing sleeps here."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from potstill.errors import InputError
from potstill.report.follow import follow
from potstill.storage.events import FIELDS

Act = Callable[[], object]


class Run:
    """A run directory in which the test plays the process at work."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = directory / "events.jsonl"
        self._lock = FileLock(directory / ".lock")
        (directory / "recipe.yaml").write_text("")

    def work(self) -> None:
        self._lock.acquire()

    def die(self) -> None:
        self._lock.release()

    def write(self, *kinds: str) -> None:
        self.write_text("".join(line(kind) for kind in kinds))

    def write_text(self, text: str) -> None:
        with self.log.open("a") as file:
            file.write(text)

    def end(self) -> None:
        self.write("run_finished")
        self.die()

    def seen(self, *acts: Act, limit: int = 100) -> list[str]:
        """Follow, doing the next of `acts` at each wait; return the events' kinds."""
        left = iter(acts)
        waits = 0

        def wait(_: float) -> None:
            nonlocal waits
            waits += 1
            assert waits < limit, "it does not end"
            next(left, lambda: None)()

        return [str(event["event"]) for event in follow(self.directory, wait=wait)]


def line(kind: str) -> str:
    fields = dict.fromkeys(FIELDS[kind], "x")
    return json.dumps({"at": "2026-01-01T00:00:00.000+00:00", "event": kind, **fields}) + "\n"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path)
    yield run
    run.die()


def test_it_follows_until_the_end(run: Run) -> None:
    run.work()
    run.write("run_started", "stage_started")
    later = [lambda: run.write("progress", "progress"), lambda: None, run.end]
    seen = run.seen(*later)
    assert seen == ["run_started", "stage_started", "progress", "progress", "run_finished"]


def test_a_run_without_a_log_yet_is_waited_for(run: Run) -> None:
    run.work()
    assert run.seen(lambda: run.write("run_started"), run.end) == ["run_started", "run_finished"]


def test_only_the_last_session_is_told(run: Run) -> None:
    run.write("run_started", "run_stopped", "run_started", "stage_started", "run_finished")
    assert run.seen() == ["run_started", "stage_started", "run_finished"]


def test_a_session_that_starts_where_another_ended_is_followed(run: Run) -> None:
    run.write("run_started", "run_stopped")
    run.work()
    later = [lambda: run.write("run_started", "progress"), run.end]
    assert run.seen(*later)[2:] == ["run_started", "progress", "run_finished"]


def test_half_a_line_waits_for_its_other_half(run: Run) -> None:
    run.work()
    run.write("run_started")
    whole = line("progress")
    later = [
        lambda: run.write_text(whole[:20]),
        lambda: run.write_text(whole[20:-1]),
        lambda: run.write_text("\n"),
        run.end,
    ]
    assert run.seen(*later) == ["run_started", "progress", "run_finished"]


def test_a_line_that_a_crash_cut_is_left_out(run: Run) -> None:
    run.write_text(line("run_started") + '{"at": "2026-\n' + "[]\n\xff\n" + line("run_finished"))
    assert run.seen() == ["run_started", "run_finished"]


def test_a_killed_run_is_noticed(run: Run) -> None:
    run.work()
    run.write("run_started")
    assert run.seen(lambda: run.write("progress"), run.die) == ["run_started", "progress"]


def test_a_log_that_is_replaced_is_read_from_its_start(run: Run, tmp_path: Path) -> None:
    run.work()
    run.write("run_started", "progress")

    def replace() -> None:
        (tmp_path / "other").write_text(line("run_started") + line("stage_started"))
        (tmp_path / "other").replace(run.log)

    seen = run.seen(replace, run.end)
    assert seen[2:] == ["run_started", "stage_started", "run_finished"]


def test_a_log_that_is_cut_to_nothing_is_read_from_its_start(run: Run) -> None:
    run.work()
    run.write("run_started", "progress")
    later = [lambda: run.log.write_text(line("run_started")), run.end]
    assert run.seen(*later)[2:] == ["run_started", "run_finished"]


def test_a_log_that_vanishes_ends_with_the_run(run: Run) -> None:
    run.work()
    run.write("run_started")
    assert run.seen(run.log.unlink, run.die) == ["run_started"]


def test_a_directory_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run directory"):
        list(follow(tmp_path))
