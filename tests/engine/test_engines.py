"""What every engine does; the cases with Ray start one."""

from collections.abc import Iterator
from contextlib import closing
from itertools import count

import numpy as np
import pyarrow as pa
import pytest

from potstill.engine.arrow import read_column
from potstill.engine.engines import Engine, open_engine
from potstill.engine.local import group
from potstill.errors import RunError, SourceError

WORKERS = 2
KINDS = [pa.int64(), pa.uint64(), pa.binary(16)]


@pytest.fixture(params=["local", pytest.param("ray", marks=pytest.mark.slow)], scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "ray":
        request.getfixturevalue("ray_cluster")
    with open_engine(request.param, WORKERS) as engine:
        yield engine


def items(number: int) -> list[tuple[int]]:
    return [(i,) for i in range(number)]


def test_results_come_in_the_order_of_the_items(engine: Engine, call):
    assert list(engine.map(call("slow_first"), items(9))) == list(range(9))
    assert list(engine.map(call("double"), [])) == []
    assert list(engine.map(call("double"), [(4,)])) == [8]


def test_items_are_read_a_few_ahead(engine: Engine, call):
    read: list[int] = []
    endless = ((read.append(i) or i,) for i in count())
    with closing(engine.map(call("double"), endless)) as found:
        assert next(found) == 0
        assert len(read) <= 2 * WORKERS
        assert next(found) == 2
        assert len(read) <= 2 * WORKERS + 1


def test_what_is_raised_on_purpose_keeps_its_type(engine: Engine, call):
    found = engine.map(call("fail_at_3"), items(9))
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(SourceError, match=r"^there is no file 3$"):
        next(found)
    assert list(found) == []


def test_a_bug_is_one_sentence(engine: Engine, call):
    with pytest.raises(RunError, match=r"KeyError: 0 \(in functions.py:\d+, bug\)$"):
        list(engine.map(call("bug"), items(2)))


def test_a_result_that_cannot_be_pickled_is_one_sentence(engine: Engine, call):
    with pytest.raises(RunError) as caught:
        list(engine.map(call("unpicklable"), items(2)))
    assert "\n" not in str(caught.value)


def test_a_process_that_dies_is_one_sentence(engine: Engine, call):
    with pytest.raises(RunError, match=r"SIGKILL|died unexpectedly") as caught:
        list(engine.map(call("die"), items(2)))
    assert "\n" not in str(caught.value)


def test_work_goes_on_after_closing(engine: Engine, call):
    for _ in range(20):  # Ray is killed by a task that is cancelled as it ends
        with closing(engine.map(call("double"), items(9))) as found:
            assert next(found) == 0
    assert list(engine.map(call("double"), items(9))) == list(range(0, 18, 2))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_groups_are_those_of_all_keys_in_one_array(engine: Engine, write_keys, kind: pa.DataType):
    random = np.random.default_rng(0)
    counts = [[700, 0, 300], [1], [2000]]
    files = write_keys(
        [[random.integers(0, 900, n).tolist() for n in batches] for batches in counts], kind
    )
    found, wanted = engine.groups(files, "key"), group(read_column(files, "key"))
    assert np.array_equal(found.rows, wanted.rows)
    assert np.array_equal(found.offsets, wanted.offsets)
    assert len(found.rows) > 2000
    found.rows.sort()  # what a caller gets is its own


def test_groups_where_there_are_none(engine: Engine, write_keys):
    for files in ([], [[[1, 2], [3]]], [[[]]]):
        found = engine.groups(write_keys(files, pa.int64()), "key")
        assert found.rows.tolist() == []
        assert found.offsets.tolist() == [0]
