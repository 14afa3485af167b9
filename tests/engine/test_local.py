import os
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.engine.engines import open_engine
from potstill.engine.local import Local, group
from potstill.errors import RunError
from potstill.protocols import Groups


def as_lists(groups: Groups) -> list[list[int]]:
    assert groups.rows.dtype == groups.offsets.dtype == np.int64
    assert groups.offsets[0] == 0
    assert groups.offsets[-1] == len(groups.rows)
    return [part.tolist() for part in np.split(groups.rows, groups.offsets[1:-1]) if len(part)]


def expected(keys: Sequence[object]) -> list[list[int]]:
    rows: dict[object, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        rows[key].append(row)
    return [found for found in rows.values() if len(found) > 1]


@given(st.lists(st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1)))
def test_groups_of_integers(keys: list[int]):
    assert as_lists(group(np.array(keys, dtype=np.int64))) == expected(keys)


@given(st.lists(st.integers(2**64 - 4, 2**64 - 1) | st.integers(0, 3)))
def test_groups_of_hashes(keys: list[int]):
    assert as_lists(group(np.array(keys, dtype=np.uint64))) == expected(keys)


@given(st.data(), st.sampled_from([1, 3, 8, 15, 16, 20, 32]))
def test_groups_of_bytes(data: st.DataObject, width: int):
    alike = st.sampled_from([0, 1, 0x80, 0xFF]).map(lambda byte: bytes(width - 1) + bytes([byte]))
    keys = data.draw(st.lists(alike | st.binary(min_size=width, max_size=width)))
    array = np.frombuffer(b"".join(keys), dtype=f"V{width}")
    assert as_lists(group(array)) == expected(keys)


def test_one_item_is_worked_on_here(call):
    with open_engine("local", 2) as engine:
        assert list(engine.map(call("pid"), [(0,)])) == [os.getpid()]
        assert os.getpid() not in list(engine.map(call("pid"), [(0,), (1,)]))


def test_processes_stay_for_the_next_work_until_they_rest(call):
    with open_engine("local", 1 + 1) as engine:
        some = [(i,) for i in range(20)]
        first, again = (set(engine.map(call("pid"), some)) for _ in range(2))
        assert first & again
        engine.rest()
        assert not first & set(engine.map(call("pid"), some))
    alive = [pid for pid in first | again if os.path.exists(f"/proc/{pid}")]
    assert not alive


def test_one_worker_is_this_process_and_fails_as_several_do(call):
    assert list(Local(1).map(call("pid"), [(0,), (1,)])) == [os.getpid()] * 2
    with pytest.raises(RunError, match="KeyError: 1"):
        list(Local(1).map(call("bug"), [(1,), (2,)]))


def test_closing_ends_what_runs(call, tmp_path: Path):
    paths = [(None,), (str(tmp_path / "a"),), (str(tmp_path / "b"),)]
    with open_engine("local", 2) as engine, closing(engine.map(call("run_on"), paths * 2)) as found:
        assert next(found) is None
        pid = wait_for_pid(tmp_path / "a")
        found.close()
        wait_for_end(pid)


def wait_for_pid(path: Path) -> int:
    for _ in range(1200):
        if path.exists() and path.read_text():
            return int(path.read_text())
        time.sleep(0.05)
    pytest.fail("the task did not start within a minute")


def wait_for_end(pid: int) -> None:
    for _ in range(1200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the task still ran after a minute")
