"""Files that want to break a reader: each of their rows is read, or booked with its reason."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from corpus import CORPUS
from hostile.entry import OK, Entry
from hostile.lines import LONG

from potstill.cli import cli
from potstill.errors import InputError, SourceError
from potstill.models import scripted
from potstill.protocols import Place
from potstill.recipe import load_recipe
from potstill.records import Dropped, Problem
from potstill.registry import load

SOURCES = [entry for entry in CORPUS if entry.reader in ("jsonl", "json", "parquet", "csv")]
RECIPES = [entry for entry in CORPUS if entry.reader == "recipe"]
ANSWERS = [entry for entry in CORPUS if entry.reader == "answers"]


def name(entry: Entry) -> str:
    return f"{entry.reader}-{entry.name}"


def read(reader: str, path: Path) -> list[Problem | Dropped]:
    return list(load("sources", reader)(Place("s", str(path), {}, {})))


def reason(row: Problem | Dropped) -> str:
    return row.reason if isinstance(row, Dropped) else "ok"


@pytest.mark.parametrize("entry", SOURCES, ids=name)
def test_source(tmp_path, entry):
    path = entry.write(tmp_path)
    if isinstance(entry.outcome, str):
        with pytest.raises(SourceError) as error:
            read(entry.reader, path)
        assert entry.outcome in str(error.value)
        return
    rows = read(entry.reader, path)
    assert [reason(row) for row in rows] == entry.outcome
    assert len({row.row_id for row in rows}) == len(rows)
    if path.is_file() and entry.reader != "csv":  # of which a row is known by its line
        shown = os.fsencode(path.name).decode()
        assert [row.row_id for row in rows] == [f"s:{shown}:{i + 1}" for i in range(len(rows))]
    for row in rows:
        # What is stored can be read again, whatever was in the file.
        assert type(row).model_validate(row.model_dump()) == row
        row.model_dump_json().encode()


@pytest.mark.parametrize("entry", RECIPES, ids=name)
def test_recipe(tmp_path, entry):
    path = entry.write(tmp_path)
    if entry.name == "problems.jsonl":
        return
    RECIPES[0].write(tmp_path)
    if isinstance(entry.outcome, str):
        with pytest.raises(InputError) as error:
            load_recipe(path)
        assert entry.outcome in str(error.value)
        assert all(line.isprintable() for line in str(error.value).splitlines())
    else:
        assert load_recipe(path).sources[0].path == str(RECIPES[0].write(tmp_path))


@pytest.mark.parametrize("entry", ANSWERS, ids=name)
def test_answers(tmp_path, monkeypatch, entry):
    served = []
    monkeypatch.setattr(scripted, "run_server", lambda port, script: served.append(script))
    path = entry.write(tmp_path)
    result = CliRunner().invoke(cli, ["serve-scripted", "--answers", str(path)])
    if isinstance(entry.outcome, str):
        assert isinstance(result.exception, InputError)
        assert entry.outcome in str(result.exception)
        assert not served
    else:
        assert len(served[0].answers) == len(entry.outcome)


def test_every_entry_says_what_it_covers_under_a_name_of_its_own():
    assert len({name(entry) for entry in CORPUS}) == len(CORPUS) > 150
    assert all(entry.about and "\n" not in entry.about for entry in CORPUS)


def test_the_script_writes_the_corpus(tmp_path):
    script, folder = Path(__file__).with_name("corpus.py"), tmp_path / "corpus"
    result = subprocess.run([sys.executable, script, folder], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == len(CORPUS)
    assert all(os.path.lexists(folder / entry.reader / entry.name) for entry in CORPUS)


def test_a_dropped_row_is_kept_whole_with_its_place(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(OK + b'\n{"problem": "caf\xe9"}\n')
    dropped = read("jsonl", path)[1]
    assert dropped == Dropped(
        stage="gather",
        rule="jsonl",
        reason="invalid_utf8",
        row_id="s:x.jsonl:2",
        evidence={"file": "x.jsonl", "line": 2, "offset": 30, "position": 16, "found": "e9"},
        row='{"problem": "caf\\xe9"}',
    )


def test_of_a_row_above_the_limit_its_measures_are_kept(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(LONG)
    [dropped] = read("jsonl", path)
    assert dropped.row == LONG[:1024].decode()
    assert set(dropped.evidence) == {"file", "line", "offset", "length", "sha256", "limit"}
    assert dropped.evidence["length"] == len(LONG)


def test_a_folder_of_everything_loses_no_row(tmp_path):
    entries = [e for e in SOURCES if e.name.endswith(".jsonl") and isinstance(e.outcome, list)]
    entries = [entry for entry in entries if isinstance(entry.content, bytes)]
    for entry in entries:
        entry.write(tmp_path)
    found = Counter(map(reason, read("jsonl", tmp_path)))
    assert found == Counter(each for entry in entries for each in entry.outcome)
