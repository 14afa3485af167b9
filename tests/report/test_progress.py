"""What a person sees of a run at work: rates, time left, lines, bars in any width."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from potstill.report.progress import display, in_notebook
from potstill.report.progress.bars import Bar, Bars
from potstill.report.progress.lines import Lines
from potstill.report.progress.text import details
from potstill.report.progress.view import Speed, StageView
from potstill.storage.events import Event

START = datetime(2026, 1, 1, tzinfo=UTC)


def event(at: float, kind: str, **fields: object) -> Event:
    when = (START + timedelta(seconds=at)).isoformat(timespec="milliseconds")
    return {"at": when, "event": kind, **fields}  # type: ignore[dict-item]


def started(stage: str, at: float = 0) -> Event:
    return event(at, "stage_started", stage=stage, why="not complete")


def finished(stage: str, at: float) -> Event:
    rows = {"name": "rows", "entered": 300, "kept": 290, "dropped": {"duplicate": 10}}
    return event(at, "stage_finished", stage=stage, accounts=[rows], seconds=20.0)


def calls(at: float, done: int, reused: int = 0, **fields: object) -> Event:
    known = {
        "done": done,
        "total": 169,
        "unit": "calls",
        "reused": reused,
        "in_flight": 8,
        "completion_tokens": 100 * (done - reused),
        "endings": {"ok": 100, "truncated": 20},
    }
    return event(at, "progress", stage="distil", **(known | fields))


def test_a_rate_is_of_the_last_half_minute() -> None:
    speed = Speed()
    assert speed.per_second == 0
    for at in range(0, 101, 10):
        speed.tell(at, at * 5)
    assert speed.per_second == 5
    for at in range(110, 161, 10):
        speed.tell(at, 500 + (at - 100))
    assert speed.per_second == 1


def test_a_clock_that_is_set_back_and_rows_that_are_read_again_start_a_rate_anew() -> None:
    for at, value in ((-3600, 60), (60, 3)):
        speed = Speed()
        for second in range(60):
            speed.tell(second, second)
        speed.tell(at, value)
        speed.tell(at + 10, value + 20)
        assert speed.per_second == 2


def test_answers_from_the_journal_make_no_rate() -> None:
    view = StageView(started("distil"))
    view.update(calls(10, done=120, reused=100))
    assert view.rate == 2
    assert view.tokens_per_second == 200
    assert view.left == timedelta(seconds=round(49 / 2))


def test_the_time_left_is_that_of_the_calls_that_are_still_to_be_asked() -> None:
    view = StageView(started("distil"))
    view.update(calls(40, done=100, reused=100, in_flight=0, left=20))  # reading the journal
    view.update(calls(50, done=110, reused=100, left=10))
    assert view.rate == 1
    assert view.left == timedelta(seconds=10)  # of the 59 others, 49 are in the journal


def test_nobody_knows_the_end_of_rows_without_a_total() -> None:
    view = StageView(started("gather"))
    view.update(event(1, "progress", stage="gather", done=50, total=None, dropped=0))
    assert (view.left, view.rate) == (None, 50)


def lines(*events: Event) -> list[str]:
    file = io.StringIO()
    show = Lines(file)
    for each in events:
        show(each)
    return file.getvalue().splitlines()


def test_plain_lines_come_at_least_every_ten_seconds_and_at_the_end() -> None:
    progress = [
        event(at / 2, "progress", stage="dedup", done=at * 5, total=300) for at in range(70)
    ]
    shown = lines(started("dedup"), *progress, finished("dedup", 35))
    assert shown == [
        "2026-01-01T00:00:00Z dedup: running (not complete)",
        "2026-01-01T00:00:10Z dedup: 100/300 rows, 10/s, ETA 0:00:20",
        "2026-01-01T00:00:20Z dedup: 200/300 rows, 10/s, ETA 0:00:10",
        "2026-01-01T00:00:30Z dedup: 300/300 rows, 10/s, ETA 0:00:00",
        "2026-01-01T00:00:35Z dedup: 300 in, 290 kept, dropped duplicate 10 in 20.0 s, 15 rows/s",
    ]


def test_lines_of_distil_tell_calls_tokens_and_endings() -> None:
    asked = event(
        13,
        "asked",
        requests=130,
        reused=30,
        seconds=13.0,
        completion_tokens=1300,
        endings={"ok": 110, "truncated": 20},
    )
    shown = lines(started("distil"), calls(12, done=120), asked)
    assert shown[1:] == [
        "2026-01-01T00:00:12Z distil: 120/169 calls, 10/s, ETA 0:00:05; "
        "8 in flight, 1,000 tokens/s; 100 ok, truncated 20",
        "2026-01-01T00:00:13Z distil: 130 requests in 13.0 s, 100 tokens/s: ok 110, truncated 20; "
        "30 answers were in the journal",
    ]


def test_the_window_is_told_where_it_is_far_from_full() -> None:
    def told(in_flight: int, window: int) -> str:
        view = StageView(started("distil"))
        view.update(calls(10, done=120, in_flight=in_flight, window=window))
        return details(view)

    assert told(16, 64).startswith("16 in flight of 64, ")
    for in_flight, window in ((60, 64), (500, 64), (500, 0)):  # batches have no window
        assert told(in_flight, window).startswith(f"{in_flight} in flight, ")


@pytest.mark.parametrize(
    ("reused", "says"),
    [(0, "no new answers"), (30, "no new answers; 30 answers were in the journal")],
)
def test_who_got_no_answer_may_still_have_asked(reused: int, says: str) -> None:
    asked = event(1, "asked", requests=0, reused=reused, seconds=1, completion_tokens=0, endings={})
    assert lines(asked) == [f"2026-01-01T00:00:01Z distil: {says}"]


def test_a_stage_without_books_leaves_no_line() -> None:
    end = event(1, "stage_finished", stage="distil", accounts=[], seconds=0.7)
    assert lines(started("distil"), end) == lines(started("distil"))


HOSTILE = "hi\x1b[2Jthere\n2026-01-01T00:00:00Z distil: done\r\u202e" + "x" * 5_000
PROMPT = event(1, "prompt", model="m\x07", messages=[{"role": "user", "content": HOSTILE}])


def test_the_calls_of_a_prompt_are_shown() -> None:
    call = {"role": "assistant", "content": "", "tool_calls": '[{"id": "\x07"}]'}
    _, *shown = lines(event(1, "prompt", model="m", messages=[call]))
    assert shown == ["  [assistant]", '    [{"id": "\\x07"}]']


def test_a_prompt_can_neither_drive_the_terminal_nor_forge_a_line_nor_flood_it() -> None:
    first, *rest = lines(PROMPT)
    assert first == "2026-01-01T00:00:01Z first prompt to m\\x07:"
    assert rest[:2] == ["  [user]", "    hi\\x1b[2Jthere"]
    assert rest[2] == "    2026-01-01T00:00:00Z distil: done"
    assert rest[-1].endswith("more characters")
    assert sum(map(len, rest)) < 4_200
    assert all(line.startswith("  ") and line.isprintable() for line in rest)


def console(width: int = 80) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)


def text(screen: Console) -> str:
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


@pytest.mark.parametrize("width", [1, 7, 20, 40, 60, 80, 200])
@pytest.mark.parametrize("last", [started("decontaminate"), calls(10, done=120)])
def test_a_bar_fits_any_width(width: int, last: Event) -> None:
    screen, bar = console(width), Bar()
    bar.take(started("decontaminate"))
    bar.take(last)
    screen.print(bar)
    assert all(len(line) <= width for line in text(screen).splitlines())
    if width >= 40 and last["event"] == "progress":
        assert "120/169 calls" in text(screen)
        assert "truncated 20" in " ".join(text(screen).split())


def test_a_finished_stage_leaves_a_line_and_no_bar() -> None:
    screen = console(100)
    with Bars(screen) as bars:
        bars(started("dedup"))
        bars(event(1, "progress", stage="dedup", done=3, total=300))
        bars(finished("dedup", 20))
    tail = text(screen).rpartition("duplicate 10 in 20.0 s, 15 rows/s")
    assert tail[1]
    assert "3/300" not in tail[2]


def test_bars_escape_what_data_says() -> None:
    screen = console()
    with Bars(screen) as bars:
        bars(PROMPT)
    assert "\x1b[2J" not in text(screen)
    assert "hi\\x1b[2Jthere" in text(screen)


@pytest.mark.parametrize("progress", [None, False])
def test_a_script_shows_nothing_unless_asked(
    capsys: pytest.CaptureFixture[str], progress: bool | None
) -> None:
    with display(progress) as show:
        assert show is None
    assert capsys.readouterr() == ("", "")


def test_a_listener_is_told_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[Event] = []
    for progress in (False, True):
        with display(progress, told.append) as show:
            assert show is not None
            show(started("dedup"))
    assert told == [started("dedup")] * 2
    assert capsys.readouterr().err.count("dedup: running") == 1


def test_a_script_shows_plain_lines_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with display(True) as show:
        assert show is not None
        show(started("dedup"))
    assert "dedup: running" in capsys.readouterr().err


def test_a_test_is_no_notebook() -> None:
    assert not in_notebook()
