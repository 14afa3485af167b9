"""`potstill journal`: every command on a journal that is sound, damaged, or not there."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from potstill.cli import cli
from potstill.errors import InputError, StorageError
from potstill.storage.journal import Attempt, Entry, Journal


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["journal", *map(str, arguments)])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    attempt = Attempt(at="2026-01-01T00:00:00.000+00:00", ending="ok", prompt_tokens=5000)
    rest = {"request": "{}", "reply": "{}", "attempts": (attempt,)}
    with Journal(tmp_path / "runs" / "journal" / "calls.sqlite3") as journal:
        for i, ending in enumerate(["ok", "malformed", "ok"]):
            entry = {"key": f"key{i}", "model": "evil\x1b[2J", "ending": ending, **rest}
            asyncio.run(journal.put(Entry.model_validate(entry)))
    return journal.path


def damage(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE calls SET value = 'x' WHERE key = 'key2'")


def test_stat_shows_models_endings_and_tokens(path: Path) -> None:
    out = run("stat", path).stdout
    assert "3, of which 2 have an answer" in out
    assert "10,000" in out
    assert r"evil\x1b[2J" in out
    assert "\x1b" not in out
    found = json.loads(run("stat", path.parents[1], "--json").stdout)
    assert (found["calls"], found["groups"][1]["prompt_tokens"]) == (3, 10_000)
    damage(path)
    assert "damaged   1; potstill" in run("stat", path).stdout


def test_verify_names_each_damaged_row_and_exits_with_1(path: Path) -> None:
    assert run("verify", path).stdout == "sound: 3 of 3 calls\n"
    damage(path)
    found = run("verify", path)
    assert found.stdout == (
        "row 3 (key2): its value is not as it was written\nsound: 2 of 3 calls\n"
    )
    assert isinstance(found.exception, StorageError)
    assert found.exception.exit_code == 1
    assert f"compact {path} --drop-damaged`" in str(found.exception)


def test_compact_says_what_will_be_asked_again(path: Path) -> None:
    damage(path)
    assert isinstance(run("compact", path).exception, StorageError)
    out = run("compact", path, "--drop-damaged", "--forget", "malformed").stdout
    assert out.splitlines()[0].startswith("calls kept: 1; 0.0 MB before")
    assert out.splitlines()[1:] == [
        "to be asked again, having ended in malformed: 1",
        "to be asked again, being damaged: 1",
    ]
    assert run("verify", path).exit_code == 0


def test_export_leaves_out_what_is_damaged_and_replaces_nothing_unasked(
    path: Path, tmp_path: Path
) -> None:
    damage(path)
    out = tmp_path / "calls.jsonl"
    found = run("export", path, "--out", out, "--ending", "ok")
    assert found.stdout == f"calls written to {out}: 1\n"
    assert found.stderr == (
        "potstill: 1 damaged rows, which were left out; potstill journal verify names them\n"
    )
    again = run("export", path, "--out", out)
    assert isinstance(again.exception, InputError)
    assert "is there already: name another file, or add --overwrite" in str(again.exception)
    assert run("export", path, "--out", out, "--overwrite").exit_code == 0
    assert len(out.read_text().splitlines()) == 2


def test_import_adds_another_journal_s_calls(path: Path, tmp_path: Path) -> None:
    into = tmp_path / "others"
    out = run("import", path.parents[1], "--into", into).stdout
    there = into / "journal" / "calls.sqlite3"
    assert out == f"calls added to {there}: 3; there already: 0\n"
    assert run("import", path, "--into", there).stdout.endswith(": 0; there already: 3\n")


def test_no_journal_is_one_sentence(tmp_path: Path) -> None:
    for command in ("stat", "verify", "compact"):
        assert isinstance(run(command, tmp_path).exception, InputError)
