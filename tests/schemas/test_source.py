"""A source whose rows a schema reads first."""

import json

import pytest

from potstill import registry
from potstill.protocols import Place
from potstill.records import Dropped, GivenResponse

ALPACA = {"instruction": "1 + 1 = ?", "input": "", "output": "<think>\nHm.\n</think>\n\n2", "id": 7}


@pytest.fixture
def read(tmp_path):
    def read(row, schema="alpaca", use="jsonl", **place):
        path = tmp_path / f"rows.{use}"
        path.write_text(json.dumps(row) + "\n", encoding="utf-8")
        fields = {"map": {}, "set": {}, "schema": registry.load("schemas", schema)} | place
        (found,) = registry.load("sources", use)(Place("s", str(path), **fields))
        return found

    return read


def test_a_row_becomes_a_problem_with_its_response(read) -> None:
    problem = read(ALPACA, set={"category": "math"})
    assert (problem.text, problem.category, problem.extra) == ("1 + 1 = ?", "math", {"id": 7})
    assert problem.responses == (GivenResponse(think="Hm.", answer="2"),)


def test_the_whole_row_is_the_source_s(read) -> None:
    assert read(ALPACA, whole=True).extra == ALPACA


def test_map_looks_at_what_the_schema_left(read) -> None:
    row = ALPACA | {"info": {"gold": "2"}}
    assert read(row, map={"reference_answer": "info.gold"}).reference_answer == "2"


def test_the_schema_s_prompt_goes_before_a_column_called_problem(read) -> None:
    row = {"messages": [{"role": "user", "content": "m"}], "problem": "p"}
    problem = read(row, "messages")
    assert (problem.text, problem.extra) == ("m", {"problem": "p"})
    assert read(row, "messages", map={"problem": "problem"}).text == "p"


@pytest.mark.parametrize("use", ["jsonl", "json"])
def test_a_row_of_another_shape_is_dropped_whole(read, use) -> None:
    row = {"question": "1 + 1 = ?"}
    dropped = read([row] if use == "json" else row, use=use)
    assert isinstance(dropped, Dropped)
    assert (dropped.rule, dropped.reason) == (use, "missing_field")
    assert dropped.evidence["column"] == "instruction"
    assert dropped.evidence["found"] == ["question"]
    assert json.loads(dropped.row) == row


def test_a_table_s_row_of_another_shape_is_dropped_too(tmp_path) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.Table.from_pylist([ALPACA, ALPACA | {"instruction": None}])
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet")
    schema = registry.load("schemas", "alpaca")
    place = Place("s", str(tmp_path / "rows.parquet"), {}, {}, schema=schema)
    problem, dropped = registry.load("sources", "parquet")(place)
    assert problem.responses[0].answer == "2"
    assert (dropped.reason, dropped.evidence["expected"]) == ("wrong_type", "text")
