import os

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potstill.engine.arrow import read_column
from potstill.engine.local import group

os.environ["DO_NOT_TRACK"] = "1"
daft = pytest.importorskip("daft", reason="Daft is not installed: pip install 'potstill[ray]'")

KEYS = st.lists(st.integers(0, 4) | st.integers(0, 2**62), max_size=30)


@pytest.fixture(scope="module", autouse=True)
def in_this_process() -> None:
    daft.set_runner_native()


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.lists(KEYS, max_size=3), max_size=3),
    st.sampled_from([pa.int64(), pa.uint64(), pa.binary(8), pa.binary(16)]),
)
def test_the_program_finds_what_sorting_in_memory_does(write_keys, files, kind):
    from potstill.engine.grouping import groups

    paths = write_keys(files, kind)
    found, wanted = groups(paths, "key"), group(read_column(paths, "key"))
    assert np.array_equal(found.rows, wanted.rows)
    assert np.array_equal(found.offsets, wanted.offsets)


def test_many_equal_keys_in_several_batches(write_keys):
    from potstill.engine.grouping import groups

    paths = write_keys([[[7] * 5000, [8]], [[7] * 5000]], pa.uint64())
    assert groups(paths, "key").rows.tolist() == [*range(5000), *range(5001, 10001)]
