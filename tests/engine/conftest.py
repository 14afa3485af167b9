"""Functions for workers, in a file that they load by its path, and tables of keys."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from potstill.engine.arrow import write_batches
from potstill.engine.plugins import PluginCall

Call = Callable[[str], PluginCall]
Keys = Callable[..., list[Path]]

SOURCE = """
import os, signal, time
from pathlib import Path
from potstill.errors import SourceError


def double(n):
    return 2 * n


def slow_first(n):
    time.sleep(0.5 if n == 0 else 0)
    return n


def pid(_):
    return os.getpid()


def fail_at_3(n):
    if n == 3:
        raise SourceError("there is no file 3")
    return n


def bug(n):
    return {}[n]


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(path):
    try:
        Path(path).touch(exist_ok=False)
    except FileExistsError:
        return "alive"
    os.kill(os.getpid(), signal.SIGKILL)


def unpicklable(_):
    return (n for n in ())


def run_on(path):
    if path is None:
        return None
    Path(path).write_text(str(os.getpid()))
    while True:
        time.sleep(0.1)
"""


@pytest.fixture(scope="session")
def call(tmp_path_factory: pytest.TempPathFactory) -> Call:
    """A function of `SOURCE` by its name, which takes a tuple of its arguments."""
    path = tmp_path_factory.mktemp("functions") / "functions.py"
    path.write_text(SOURCE)
    return lambda name: PluginCall("labels", f"{path}:{name}", allow_code=True)


@pytest.fixture
def write_keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """A function that writes keys as files, each a list of batches, with a column `key`."""

    def write(files: Sequence[Sequence[Sequence[int]]], kind: pa.DataType) -> list[Path]:
        folder, paths = tmp_path_factory.mktemp("keys"), []
        for i, batches in enumerate(files):
            paths.append(folder / f"{i}.arrow")
            arrays = [pa.array([as_key(key, kind) for key in keys], kind) for keys in batches]
            write_batches(
                paths[-1], [pa.record_batch({"other": a.cast(kind), "key": a}) for a in arrays]
            )
        return [path for path in paths if path.exists()]

    return write


def as_key(key: int, kind: pa.DataType) -> int | bytes:
    if pa.types.is_fixed_size_binary(kind):
        return key.to_bytes(8, "big").rjust(kind.byte_width, b"\xff")[-kind.byte_width :]
    return key
