"""What the processes of a stage share: whole in its file, and read anew when it is another one."""

import os
import pickle

import pytest

from potstill.engine.shared import share
from potstill.errors import StorageError


def test_each_process_gets_what_was_shared(tmp_path):
    path = tmp_path / "scratch" / "rules.pickle"
    first = share({"n": 1}, path)
    assert pickle.loads(pickle.dumps(first)).get() == {"n": 1}
    second = share({"n": 2}, path)
    assert second.get() == {"n": 2}
    assert os.listdir(path.parent) == ["rules.pickle"]


def test_what_can_not_be_pickled_is_not_shared(tmp_path):
    assert share(lambda: 1, tmp_path / "rules.pickle") is None
    assert os.listdir(tmp_path) == []


def test_a_file_that_could_not_be_written_has_no_name(tmp_path, monkeypatch):
    def full(path, data):
        with path.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(StorageError, match=r"can't write .*rules\.pickle: No space left"):
        share([*range(1000)], tmp_path / "rules.pickle")
    assert os.listdir(tmp_path) == []
