"""`status --follow`: what it shows, and its exit code."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from potstill.cli import main
from potstill.report import follow

Follow = Callable[..., tuple[int, str, str]]


def event(kind: str, **fields: object) -> str:
    at = "2026-01-01T00:00:00.000+00:00"
    return json.dumps({"at": at, "event": kind, **fields}) + "\n"


STARTED = event("run_started", directory="runs/x", journal="j") + event(
    "stage_started", stage="gather", why="not complete"
)


@pytest.fixture
def watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Follow:
    """Follow a run with this log at which nobody works any more."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(follow, "IDLE_SECONDS", 0.0)

    def watch(log: str, *options: str) -> tuple[int, str, str]:
        (tmp_path / "runs" / "x").mkdir(parents=True)
        (tmp_path / "runs" / "x" / "recipe.yaml").write_text("")
        (tmp_path / "runs" / "x" / "events.jsonl").write_text(log)
        monkeypatch.setattr("sys.argv", ["potstill", "status", "x", "--follow", *options])
        with pytest.raises(SystemExit) as exit:
            main()
        return int(exit.value.code or 0), *capsys.readouterr()

    return watch


@pytest.mark.parametrize(
    ("last", "code", "said"),
    [
        (event("run_finished", seconds=1.0), 0, "gather: running"),
        (event("run_stopped", error="no room left", code=1, seconds=1.0), 1, "no room left"),
        (event("run_stopped", error="paused; go on", code=3, seconds=1.0), 3, "paused; go on"),
        ("", 1, "was killed; the same command continues"),
    ],
)
def test_the_exit_code_tells_how_the_run_ended(
    watch: Follow, last: str, code: int, said: str
) -> None:
    found, out, err = watch(STARTED + last)
    assert found == code
    assert said in err
    assert "Traceback" not in err
    assert "x: incomplete" in out  # the books, as always


def test_the_books_can_be_had_as_json(watch: Follow) -> None:
    _, out, _ = watch(STARTED, "--json")
    assert json.loads(out)["state"] == "incomplete"


def test_ctrl_c_ends_the_watching_and_not_the_run(
    watch: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(follow, "follow", interrupted)
    code, _, err = watch(STARTED)
    assert code == 130
    assert "the run itself goes on" in err
