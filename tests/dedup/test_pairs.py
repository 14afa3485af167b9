import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.dedup import pairs as module
from potstill.dedup.pairs import Pairs, spread

SETS = st.sets(st.sampled_from([0, 1, 2, 3, 2**54 - 1]), min_size=1).map(sorted)
ROWS = st.lists(st.lists(SETS, min_size=1, max_size=3), min_size=1, max_size=9)


def expected(one, other):
    if len(one) != len(other):
        return 0
    return min(len({*a} & {*b}) / len({*a} | {*b}) for a, b in zip(one, other, strict=True))


@settings(deadline=None)
@given(ROWS, st.integers(1, 9), st.sampled_from([1, 20, 1 << 22]), st.data())
def test_the_least_similar_turn_counts(rows, batch_rows, chunk, data):
    column = pa.array(rows, pa.list_(pa.list_(pa.uint64())))
    batches = pa.table({"sets": column}).to_batches(max_chunksize=batch_rows)
    number = st.integers(0, len(rows) - 1)
    chosen = data.draw(st.lists(st.tuples(number, number), max_size=20))
    one, other = np.array(chosen, dtype=np.int64).reshape(-1, 2).T
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNK", chunk)
        found = Pairs(batches, "sets").similarities(one, other)
    assert found.tolist() == [expected(rows[a], rows[b]) for a, b in chosen]


def test_more_pairs_than_are_sorted_at_once():
    rows = [[[i, i + 1, i + 2]] for i in range(3000)]
    batches = pa.table({"sets": pa.array(rows, pa.list_(pa.list_(pa.uint64())))}).to_batches()
    numbers = np.arange(2999)
    assert set(Pairs(batches, "sets").similarities(numbers, numbers + 1)) == {0.5}


def test_spread():
    assert spread(np.array([5, 1, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
