"""Audits: every damage is named, and what is sound is still read."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.errors import InputError, StorageError
from potstill.storage.audit import checked, complaints, contents
from potstill.storage.compact import compact
from potstill.storage.journal import Attempt, Entry, Journal
from potstill.storage.journal_file import find_journal


def texts(number: int) -> str:
    """Text of which each call has another amount: some rows take a part of a page, some several."""
    rng = random.Random(number)
    return " ".join(str(rng.randrange(10**9)) for _ in range(rng.choice([3, 30, 300, 3000])))


@pytest.fixture(scope="module")
def entries(entry) -> dict[str, Entry]:
    return {f"{i:032x}": entry(f"{i:032x}", reply=texts(i)) for i in range(200)}


@pytest.fixture(scope="module")
def whole(entries: dict[str, Entry], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "calls.sqlite3"
    with Journal(path) as journal:
        journal._commit([*entries.values()])  # in this order
    return path


def change(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute(sql, values)


def faults(path: Path) -> dict[str, str]:
    return {each.key: each.fault for each in checked(path) if each.fault}


def test_a_sound_journal_has_no_faults(whole: Path, entries: dict[str, Entry]) -> None:
    assert [each.entry for each in checked(whole)] == [*entries.values()]
    assert [*complaints(whole)] == []


def test_each_damaged_row_is_named(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"
    shutil.copy(whole, path)
    keys = [f"{i:032x}" for i in range(10, 15)]
    change(path, "UPDATE calls SET value = substr(value, 1, 20) WHERE key = ?", keys[0])
    change(path, "UPDATE calls SET value = NULL || value WHERE key = 'none'")
    change(path, "UPDATE calls SET value = 'text' WHERE key = ?", keys[1])
    change(path, "UPDATE calls SET ending = 'refused' WHERE key = ?", keys[2])
    change(path, "UPDATE calls SET key = 'another' WHERE key = ?", keys[3])
    change(path, "INSERT INTO calls SELECT * FROM calls WHERE key = ?", keys[4])
    assert faults(path) == {
        keys[0]: "its value is not as it was written",
        keys[1]: "its value is not as it was written",
        keys[2]: "its value is of another model or ending",
        "another": f"its value is that of call {keys[3]}",
    }
    assert [*complaints(path)] == [f"call {keys[4]} is there 2 times"]
    assert contents(path).damaged == 4
    with pytest.raises(StorageError, match="damaged at row 11: its value is not as it was"):
        compact(path)
    compacted = compact(path, drop_damaged=True)
    assert (compacted.kept, compacted.damaged) == (196, 4)
    assert faults(path) == {}
    assert [*complaints(path)] == []


def flip(path: Path, positions: list[float]) -> None:
    with path.open("r+b") as file:
        for position in positions:
            at = int(position * path.stat().st_size)
            file.seek(at)
            [byte] = file.read(1)
            file.seek(at)
            file.write(bytes([byte ^ 1 << at % 8]))


def cut(path: Path, positions: list[float]) -> None:
    os.truncate(path, int(positions[0] * path.stat().st_size))


@pytest.mark.parametrize("damage", [flip, cut])
@given(st.lists(st.floats(0, 0.999999), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_damage_anywhere_is_told_and_never_an_answer(
    damage: Callable[[Path, list[float]], None],
    whole: Path,
    entries: dict[str, Entry],
    tmp_path_factory: pytest.TempPathFactory,
    positions: list[float],
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "calls.sqlite3"
    shutil.copy(whole, path)
    damage(path, positions)
    told = False
    found: dict[str, Entry] = {}
    try:
        for each in checked(path):
            told = told or bool(each.fault)
            if each.entry is not None:
                found[each.key] = each.entry
        told = told or any(True for _ in complaints(path))
    except StorageError:
        told = True
    assert found.items() <= entries.items()
    assert told or found == entries
    with suppress(StorageError), Journal(path) as journal:
        for key in entries:
            with suppress(StorageError):
                assert journal.get(key) in (None, entries[key])
    with suppress(StorageError):
        saved = compact(path, drop_damaged=True).kept
        assert saved >= len(found)
        assert faults(path) == {}
        assert [*complaints(path)] == []
        with Journal(path) as journal:
            assert {key: journal.get(key) for key in journal.keys()}.items() <= entries.items()  # noqa: SIM118


def test_what_lies_before_and_after_a_damaged_page_is_still_read(
    whole: Path, entries: dict[str, Entry], tmp_path: Path
) -> None:
    path = tmp_path / "calls.sqlite3"
    shutil.copy(whole, path)
    with closing(sqlite3.connect(path)) as raw:
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        size = raw.execute("PRAGMA page_size").fetchone()[0]
    lost = set()
    for page in range(2, pages):
        shutil.copy(whole, path)
        with path.open("r+b") as file:
            file.seek(page * size)
            file.write(b"\xff" * size)
        with suppress(StorageError):
            found = {each.key for each in checked(path) if each.entry}
            lost.add(len(entries) - len(found))
            assert faults(path) or [*complaints(path)]
    assert max(lost) < 60  # a page of the table's upper level takes more along


def test_a_cut_file_still_gives_what_is_in_it(
    whole: Path, entries: dict[str, Entry], tmp_path: Path
) -> None:
    path = tmp_path / "calls.sqlite3"
    shutil.copy(whole, path)
    cut(path, [0.7])
    with pytest.raises(StorageError, match="malformed; put a copy of it back, or save what is s"):
        Journal(path)
    sound = [each.key for each in checked(path) if each.entry]
    assert sound == [*entries][: len(sound)]
    assert len(sound) > 80
    assert [*complaints(path)]
    compacted = compact(path, drop_damaged=True)
    assert compacted.kept == len(sound)
    with Journal(path) as journal:
        assert {journal.get(key) == entries[key] for key in sound} == {True}


def test_contents_adds_up_calls_attempts_and_tokens(journal_of, entry) -> None:
    def attempt(day: int, **fields: object) -> Attempt:
        values = {"at": f"2026-01-0{day}T00:00:00.000+00:00", "ending": "network", **fields}
        return Attempt.model_validate(values)

    path = journal_of(
        [
            entry("a", attempts=(attempt(3), attempt(2, prompt_tokens=5, completion_tokens=7))),
            entry("b", attempts=(attempt(4, prompt_tokens=1, cached_tokens=1),)),
            entry("c", ending="network", reply="", attempts=(attempt(5),)),
            entry("d", model="other", attempts=()),
        ]
    )
    found = contents(path)
    assert (found.calls, found.answered, found.damaged) == (4, 3, 0)
    assert [(each.model, each.ending, each.calls, each.attempts) for each in found.groups] == [
        ("m", "network", 1, 1),
        ("m", "ok", 2, 3),
        ("other", "ok", 1, 0),
    ]
    assert found.groups[1].model_dump(include={"prompt_tokens", "cached_tokens"}) == {
        "prompt_tokens": 6,
        "cached_tokens": 1,
    }
    assert (found.oldest or "")[:10] == "2026-01-02"
    assert (found.newest or "")[:10] == "2026-01-05"
    assert found.file_bytes == path.stat().st_size


def test_an_audit_changes_nothing(whole: Path, tmp_path: Path, write_first_version) -> None:
    first = tmp_path / "calls.sqlite3"
    write_first_version(first, ["a", "b"])
    for path, calls in ((whole, 200), (first, 2)):
        before = path.read_bytes()
        assert contents(path).calls == calls
        assert [*complaints(path)] == []
        assert path.read_bytes() == before


async def test_a_journal_in_use_can_be_read(tmp_path: Path, entry) -> None:
    path = tmp_path / "calls.sqlite3"
    with Journal(path) as journal:
        await journal.put(entry())
        found = contents(path)
    assert found.calls == 1
    assert found.log_bytes > 0


def test_a_journal_is_found_by_its_file_its_folder_its_runs_and_a_run(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "journal" / "calls.sqlite3"
    Journal(path).close()
    (tmp_path / "runs" / "words").mkdir()
    for place in ("journal/calls.sqlite3", "journal", "", "words"):
        assert find_journal(tmp_path / "runs" / place).samefile(path)
    with pytest.raises(InputError, match="there is no journal at .*elsewhere/run: name a file c"):
        find_journal(tmp_path / "elsewhere" / "run")
