import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from potstill.engine.arrow import column_of, read_batches, read_column, write_batches
from potstill.errors import StorageError


def batch(*values: object, kind: pa.DataType | None = None) -> pa.RecordBatch:
    return pa.record_batch({"x": pa.array(values, kind)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.arrow"


def test_batches_come_back_as_they_were(path: Path):
    batches = [batch(1, 2), batch(kind=pa.int64()), batch(3)]
    write_batches(path, iter(batches))
    assert list(read_batches(path)) == batches
    assert os.listdir(path.parent) == ["a.arrow"]


def test_without_a_batch_there_is_no_file(path: Path):
    write_batches(path, [])
    assert not os.listdir(path.parent)


def test_what_goes_wrong_on_the_way_leaves_nothing_and_keeps_its_own_words(path: Path):
    def some():
        yield batch(1)
        raise FileNotFoundError("the model is gone")

    with pytest.raises(FileNotFoundError, match="the model is gone"):
        write_batches(path, some())
    assert not os.listdir(path.parent)


def test_a_new_file_takes_the_place_of_an_old_one_only_when_it_is_whole(path: Path):
    write_batches(path, [batch(1)])
    with pytest.raises(pa.ArrowInvalid):
        write_batches(path, [batch(2), pa.record_batch({"y": pa.array([3])})])
    assert list(read_batches(path)) == [batch(1)]


def test_a_folder_that_is_missing_is_told(tmp_path: Path):
    with pytest.raises(StorageError, match="can't write .*gone/a.arrow"):
        write_batches(tmp_path / "gone" / "a.arrow", [batch(1)])


@pytest.mark.parametrize("kind", [pa.int64(), pa.uint64(), pa.float32(), pa.int8(), pa.bool_()])
def test_a_column_of_numbers_is_one_array(kind: pa.DataType):
    values = np.array([1, 0, 1], dtype=kind.to_pandas_dtype())
    found = column_of([batch(*values[:2], kind=kind), batch(*values[2:], kind=kind)], "x")
    assert found.tolist() == [1, 0, 1]
    assert found.dtype == kind.to_pandas_dtype()


def test_bytes_of_a_fixed_width_are_one_array_even_of_slices():
    keys = [bytes([i]) * 3 for i in range(9)]
    whole = batch(*keys, kind=pa.binary(3))
    found = column_of([whole.slice(2, 3), whole.slice(7)], "x")
    assert found.dtype == np.dtype("V3")
    assert [bytes(key) for key in found] == [*keys[2:5], *keys[7:]]


def test_a_column_of_several_files(tmp_path: Path):
    for i in range(3):
        write_batches(tmp_path / f"{i}", [batch(i), batch(i + 10)])
    assert read_column([tmp_path / "2", tmp_path / "0"], "x").tolist() == [2, 12, 0, 10]
    assert len(read_column([], "x")) == 0
