"""The journal: nothing that was acknowledged is lost, nothing damaged is taken for an answer."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from potstill.errors import StorageError
from potstill.storage.journal import Journal


async def test_what_is_put_comes_back(tmp_path: Path, entry) -> None:
    with Journal(tmp_path / "journal" / "calls.sqlite3") as journal:
        assert journal.get("k") is None
        assert journal.ending("k") is None
        await journal.put(entry(reply="é汉\U0001f600\x00\ud800"))
        assert journal.get("k") == entry(reply="é汉\U0001f600\x00\ud800")
        assert journal.ending("k") == "ok"
        assert list(journal.keys()) == ["k"]


async def test_a_later_entry_replaces_an_earlier_one(tmp_path: Path, entry) -> None:
    with Journal(tmp_path / "calls.sqlite3") as journal:
        await journal.put(entry(ending="network", reply=""))
        await journal.put(entry(ending="ok"))
        assert journal.ending("k") == "ok"
        await asyncio.gather(  # in one commit
            *(journal.put(entry(ending=ending)) for ending in ("stalled", "empty", "refused"))
        )
        assert journal.ending("k") == "refused"
        assert list(journal.keys()) == ["k"]


async def test_the_endings_of_many_keys(tmp_path: Path, entry) -> None:
    keys = [f"{i:05}" for i in range(25_000)]
    with Journal(tmp_path / "calls.sqlite3") as journal:
        await asyncio.gather(*(journal.put(entry(key)) for key in keys[::50]))
        await journal.put(entry(keys[-1], ending="network"))
        random.Random(0).shuffle(keys)
        assert journal.endings(keys) == {
            **{key: "ok" for key in keys if int(key) % 50 == 0},
            "24999": "network",
        }
        assert journal.endings([]) == {}


async def test_a_second_journal_on_the_file_sees_a_put_that_returned(tmp_path: Path, entry) -> None:
    path = tmp_path / "calls.sqlite3"
    with Journal(path) as one, Journal(path) as other:
        await asyncio.gather(*(one.put(entry(f"a{i}")) for i in range(100)))
        await asyncio.gather(*(other.put(entry(f"b{i}")) for i in range(100)))
        assert {one.ending(f"b{i}") for i in range(100)} == {"ok"}
        assert {other.ending(f"a{i}") for i in range(100)} == {"ok"}


async def test_a_cancelled_asker_does_not_lose_the_entry(tmp_path: Path, entry) -> None:
    path = tmp_path / "calls.sqlite3"
    with Journal(path) as journal:
        asking = asyncio.create_task(journal.put(entry()))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    with Journal(path) as journal:
        assert journal.ending("k") == "ok"


def test_one_journal_serves_several_event_loops(tmp_path: Path, entry) -> None:
    with Journal(tmp_path / "calls.sqlite3") as journal:
        for i in range(3):
            asyncio.run(journal.put(entry(f"{i}")))
        assert len(journal.endings(["0", "1", "2"])) == 3


def test_a_flipped_byte_is_reported_and_never_an_answer(journal_of, entry) -> None:
    path = journal_of([entry()])
    with sqlite3.connect(path) as raw:
        (value,) = raw.execute("SELECT value FROM calls").fetchone()
    for position in range(len(value)):
        flipped = bytearray(value)
        flipped[position] ^= 0x20
        with sqlite3.connect(path) as raw:
            raw.execute("UPDATE calls SET value = ?", (bytes(flipped),))
        raw.close()
        with Journal(path) as journal:
            found = None
            with suppress(StorageError):
                found = journal.get("k")
            assert found in (None, entry())  # some bits mean nothing to zstd


def test_a_value_under_another_key_is_damage(journal_of, entry) -> None:
    path = journal_of([entry("a")])
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE calls SET key = 'b'")
    raw.close()
    with Journal(path) as journal, pytest.raises(StorageError, match="call b: it holds a; put a"):
        journal.get("b")


def test_an_ending_that_there_is_not_is_damage(journal_of, entry) -> None:
    path = journal_of([entry("a"), entry("b")])
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE calls SET ending = 'oj' WHERE key = 'b'")
    raw.close()
    with Journal(path) as journal, pytest.raises(StorageError, match="damaged at call b; put a"):
        journal.endings(["a", "b"])


@pytest.mark.parametrize(
    "content", [b"not a database" * 100, b"SQLite format 3\x00" + b"\xff" * 200]
)
def test_a_file_that_is_no_journal_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "calls.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"calls\.sqlite3 can't be used"):
        Journal(path)


def test_another_program_s_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE theirs (x)")
    raw.close()
    with pytest.raises(StorageError, match=r"calls\.sqlite3 is no journal of potstill; move it"):
        Journal(path)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    raw.close()


def test_a_journal_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"
    Journal(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version=99")
    raw.close()
    with pytest.raises(StorageError, match="a newer potstill: its version is 99"):
        Journal(path)


async def test_a_write_that_fails_reaches_the_asker(tmp_path: Path, entry) -> None:
    path = tmp_path / "calls.sqlite3"
    with Journal(path) as journal:
        with sqlite3.connect(path) as raw:
            raw.execute("ALTER TABLE calls RENAME TO other")
        raw.close()
        with pytest.raises(StorageError, match="no such table"):
            await journal.put(entry())
        assert journal.lost == 1


@pytest.mark.parametrize("end", ["", "-wal"])
async def test_an_answer_is_never_written_into_a_file_that_is_gone(
    tmp_path: Path, entry, end: str
) -> None:
    path = tmp_path / "calls.sqlite3"
    with Journal(path) as journal:
        await journal.put(entry("before"))
        os.unlink(f"{path}{end}")
        with pytest.raises(StorageError, match="was removed or moved away"):
            await journal.put(entry("after"))
        assert not (end == "" and path.exists())


async def test_another_journal_under_its_name_is_noticed(tmp_path: Path, entry) -> None:
    path = tmp_path / "journal" / "calls.sqlite3"
    with Journal(path) as journal:
        path.parent.rename(tmp_path / "moved")
        with Journal(path), pytest.raises(StorageError, match="was removed or moved away"):
            await journal.put(entry())


WRITER = """
import asyncio, sys
from pathlib import Path
from potstill.storage.journal import Entry, Journal

async def main():
    first, last, calls = map(int, sys.argv[2:])
    with Journal(Path(sys.argv[1])) as journal:
        for i in range(first, last):
            rest = {"model": "m", "ending": "ok", "request": "{}", "reply": "x" * 2000}
            batch = [Entry(key=f"{i}-{j}", **rest) for j in range(calls)]
            await asyncio.gather(*map(journal.put, batch))
            print(i, flush=True)

asyncio.run(main())
"""


def writer(
    path: Path, first: int = 0, last: int = 10_000, calls: int = 10
) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, os.fspath(path), *map(str, (first, last, calls))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "calls.sqlite3"
    with writer(path) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(acknowledged)]
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
    last = int([line for line in lines if line.endswith("\n")][-1])
    with Journal(path) as journal:
        for i in range(last + 1):
            for j in range(10):
                assert journal.get(f"{i}-{j}") is not None


def test_two_processes_write_to_one_journal_at_once(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"
    with writer(path, 0, 20, 100) as one, writer(path, 10, 30, 100) as other:  # half are the same
        one.communicate()
        other.communicate()
    assert (one.returncode, other.returncode) == (0, 0)
    with Journal(path) as journal:
        assert sorted(journal.keys()) == sorted(f"{i}-{j}" for i in range(30) for j in range(100))
        assert all(journal.get(key) for key in [*journal.keys()])


class TestTheFirstVersion:
    """A journal of version 1, in which somebody has paid for the answers."""

    KEYS = tuple(f"{i:032x}" for i in range(300))

    def look(self, path: Path) -> None:
        with Journal(path) as journal:
            assert journal.endings(self.KEYS) == dict.fromkeys(self.KEYS, "ok")
            found = [journal.get(key) for key in self.KEYS]
        assert {each.reply for each in found if each} == {r'{"choices":["\u6c49"]}'}
        assert found[0] is not None
        assert found[0].request == '{"a":1}'
        assert found[0].attempts[0].prompt_tokens == 3

    def test_is_brought_up_to_date_when_opened(
        self, tmp_path: Path, write_first_version, entry
    ) -> None:
        path = tmp_path / "calls.sqlite3"
        write_first_version(path, self.KEYS)
        self.look(path)
        with sqlite3.connect(path) as raw:
            assert raw.execute("PRAGMA user_version").fetchone() == (2,)
        raw.close()
        with Journal(path) as journal:
            asyncio.run(journal.put(entry(self.KEYS[0], ending="truncated")))
            assert journal.ending(self.KEYS[0]) == "truncated"
            assert sorted(journal.keys()) == [*self.KEYS]

    def test_may_be_opened_by_several_processes_at_once(
        self, tmp_path: Path, write_first_version
    ) -> None:
        path = tmp_path / "calls.sqlite3"
        write_first_version(path, self.KEYS)
        processes = [writer(path, i, i + 3) for i in range(0, 12, 3)]
        for process in processes:
            process.communicate()
        assert [process.returncode for process in processes] == [0] * 4
        self.look(path)

    def test_is_whole_after_a_kill_at_any_step_of_it(
        self, tmp_path: Path, write_first_version
    ) -> None:
        for step in count(1):
            path = tmp_path / f"{step}.sqlite3"
            write_first_version(path, self.KEYS)
            command = [sys.executable, "-c", KILLED_AT_A_STEP, os.fspath(path), str(step)]
            killed = subprocess.run(command, check=False)
            self.look(path)
            if killed.returncode == 0:
                break
        assert step > 10


KILLED_AT_A_STEP = """
import os, signal, sqlite3, sys
from pathlib import Path
from potstill.storage import journal_file

class Connection(sqlite3.Connection):
    steps = 0
    def execute(self, *arguments):
        Connection.steps += 1
        if Connection.steps == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(*arguments)

connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: connect(*a, factory=Connection, **k)
journal_file.open_journal(Path(sys.argv[1])).close()
"""
