"""Compacting: what is kept is whole, whenever it is stopped, and whoever else is there."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import pytest

from potstill.errors import InputError, StorageError
from potstill.storage import compact as module
from potstill.storage.audit import checked, complaints, contents
from potstill.storage.compact import compact
from potstill.storage.journal import Journal


def test_free_pages_are_given_back_and_every_call_stays(journal_of, entry) -> None:
    entries = [entry(f"{i}", reply=os.urandom(4000).hex()) for i in range(300)]
    path = journal_of(entries)
    journal_of([each.model_copy(update={"reply": ""}) for each in entries])
    path.chmod(0o640)
    assert contents(path).free_bytes > 0
    tells: list[tuple[int, int]] = []
    compacted = compact(path, tell=lambda *told: tells.append(told))
    assert (compacted.kept, compacted.forgotten, compacted.damaged) == (300, {}, 0)
    assert compacted.bytes_after < compacted.bytes_before
    assert (contents(path).free_bytes, path.stat().st_mode & 0o777) == (0, 0o640)
    assert tells[-1][1] >= 300
    assert [*complaints(path)] == []
    with Journal(path) as journal:
        assert len(journal.endings([each.key for each in entries])) == 300


def test_calls_without_an_answer_can_be_forgotten_and_answers_can_not(journal_of, entry) -> None:
    endings = ["ok", "malformed", "empty", "malformed", "network"]
    path = journal_of([entry(f"{i}", ending=ending) for i, ending in enumerate(endings)])
    with pytest.raises(InputError, match="can't forget ok: these calls have answers"):
        compact(path, forget=["ok", "empty"])
    with pytest.raises(InputError, match="no call ends in 'gone': the endings are ok, truncated"):
        compact(path, forget=["gone"])
    assert contents(path).calls == 5
    compacted = compact(path, forget=["malformed", "empty"])
    assert (compacted.kept, compacted.forgotten) == (2, {"empty": 1, "malformed": 2})
    with Journal(path) as journal:
        assert sorted(journal.keys()) == ["0", "4"]


def test_the_first_version_becomes_the_second(tmp_path: Path, write_first_version) -> None:
    path = tmp_path / "calls.sqlite3"
    write_first_version(path, ["a", "b"])
    assert compact(path).kept == 2
    with Journal(path) as journal:
        assert journal.endings(["a", "b", "c"]) == {"a": "ok", "b": "ok"}


async def test_a_journal_that_is_in_use_is_left_as_it_is(
    tmp_path: Path, entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_S", 0.01)
    path = tmp_path / "calls.sqlite3"
    with Journal(path) as journal:
        with pytest.raises(StorageError, match="database is locked; another program holds it"):
            compact(path)
        await journal.put(entry())
        with pytest.raises(StorageError, match="database is locked"):
            compact(path)
        assert journal.get("k") == entry()
        assert sorted(each.name for each in tmp_path.iterdir()) == [
            "calls.sqlite3",
            "calls.sqlite3-shm",
            "calls.sqlite3-wal",
        ]


def test_who_opens_a_journal_meanwhile_waits_and_gets_the_new_one(
    journal_of, entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = journal_of([entry("a"), entry("b", ending="empty")])
    opened: list[Journal] = []
    opening = threading.Thread(target=lambda: opened.append(Journal(path)))
    publish = module.publish

    def start_then_publish(path: Path) -> None:
        opening.start()
        opening.join(0.2)  # it can't end before the lock is free, however long it has
        assert not opened
        publish(path)

    monkeypatch.setattr(module, "publish", start_then_publish)
    compact(path, forget=["empty"])
    opening.join()
    with opened[0] as journal:
        asyncio.run(journal.put(entry("c")))
        assert sorted(journal.keys()) == ["a", "c"]
    with Journal(path) as journal:
        assert sorted(journal.keys()) == ["a", "c"]


def test_no_room_is_said_before_anything_is_done(
    journal_of, entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = journal_of([entry()])
    before = path.read_bytes()
    usage = shutil.disk_usage(path.parent)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StorageError, match="0 MB are free; free some space there"):
        compact(path)
    assert path.read_bytes() == before


KILLED_AT_A_STEP = """
import os, signal, sqlite3, sys
from pathlib import Path
from potstill.storage import compact, files

steps = 0
def step():
    global steps
    steps += 1
    if steps == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

class Connection(sqlite3.Connection):
    def execute(self, *arguments):
        step()
        return super().execute(*arguments)
    def executemany(self, *arguments):
        step()
        return super().executemany(*arguments)

def before(function):
    def call(*arguments):
        step()
        return function(*arguments)
    return call

connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: connect(*a, factory=Connection, **k)
os.fsync, os.replace, os.close = map(before, (os.fsync, os.replace, os.close))
compact.compact(Path(sys.argv[1]), forget=["empty"])
"""


@pytest.mark.slow
def test_kill_9_at_any_step_leaves_the_old_journal_or_the_new_one(journal_of, entry) -> None:
    whole = journal_of([entry(f"{i}", ending="empty" if i % 2 else "ok") for i in range(300)])
    path = whole.with_name("copy.sqlite3")
    found = []
    for step in count(1):
        shutil.copy(whole, path)
        command = [sys.executable, "-c", KILLED_AT_A_STEP, os.fspath(path), str(step)]
        done = subprocess.run(command, check=False)
        assert [each for each in checked(path) if each.fault] == []
        assert [*complaints(path)] == []
        with Journal(path) as journal:
            found.append(len([*journal.keys()]))
        if done.returncode != -signal.SIGKILL:
            break
    assert found == sorted(found, reverse=True)
    assert set(found) == {300, 150}
    assert len(found) > 20
