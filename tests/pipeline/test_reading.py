"""How a source is opened: what its plug-in is told, and what other processes can be told."""

import pickle
from pathlib import Path

import pytest

from potstill.errors import InputError
from potstill.pipeline.job import Job
from potstill.pipeline.reading import open_source
from potstill.recipe import SourceSpec
from potstill.records import Problem

SCHEMA = """
def shape(row):
    return {"problem": row["q"].upper()}
"""


@pytest.fixture
def spec(tmp_path: Path) -> SourceSpec:
    (tmp_path / "shape.py").write_text(SCHEMA)
    (tmp_path / "x.jsonl").write_text('{"q": "what?"}\n')
    schema = f"{tmp_path / 'shape.py'}:shape"
    given = {"use": "jsonl", "path": tmp_path / "x.jsonl", "schema": schema, "license": "mit"}
    return SourceSpec.model_validate(given)


def test_a_schema_in_a_file_goes_to_other_processes_by_name(spec: SourceSpec, tmp_path: Path):
    rows = open_source(spec, Job(tmp_path, allow_code=True))
    [shard] = rows.shards(10)
    [row] = pickle.loads(pickle.dumps(shard))
    assert isinstance(row, Problem)
    assert (row.text, row.license) == ("WHAT?", "mit")


def test_its_code_runs_only_where_that_is_allowed(spec: SourceSpec, tmp_path: Path):
    with pytest.raises(InputError, match="would run code from a file"):
        list(open_source(spec, Job(tmp_path)))
