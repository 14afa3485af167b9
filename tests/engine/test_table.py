from collections.abc import Sequence
from operator import methodcaller
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from potstill.engine.engines import Engine, open_engine
from potstill.engine.local import Local
from potstill.engine.table import Held, Table, in_memory
from potstill.errors import RunError
from potstill.protocols import Groups
from potstill.records import Message, Problem
from potstill.storage.files import partial
from potstill.storage.schema import arrow_schema

COLUMNS = ["line", "messages"]


def problem(line: int) -> Problem:
    return Problem(
        source="s", file="f", line=line, messages=(Message(role="user", content=f"{line % 3}?"),)
    )


def shard(lines: Sequence[int]) -> Held:
    rows = [problem(line).model_dump() for line in lines]
    return Held(pa.Table.from_pylist(rows, schema=arrow_schema(Problem)))


SHARDS = [shard(range(4)), shard([]), shard(range(4, 7)), shard([7])]


def lines(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Needs no more than the columns that were asked for."""
    assert batch.schema.names == COLUMNS
    line = np.asarray(batch.column("line"))
    key = pa.array([bytes([n % 3]) * 16 for n in line.tolist()], pa.binary(16))
    return pa.record_batch({"line": pa.array(line), "key": key})


line_alone = methodcaller("select", ["line"])
"""A function that worker processes find, which they don't one of a test's module."""


def fail_at_4(batch: pa.RecordBatch) -> pa.RecordBatch:
    if 4 in batch.column("line").to_pylist():
        raise RunError("enough")
    return line_alone(batch)


def too_few(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.select(["line"]).slice(1)


class Counted:
    """An engine of this process that counts the shards that it works on."""

    def __init__(self) -> None:
        self.items = 0

    def map(self, work, items):
        for item in items:
            self.items += 1
            yield work(item)

    def groups(self, files: Sequence[Path], column: str) -> Groups:
        return Local(1).groups(files, column)


def table(folder: Path, engine: Engine, tell=lambda rows: None) -> Table:
    folder.mkdir(exist_ok=True)
    return Table(SHARDS, engine, folder, tell)


def test_rows_come_in_order(tmp_path: Path):
    told: list[int] = []
    rows = table(tmp_path, Local(1), told.append)
    assert len(rows) == 8
    assert list(rows) == [problem(line) for line in range(8)]
    assert told == sorted(told)
    assert told[-1] == 8


def test_a_function_is_called_with_the_columns_of_every_row(tmp_path: Path):
    told: list[int] = []
    found = table(tmp_path, Local(1), told.append).map(lines, COLUMNS)
    assert found.column("line").tolist() == list(range(8))
    assert sum(len(batch) for batch in found.batches) == 8
    assert told == [4, 7, 8]
    assert found.groups("key").rows.tolist() == [0, 3, 6, 1, 4, 7, 2, 5]
    assert found.groups("key").offsets.tolist() == [0, 3, 6, 8]
    assert len(found.groups("line").rows) == 0


def test_processes_give_what_one_does(tmp_path: Path):
    for workers in (1, 2):
        with open_engine("local", workers) as engine:
            table(tmp_path / str(workers), engine).map(line_alone, COLUMNS)
    one, two = (sorted((tmp_path / name).iterdir()) for name in "12")
    assert len(one) == 3
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_rows_are_found_by_their_numbers(tmp_path: Path):
    found = table(tmp_path, Local(1)).map(line_alone, COLUMNS)
    assert found.rows(np.array([7, 0, 4, 0])) == [{"line": n} for n in (7, 0, 4, 0)]
    assert found.rows(np.array([], dtype=np.int64)) == []


def test_results_that_lie_there_are_taken(tmp_path: Path):
    with pytest.raises(RunError, match="enough"):
        table(tmp_path, Local(1)).map(fail_at_4, COLUMNS)
    told: list[int] = []
    engine = Counted()
    found = table(tmp_path, engine, told.append).map(line_alone, COLUMNS)
    assert engine.items == 2
    assert told == [7, 8]
    assert found.column("line").tolist() == list(range(8))
    assert table(tmp_path, engine).map(line_alone, COLUMNS).column("line").tolist() == [*range(8)]
    assert engine.items == 2


def test_each_call_of_map_has_results_of_its_own(tmp_path: Path):
    rows = table(tmp_path, Local(1))
    assert rows.map(line_alone, COLUMNS).batches[0].schema.names == ["line"]
    assert rows.map(lines, COLUMNS).batches[0].schema.names == ["line", "key"]


def test_a_half_written_result_is_not_taken(tmp_path: Path):
    whole = table(tmp_path, Local(1)).map(line_alone, COLUMNS).files[0]
    begun = whole.with_name(partial(whole).name.replace("@", "@elsewhere-"))
    begun.write_bytes(whole.read_bytes()[:50])
    whole.unlink()
    engine = Counted()
    found = table(tmp_path, engine).map(line_alone, COLUMNS)
    assert engine.items == 1
    assert found.column("line").tolist() == list(range(8))
    assert not begun.exists()


def test_a_function_that_loses_rows_is_refused(tmp_path: Path):
    with pytest.raises(RunError, match="too_few.* returned 3 rows for 4"):
        table(tmp_path, Local(1)).map(too_few, COLUMNS)
    assert not list(tmp_path.iterdir())


def test_problems_in_memory_are_a_table(tmp_path: Path):
    problems = [problem(line) for line in range(5)]
    rows = in_memory(problems, tmp_path, shard_rows=2)
    assert list(rows) == problems
    found = rows.map(lines, ["line", "messages.list.element.content"])
    assert found.column("line").tolist() == list(range(5))
    assert len(found.files) == 3


def test_an_empty_table(tmp_path: Path):
    rows = in_memory([], tmp_path)
    found = rows.map(line_alone, COLUMNS)
    assert len(rows) == len(list(rows)) == len(found.batches) == len(found.column("line")) == 0
    assert found.groups("line").offsets.tolist() == [0]
