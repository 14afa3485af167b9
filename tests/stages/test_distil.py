"""Asking in rounds: what is asked, by whom, how often, and what a later session asks again."""

import json
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from potstill.errors import EndpointError, Paused, RunError
from potstill.models.scripted import Scripted
from potstill.stages.io import Pause
from potstill.stages.position import Place, Walk

Serve = Callable[..., Scripted]


def teacher(server: Scripted, **fields: object) -> dict:
    return {"model": "m", "base_url": server.base_url, **fields}


def at_once(**endings: dict) -> dict:
    """Policies without a wait."""
    return {ending: {"delay_s": 0, **policy} for ending, policy in endings.items()}


def test_every_call_is_asked_once_and_collected_in_order(serve: Serve, ask):
    server = serve()
    done = ask({"samples": 2, "teachers": [teacher(server)]}, 20)
    assert [s.problem.line for s in done.samples] == [line for line in range(1, 21) for _ in "ab"]
    assert done.requests == server.requests == 40
    again = ask({"samples": 2, "teachers": [teacher(server)]}, 20)
    assert (again.requests, again.reused, server.requests) == (0, 40, 40)
    assert again.samples == done.samples


def test_teachers_are_asked_by_condition(serve: Serve, ask):
    one, other = serve(), serve()
    done = ask(
        {
            "teachers": [
                teacher(one, model="maths", where="category = 'math'"),
                teacher(other, model="rest", where="category != 'math' and line < 5"),
            ]
        }
    )
    assert (one.requests, other.requests) == (5, 2)
    assert {s.response.teacher for s in done.samples if s.problem.category == "math"} == {"maths"}
    assert Counter(row.reason for row in done.dropped) == {"no_teacher": 3}
    assert done.io.accounts[1].entered == 7


def test_rounds_of_salvage_ask_again_what_may_have_passed(serve: Serve, ask):
    server = serve(faults={"server_error": 0.5})
    policy = at_once(server_error={"retries": 0})
    spec = {"teachers": [teacher(server, endings=policy)], "salvage": 9}
    done = ask(spec, 40)
    assert done.endings == {"ok": 40}
    assert max(server.by_request.values()) == 1
    assert 60 < done.requests < 110


def test_without_salvage_the_next_session_asks(serve: Serve, ask):
    server = serve(faults={"server_error": 0.5})
    policy = at_once(server_error={"retries": 0})
    spec = {"teachers": [teacher(server, endings=policy)], "salvage": 0}
    done = ask(spec, 40)
    failed = done.endings["server_error"]
    assert 10 < failed < 30
    assert done.io.totals["unanswered"] == failed
    again = ask(spec, 40)
    assert again.requests == failed
    assert again.reused == 40 - failed


def test_one_poison_prompt_stalls_nothing(serve: Serve, ask):
    """One prompt hangs for ever, the others are answered meanwhile."""
    server = serve(faults={"stalled": 0.03})
    policy = at_once(stalled={"retries": 2})
    how = {"stall_s": 0.3, "deadline_s": 0.3, "max_in_flight": 4, "endings": policy}
    done = ask({"teachers": [teacher(server, **how)]}, 100)
    assert done.endings["ok"] == 100
    assert done.requests > 100


def test_an_ending_may_drop_its_sample(serve: Serve, ask):
    server = serve(faults={"truncated": 0.5})
    spec = {"teachers": [teacher(server, endings={"truncated": {"then": "drop"}})]}
    done = ask(spec, 40)
    cut = done.endings["truncated"]
    assert 10 < cut < 30
    assert {s.response.ending for s in done.samples} == {"ok"}
    assert len(done.samples) == 40 - cut == 40 - len(done.dropped)
    kept = ask({"teachers": [teacher(server)]}, 40)
    assert (kept.requests, len(kept.samples)) == (0, 40)


def test_an_ending_may_stop_the_run(serve: Serve, ask):
    server = serve(faults={"refused": 0.1})
    spec = {"teachers": [teacher(server, endings={"refused": {"then": "stop"}})]}
    with pytest.raises(EndpointError, match="ended as refused"):
        ask(spec, 100)


def test_what_another_teacher_is_answering_is_waited_for(serve: Serve, ask):
    """One teacher's credit ends: what the others are writing by then is paid for."""
    slow, other = serve(latency=0.3), serve(latency=0.1, faults={"refused": 1.0})
    stopping = teacher(other, endings={"refused": {"then": "stop"}}) | {"model": "n"}
    with pytest.raises(EndpointError, match="ended as refused"):
        ask({"teachers": [teacher(slow), stopping]}, 40)
    sent = slow.requests
    assert 0 < sent <= 16
    done = ask({"teachers": [teacher(slow)]}, 40)
    assert (done.requests, done.reused) == (40 - sent, sent)


def test_why_it_will_end_is_told_and_what_is_waited_for_may_be_abandoned(
    serve: Serve, ask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("potstill.stages.asking.TELL_SECONDS", 0.05)
    slow, other, pause = serve(latency=600), serve(faults={"refused": 1.0}), Pause()
    stopping = teacher(other, endings={"refused": {"then": "stop"}}) | {"model": "n"}
    told: list[str] = []

    def abandon(event: dict) -> None:
        if event["event"] == "caution" and pause.abandon is not None:
            told.append(event["text"])
            pause.abandon()

    with pytest.raises(EndpointError, match="ended as refused") as error:
        ask({"teachers": [teacher(slow), stopping]}, pause=pause, listener=abandon)
    assert told == [f"{error.value}; the calls in flight are waited for"]


def test_asked_to_stop_what_waits_is_not_sent(serve: Serve, ask):
    server = serve(latency=0.05)
    pause = Pause()

    def stop(event: dict) -> None:
        pause.requested = pause.requested or event["event"] == "prompt"

    done: list = []
    with pytest.raises(Paused):
        ask(
            {"teachers": [teacher(server, max_in_flight=3)]},
            100,
            pause=pause,
            listener=stop,
            done=done,
        )
    assert done[0].requests == server.requests <= 3 + 16
    assert max(server.by_request.values()) == 1


async def test_an_interrupt_in_a_notebook_pauses(
    serve: Serve, ask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("potstill.stages.io.PROGRESS_SECONDS", 0)
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    server, main = serve(latency=0.05), threading.get_ident()
    sent: list[int] = []

    def interrupt(event: dict) -> None:
        if event["event"] == "progress" and event.get("endings") and not sent:
            sent.append(server.requests)
            signal.pthread_kill(main, signal.SIGINT)

    try:
        with pytest.raises(Paused, match="^paused; the same command continues"):
            ask({"teachers": [teacher(server, max_in_flight=3)]}, 100, listener=interrupt)
    finally:
        signal.signal(signal.SIGINT, usual)
    assert server.requests < 30


def interrupted(ask, spec: dict, count: int, after: int) -> int:
    """Ask, and stop after so many answers; return how many requests were sent."""
    pause = Pause()
    done: list = []

    def stop(event: dict) -> None:
        asking = event["event"] == "progress" and "phase" not in event
        pause.requested = pause.requested or (asking and int(str(event["done"])) >= after)

    with pytest.raises(Paused):
        ask(spec, count, pause=pause, listener=stop, done=done)
    return done[0].requests


def test_a_session_goes_on_where_the_last_one_came_to(
    serve: Serve, ask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("potstill.stages.io.PROGRESS_SECONDS", 0)
    server = serve(latency=0.005)
    spec = {"teachers": [teacher(server, max_in_flight=4)]}
    sent = interrupted(ask, spec, 300, after=150)
    looked: list[int] = []
    from potstill.storage.journal import Journal

    endings = Journal.endings

    def look(self: Journal, keys: list[str]) -> dict:
        looked.append(len(keys))
        return endings(self, keys)

    monkeypatch.setattr("potstill.stages.asking.MOST_LOOKED_UP", 0)
    monkeypatch.setattr(Journal, "endings", look)
    done = ask(spec, 300)
    assert done.endings == {"ok": 300}
    assert (done.requests, done.reused) == (300 - sent, sent)
    assert sum(looked) < 300 - sent + 100
    assert max(server.by_request.values()) == 1


def test_the_place_counts_for_its_journal_alone(
    serve: Serve, ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("potstill.stages.io.PROGRESS_SECONDS", 0)
    server = serve(latency=0.005)
    spec = {"teachers": [teacher(server, max_in_flight=4)]}
    interrupted(ask, spec, 100, after=50)
    done = ask(spec, 100, journal="another")
    assert done.endings == {"ok": 100}
    assert (done.requests, done.reused) == (100, 0)


def test_a_journal_exchanged_behind_its_back_is_found_out(
    serve: Serve, ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("potstill.stages.io.PROGRESS_SECONDS", 0)
    server = serve(latency=0.005)
    spec = {"teachers": [teacher(server, max_in_flight=4)]}
    ask(spec, 2)
    shutil.copy(tmp_path / "journal", tmp_path / "old")
    interrupted(ask, spec, 100, after=50)
    with (tmp_path / "journal").open("r+b") as file:  # the same inode, as `cp` leaves it
        file.write((tmp_path / "old").read_bytes())
        file.truncate()
    with pytest.raises(RunError, match="exchanged for another"):
        ask(spec, 100)
    assert ask(spec, 100).endings == {"ok": 100}


def test_a_failed_call_is_asked_again_though_its_problem_s_next_one_is_begun():
    walk = Walk(Place())
    walk.begin(0)
    walk.begin(0)
    walk.end(0, later=True)
    walk.begin(0)
    walk.end(0)
    walk.end(0)
    assert walk.place() == Place(done=1, later=(0,))
    assert Walk(walk.place()).concerns(0)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"of": "x", "teachers": {}}'])
def test_a_damaged_note_counts_as_none(serve: Serve, ask, tmp_path: Path, text: str):
    server = serve()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "position.json").write_text(text)
    assert ask({"teachers": [teacher(server)]}).endings == {"ok": 10}
    assert not (tmp_path / "run" / "position.json").exists()


def test_all_of_the_issue_s_faults_leave_an_answer_or_a_named_ending(serve: Serve, ask):
    """The mix of faults that the peers do not survive."""
    faults = {
        **{"rate_limited": 0.10, "server_error": 0.05, "network": 0.02, "stalled": 0.02},
        **{"empty": 0.02, "truncated": 0.02, "malformed": 0.01},
    }
    quirks = {"done_missing": 0.05, "done_doubled": 0.05, "finish_doubled": 0.05}
    server = serve(faults=faults, quirks=quirks, retry_after=0, words=5)
    names = ("rate_limited", "server_error", "network", "stalled", "empty", "malformed")
    policy = at_once(**{name: {} for name in names})
    how = {"stream": True, "stall_s": 2, "max_in_flight": 100, "endings": policy}
    done = ask({"teachers": [teacher(server, **how)]}, 1000)
    assert done.endings.keys() <= {"ok", "truncated"}
    assert done.endings.total() == 1000 == len(done.samples)
    assert 5 < done.endings["truncated"] < 40
    assert max(server.by_request.values()) == 1
    assert done.requests <= 1350
    lines = [s.problem.line for s in done.samples]
    assert lines == list(range(1, 1001))
    assert json.dumps(done.events)  # what was told can be written
