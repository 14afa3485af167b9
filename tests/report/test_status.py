"""The books of a run: what was asked by whom, and how far the run at work is."""

import json
from pathlib import Path

from potstill.report.status import asked, at_work
from potstill.storage.events import LOG, Event

AT = "2026-01-01T00:00:00.000+00:00"


def event(kind: str, elapsed: float, **fields: object) -> Event:
    return {"at": AT, "elapsed": elapsed, "event": kind, **fields}  # type: ignore[dict-item]


def session(requests: int, seconds: float) -> list[Event]:
    known = {"reused": 0, "endings": {}, "prompt_tokens": 0}
    return [
        event("run_started", 0, directory="r", journal="j"),
        event("asked", 1, requests=requests, completion_tokens=requests, seconds=seconds, **known),
    ]


def test_sessions_that_asked_nothing_have_no_part_in_the_rate(tmp_path: Path) -> None:
    for sessions, last in (([(57, 10), (0, 90)], 0), ([(0, 90), (57, 10)], 57)):
        events = [each for one in sessions for each in session(*one)]
        (tmp_path / LOG).write_text("".join(json.dumps(each) + "\n" for each in events))
        found = asked(tmp_path)
        assert (found.requests, found.seconds, found.last_requests) == (57, 10, last)


def test_the_last_progress_tells_how_far_a_run_is() -> None:
    calls = {"unit": "calls", "total": 120, "in_flight": 4, "completion_tokens": 300}
    events = [
        event("run_started", 0, directory="r", journal="j"),
        event("stage_started", 1, stage="dedup", why="not complete"),
        event("progress", 2, stage="dedup", done=5, total=9),
        event("stage_finished", 3, stage="dedup", accounts=[], seconds=2),
        event("stage_started", 3, stage="distil", why="not complete"),
        event("progress", 13, stage="distil", done=49, reused=29, endings={"ok": 20}, **calls),
    ]
    work = at_work(events)
    assert work is not None
    assert (work.stage, work.unit, work.done, work.total) == ("distil", "calls", 49, 120)
    assert work.text.startswith("distil: 49/120 calls, 2.0/s")
    assert "20 ok" in work.text
    assert at_work(events[:4]) is None
    assert at_work([*events, events[0]]) is None
