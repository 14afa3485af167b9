"""The ledger of batches: each call in one open batch at most, whatever is killed or damaged."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from potstill.errors import StorageError
from potstill.storage.batches import Batch, BatchLedger, HeldCall


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[BatchLedger]:
    with BatchLedger(tmp_path / "deep" / "batches.sqlite3") as opened:
        yield opened


def batch(tag: str = "t", **fields) -> Batch:
    given = {"endpoint": "http://h/v1", "model": "m", "run": "r", "prompt": 5, "answer": 7}
    return Batch(tag, **(given | fields))


def call(number: int) -> HeldCall:
    return HeldCall(f"key{number}", "on", number % 2 == 1, f'{{"n":{number},"t":"\\u4e2d"}}')


def test_a_call_is_in_one_open_batch(ledger: BatchLedger) -> None:
    ledger.intend(batch("a"), map(call, range(5)))
    ledger.intend(batch("b"), map(call, range(3, 8)))
    assert [c.key for c in ledger.calls("b")] == ["key5", "key6", "key7"]
    assert ledger.holder("key3") == "a"
    assert (ledger.size("a"), ledger.size("b"), ledger.held("m"), ledger.held("n")) == (5, 3, 8, 0)
    ledger.close_batch("a")
    assert ledger.holder("key3") is None
    ledger.intend(batch("c"), [call(3)])
    assert ledger.holder("key3") == "c"


def test_calls_come_back_as_they_were(ledger: BatchLedger) -> None:
    ledger.intend(batch(), map(call, range(600)))
    assert list(ledger.calls("t")) == [call(i) for i in range(600)]
    assert ledger.call("t", "key7") == call(7)
    assert ledger.call("t", "key600") is None
    assert ledger.call("other", "key7") is None


def test_calls_can_leave_while_they_are_read(ledger: BatchLedger) -> None:
    ledger.intend(batch(), map(call, range(100)))
    seen = []
    for each in ledger.calls("t", at_a_time=10):
        seen.append(each)
        ledger.done("t", [each.key])
    assert seen == [call(i) for i in range(100)]
    assert ledger.size("t") == 0


def test_done_touches_its_own_batch_only(ledger: BatchLedger) -> None:
    ledger.intend(batch("a"), [call(1)])
    ledger.done("b", ["key1"])
    assert ledger.holder("key1") == "a"


def test_the_states_of_a_batch(ledger: BatchLedger) -> None:
    ledger.intend(batch(), [call(1)])
    intended = ledger.batch("t")
    assert intended is not None
    assert intended.at.endswith("+00:00")
    assert intended._replace(at="") == batch()
    ledger.uploaded("t", "file-1")
    ledger.submitted("t", "batch_1")
    assert ledger.batch("t") == intended._replace(file="file-1", id="batch_1", state="submitted")
    ledger.renew("t", "u")
    assert ledger.batch("t") is None
    assert ledger.batch("u") == intended._replace(tag="u")
    assert ledger.holder("key1") == "u"
    ledger.missing("u")
    assert [b.state for b in ledger.open_batches("m")] == ["missing"]
    assert ledger.open_batches("n") == []
    ledger.close_batch("u")
    assert ledger.open_batches("m") == []


def test_one_submits_at_a_time(ledger: BatchLedger) -> None:
    lock = ledger.try_lock()
    assert lock is not None
    with BatchLedger(ledger.path) as other:
        assert other.try_lock() is None
        lock.release()
        again = other.try_lock()
        assert again is not None
        again.release()


WRITER = """
import os, signal, sys
from potstill.storage.batches import Batch, BatchLedger, HeldCall

ledger = BatchLedger(__import__("pathlib").Path(sys.argv[1]))
ledger.try_lock()
batch = lambda tag: Batch(tag, "http://h/v1", "m", "r", 1, 1)
ledger.intend(batch("whole"), [HeldCall(f"a{i}", "on", False, "{}") for i in range(1000)])

def calls():
    for i in range(1000):
        if i == 900:
            os.kill(os.getpid(), signal.SIGKILL)
        yield HeldCall(f"b{i}", "on", False, "{}")

ledger.intend(batch("half"), calls())
"""


def test_killed_in_the_midst_of_intending(tmp_path: Path) -> None:
    path = tmp_path / "batches.sqlite3"
    done = subprocess.run([sys.executable, "-c", WRITER, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    with BatchLedger(path) as ledger:
        assert [(b.tag, ledger.size(b.tag)) for b in ledger.open_batches("m")] == [("whole", 1000)]
        assert ledger.holder("b0") is None
        lock = ledger.try_lock()
        assert lock is not None  # the system freed it
        lock.release()


def test_a_flipped_byte_is_told(tmp_path: Path) -> None:
    path = tmp_path / "batches.sqlite3"
    with BatchLedger(path) as ledger:
        ledger.intend(batch(), [call(1)])
    with sqlite3.connect(path) as raw:
        (body,) = raw.execute("SELECT body FROM calls").fetchone()
        spoilt = body[:-3] + bytes([body[-3] ^ 1]) + body[-2:]
        raw.execute("UPDATE calls SET body = ?", (spoilt,))
    raw.close()
    with BatchLedger(path) as ledger, pytest.raises(StorageError, match="damaged at call key1"):
        ledger.call("t", "key1")


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be looked at" * 40])
def test_no_ledger(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "batches.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"ledger of batches .* can't be used: .*paid, again"):
        BatchLedger(path)


def test_a_newer_ledger(tmp_path: Path) -> None:
    path = tmp_path / "batches.sqlite3"
    BatchLedger(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version=9")
    raw.close()
    with pytest.raises(StorageError, match="is of version 9, this potstill reads 1"):
        BatchLedger(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_writable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="make it and its folder writable"):
        BatchLedger(tmp_path / "batches.sqlite3")
