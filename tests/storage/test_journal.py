"""The journal: nothing that was acknowledged is lost, nothing damaged is taken for an answer."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.errors import StorageError
from potstill.storage.journal import Attempt, Entry, Journal


def entry(key: str = "k", **fields: object) -> Entry:
    attempt = Attempt(at="2026-01-01T00:00:00.000+00:00", ending="ok", status=200, seconds=1.0)
    return Entry.model_validate(
        {"key": key, "model": "m", "ending": "ok", "request": {"messages": []}}
        | {"reply": {"choices": []}, "attempts": (attempt,)}
        | fields
    )


async def test_what_is_put_comes_back(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal" / "calls.sqlite3") as journal:
        assert journal.get("k") is None
        await journal.put(entry(reply={"text": "é汉\U0001f600\x00"}))
        assert journal.get("k") == entry(reply={"text": "é汉\U0001f600\x00"})
        assert journal.ending("k") == "ok"
        assert list(journal.keys()) == ["k"]


async def test_a_later_entry_replaces_an_earlier_one(tmp_path: Path) -> None:
    with Journal(tmp_path / "calls.sqlite3") as journal:
        await journal.put(entry(ending="network", reply={}))
        await journal.put(entry(ending="ok"))
        assert journal.ending("k") == "ok"


async def test_a_second_journal_on_the_file_sees_a_put_that_returned(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"
    with Journal(path) as one, Journal(path) as other:
        await asyncio.gather(*(one.put(entry(f"a{i}")) for i in range(100)))
        await asyncio.gather(*(other.put(entry(f"b{i}")) for i in range(100)))
        assert {one.ending(f"b{i}") for i in range(100)} == {"ok"}
        assert {other.ending(f"a{i}") for i in range(100)} == {"ok"}


async def test_a_cancelled_asker_does_not_lose_the_entry(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"
    with Journal(path) as journal:
        asking = asyncio.create_task(journal.put(entry()))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    with Journal(path) as journal:
        assert journal.ending("k") == "ok"


@given(reply=st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))
@settings(max_examples=50, deadline=None)
def test_any_reply_survives(tmp_path_factory: pytest.TempPathFactory, reply: dict) -> None:
    with Journal(tmp_path_factory.mktemp("journal") / "calls.sqlite3") as journal:
        asyncio.run(journal.put(entry(reply=reply)))
        found = journal.get("k")
    assert found is not None
    assert found.reply == reply


async def test_a_flipped_byte_is_reported_and_never_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"
    with Journal(path) as journal:
        await journal.put(entry(reply={"text": "seven " * 50}))
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
            # Some bits mean nothing to zstd: then the value is whole.
            assert found in (None, entry(reply={"text": "seven " * 50}))


async def test_a_value_under_another_key_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"
    with Journal(path) as journal:
        await journal.put(entry("a"))
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE calls SET key = 'b'")
    raw.close()
    with Journal(path) as journal, pytest.raises(StorageError, match="call b holds a"):
        journal.get("b")


@pytest.mark.parametrize(
    "content", [b"not a database" * 100, b"SQLite format 3\x00" + b"\xff" * 200]
)
def test_a_file_that_is_no_journal_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "calls.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"calls\.sqlite3 can't be used"):
        Journal(path)


def test_a_journal_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"
    Journal(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version=99")
    raw.close()
    with pytest.raises(StorageError, match="version is 99"):
        Journal(path)


async def test_a_write_that_fails_reaches_the_asker(tmp_path: Path) -> None:
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
    tmp_path: Path, end: str
) -> None:
    path = tmp_path / "calls.sqlite3"
    with Journal(path) as journal:
        await journal.put(entry("before"))
        os.unlink(f"{path}{end}")
        with pytest.raises(StorageError, match="was removed or moved away"):
            await journal.put(entry("after"))
        assert not (end == "" and path.exists())


async def test_another_journal_under_its_name_is_noticed(tmp_path: Path) -> None:
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
    with Journal(Path(sys.argv[1])) as journal:
        for i in range(10_000):
            rest = {"model": "m", "ending": "ok", "request": {}, "reply": {"t": "x" * 2000}}
            batch = [Entry(key=f"{i}-{j}", **rest) for j in range(10)]
            await asyncio.gather(*map(journal.put, batch))
            print(i, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "calls.sqlite3"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, os.fspath(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(acknowledged)]
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
    last = int([line for line in lines if line.endswith("\n")][-1])
    with Journal(path) as journal:
        for i in range(last + 1):
            for j in range(10):
                assert journal.get(f"{i}-{j}") is not None
