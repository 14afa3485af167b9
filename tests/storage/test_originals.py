"""The index of prompts that other sets leave out."""

import multiprocessing
import os
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.errors import StorageError
from potstill.storage.originals import Entry, Prompts, write_prompts

ENTRIES = [Entry("taco", "train:0", "a"), Entry("apps", "train:0", "b")]


@pytest.fixture
def prompts(tmp_path):
    write_prompts(tmp_path / "new" / "p.sqlite3", ENTRIES)
    return Prompts(tmp_path / "new" / "p.sqlite3", frozenset({"taco", "apps"}))


def test_a_prompt_is_found_by_its_set_and_key(prompts) -> None:
    assert [prompts(entry.dataset, entry.key) for entry in ENTRIES] == ["a", "b"]
    assert prompts("taco", "train:1") is None
    assert prompts("other", "train:0") is None
    assert [file.name for file in prompts.path.parent.iterdir()] == ["p.sqlite3"]


def test_it_can_be_pickled_and_is_opened_by_each_process(prompts) -> None:
    assert prompts("taco", "train:0") == "a"
    assert len(pickle.dumps(prompts)) < 1_000
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(1) as pool:
            assert pool.apply(prompts, ("apps", "train:0")) == "b"


TEXT = st.text(st.characters(codec="utf-8"))


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1))
def test_whatever_is_written_is_found_and_the_first_of_two_stays(rows, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("any") / "p.sqlite3"
    write_prompts(path, (Entry(*row) for row in rows))
    found = Prompts(path, frozenset())
    first = {}
    for dataset, key, prompt in rows:
        first.setdefault((dataset, key), prompt)
    assert {at: found(*at) for at in first} == first


def test_nothing_is_left_where_the_prompts_can_t_be_read(tmp_path) -> None:
    def broken():
        yield ENTRIES[0]
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        write_prompts(tmp_path / "p.sqlite3", broken())
    assert not any(tmp_path.iterdir())


def test_a_folder_that_can_t_be_made(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="can't write"):
        write_prompts(tmp_path / "file" / "p.sqlite3", ENTRIES)


def test_a_damaged_file_says_what_to_do(tmp_path) -> None:
    path = tmp_path / "p.sqlite3"
    path.write_bytes(b"x" * os.sysconf("SC_PAGESIZE"))
    with pytest.raises(StorageError, match="delete it"):
        Prompts(path, frozenset())("taco", "train:0")
    with pytest.raises(StorageError, match="delete it"):
        Prompts(tmp_path / "gone.sqlite3", frozenset())("taco", "train:0")
