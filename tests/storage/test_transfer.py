"""Calls as rows of a file, and calls of one journal in another."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from potstill.errors import InputError
from potstill.storage.journal import Journal
from potstill.storage.transfer import export, merge


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_call_becomes_a_row(journal_of, entry, tmp_path: Path) -> None:
    path = journal_of([entry("a"), entry("b", ending="malformed", reply="<html>")])
    out = tmp_path / "calls.jsonl"
    assert export(path, out).calls == 2
    one, other = rows(out)
    assert [*one] == ["key", "model", "ending", "request", "reply", "attempts"]
    assert (one["key"], one["request"], other["reply"]) == ("a", {"messages": []}, "<html>")
    assert one["reply"] == json.loads(entry("a").reply)
    assert one["attempts"][0]["seconds"] == 1.0


def test_only_some_models_and_endings(journal_of, entry, tmp_path: Path) -> None:
    path = journal_of([entry("a"), entry("b", model="n"), entry("c", ending="empty")])
    out = tmp_path / "calls.jsonl"
    for options, keys in (
        ({"models": ["n"]}, ["b"]),
        ({"endings": ["ok"]}, ["a", "b"]),
        ({"models": ["m"], "endings": ["empty", "refused"]}, ["c"]),
    ):
        export(path, out, **options)
        assert [row["key"] for row in rows(out)] == keys
    with pytest.raises(InputError, match="no call ends in 'fine'"):
        export(path, out, endings=["fine"])


def test_what_is_no_json_for_others_is_made_so(journal_of, entry, tmp_path: Path) -> None:
    reply = r'{"a": NaN, "b": 1e999, "c": ["\ud800", {"\ud83d\ude00": 1}]}'
    path = journal_of([entry("a", reply=reply), entry("b", reply=""), entry("c", reply="\ud800")])
    out = tmp_path / "calls.jsonl"
    export(path, out)
    assert [row["reply"] for row in rows(out)] == [
        {"a": None, "b": None, "c": ["?", {"\U0001f600": 1}]},
        None,
        "?",
    ]


def test_a_table_has_bodies_as_texts(journal_of, entry, tmp_path: Path) -> None:
    path = journal_of([entry("a", reply='{"a": 1}'), entry("b", reply='{"a": "x"}', attempts=())])
    export(path, tmp_path / "calls.parquet")
    table = pq.read_table(tmp_path / "calls.parquet")
    assert table.column("reply").to_pylist() == ['{"a": 1}', '{"a": "x"}']


def test_a_file_is_whole_or_absent(journal_of, entry, tmp_path: Path) -> None:
    path = journal_of([entry(f"{i}") for i in range(300)])

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(path, tmp_path / "calls.jsonl", tell=stop)
    assert {each.name[:13] for each in tmp_path.iterdir()} == {"calls.sqlite3"}


def test_another_journal_s_answers_are_added_and_none_is_replaced(
    journal_of, entry, tmp_path: Path
) -> None:
    here = journal_of(
        [entry("both", reply="here"), entry("failed", ending="network"), entry("h", ending="empty")]
    )
    there = journal_of(
        [
            entry("both", reply="there"),
            entry("failed", reply="there"),
            entry("h", ending="network"),
            entry("new"),
        ],
        "there.sqlite3",
    )
    merged = merge(there, here)
    assert (merged.added, merged.known, merged.damaged) == (2, 2, 0)
    with Journal(here) as journal:
        found = {key: journal.get(key) for key in journal.keys()}  # noqa: SIM118
    assert {key: each.reply for key, each in found.items() if each} == {
        "both": "here",
        "failed": "there",
        "h": entry("h").reply,
        "new": entry("new").reply,
    }
    assert merge(there, here).added == 0
    assert merge(there, tmp_path / "new" / "calls.sqlite3").added == 4
    with pytest.raises(InputError, match="are the same journal"):
        merge(here, here)


def test_the_first_version_can_be_added(journal_of, entry, tmp_path, write_first_version) -> None:
    here = journal_of([entry("a")])
    write_first_version(tmp_path / "old.sqlite3", ["a", "b"])
    assert merge(tmp_path / "old.sqlite3", here).added == 1
    with Journal(here) as journal:
        found = journal.get("b")
        assert found is not None
        assert found.request == '{"a":1}'
