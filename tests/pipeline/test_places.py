"""Directories that vanish, names that are odd, and a clock that jumps."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import potstill
from potstill.errors import InputError, StorageError
from potstill.pipeline import apply
from potstill.storage.events import Event

AGAIN = "and the same command continues"


def replace(folder: Path) -> None:
    """As when somebody removes a run and starts it anew."""
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / ".lock").touch()


def forget_log(folder: Path) -> None:
    (folder / "calls.sqlite3-wal").unlink()


@pytest.mark.parametrize(
    ("place", "act", "said"),
    [
        ("runs/words", shutil.rmtree, "runs/words was removed or moved away while the run"),
        ("runs/words", replace, "runs/words was removed or moved away while the run"),
        ("runs/journal", shutil.rmtree, "the journal .* was removed or moved away while it was"),
        ("runs/journal", forget_log, "the journal .* was removed or moved away while it was"),
        ("runs", lambda folder: folder.rename("old"), "was removed or moved away"),
    ],
)
@pytest.mark.slow
def test_a_directory_that_vanishes_while_the_teachers_are_asked(
    project: Path, whole, runs, teacher, place: str, act: Callable[[Path], None], said: str
) -> None:
    """Whatever is asked after that would be paid and lost."""

    def vanish(event: Event) -> None:
        if event["event"] == "prompt":
            act(Path(place))

    before = teacher.stats()["requests"]
    with pytest.raises(StorageError, match=said) as error:
        potstill.run("recipe.yaml", listener=vanish)
    assert "\n" not in str(error.value)
    if place != "runs/words":  # else the answers are kept in the journal
        assert teacher.stats()["requests"] - before <= 8
    done = potstill.run("recipe.yaml")
    assert done.status().state == "complete"
    found, expected = runs.content(done.directory), dict(whole.content)
    assert [name for name in found if "part-" in name] == [n for n in expected if "part-" in n]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/proc/runs/x", "can't write /proc/runs/x: No such file"),
        ("recipe.yaml/x", "can't write recipe.yaml/x: Not a directory"),
        ("x" * 256, f"can't write {'x' * 256}: File name too long; choose a shorter name, {AGAIN}"),
    ],
)
def test_a_place_where_no_run_can_be(project: Path, place: str, said: str) -> None:
    with pytest.raises(StorageError) as error:
        potstill.run("recipe.yaml", out=place)
    assert str(error.value).startswith(said)


ODD = " späce ☃ $HOME 'q' \"d\" ; rm -rf"


def test_odd_names(whole, runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(whole.project)
    out = tmp_path / ODD / ("長" * 85)  # 255 bytes
    done = potstill.run("recipe.yaml", out=out)
    assert runs.content(done.directory) == whole.content
    assert potstill.status(out).state == "complete"


def test_a_name_that_is_not_utf_8(project: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    with pytest.raises(InputError, match=r"'caf\\udce9' is not UTF-8: name another directory"):
        potstill.run("recipe.yaml", out=name)
    assert not Path(name).exists()


@pytest.mark.parametrize("letters", [249, 300])
def test_an_output_whose_name_leaves_no_room(whole, tmp_path: Path, letters: int) -> None:
    output = tmp_path / f"{'x' * letters}.jsonl"
    with pytest.raises(StorageError, match="File name too long; choose a shorter name"):
        apply(
            "dedup",
            whole.project / "problems.jsonl",
            output,
            map={"problem": "question"},
            use="exact",
            run=tmp_path / "books",
        )
    assert not list(tmp_path.glob("*.jsonl*"))


JUMPY = """
import datetime, itertools, sys, time

real, jumps = time.time, itertools.cycle([0, 3e5, -9e5, 4e6, -7])

class Jumpy(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

if __name__ == "__main__":
    import potstill.models.client, potstill.storage.events
    from potstill.cli import main
    potstill.models.client.datetime = potstill.storage.events.datetime = Jumpy
    time.time = lambda: real() + next(jumps)
    main()
"""


@pytest.mark.slow
def test_a_clock_that_jumps_and_files_from_the_future(whole, runs, tmp_path: Path) -> None:
    for name in ("problems.jsonl", "benchmark.jsonl", "recipe.yaml"):
        shutil.copyfile(whole.project / name, tmp_path / name)
        os.utime(tmp_path / name, (5e9, 5e9))
    (tmp_path / "jumpy.py").write_text(JUMPY)
    command = [sys.executable, "jumpy.py", "run", "recipe.yaml", "--out", "run"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "timeout" not in done.stdout
    found = runs.content(tmp_path / "run")
    for name in found.keys() - {"recipe.yaml"}:  # it holds where the files lie
        # Manifests hold the time of the last change of the files that were read.
        assert found[name] == whole.content[name] or name.endswith("manifest.json"), name
    events = runs.events(tmp_path / "run")
    elapsed = [event["elapsed"] for event in events]
    assert elapsed == sorted(elapsed)
    assert 0 <= elapsed[0] <= elapsed[-1] < 3600
    assert len({event["at"][:10] for event in events}) > 1  # it did jump
    assert all(0 <= event["seconds"] < 3600 for event in events if "seconds" in event)
