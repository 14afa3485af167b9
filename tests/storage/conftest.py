"""Calls, and journals that hold them, those of version 1 included."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import zstandard

from potstill.storage.journal import Attempt, Entry, Journal

MakeEntry = Callable[..., Entry]


@pytest.fixture(scope="session")
def entry() -> MakeEntry:
    """Make a call with a key and, where they are given, other fields."""

    def make(key: str = "k", **fields: object) -> Entry:
        attempt = Attempt(at="2026-01-01T00:00:00.000+00:00", ending="ok", status=200, seconds=1.0)
        text = f"{key} is seven " * 50
        return Entry.model_validate(
            {"key": key, "model": "m", "ending": "ok", "request": '{"messages": []}'}
            | {"reply": json.dumps({"text": text}), "attempts": (attempt,)}
            | fields
        )

    return make


@pytest.fixture
def journal_of(tmp_path: Path) -> Callable[[Iterable[Entry]], Path]:
    """Write a journal with these calls, and close it."""

    def write(entries: Iterable[Entry], name: str = "calls.sqlite3") -> Path:
        async def put_all(journal: Journal) -> None:
            await asyncio.gather(*map(journal.put, entries))

        with Journal(tmp_path / name) as journal:
            asyncio.run(put_all(journal))
        return tmp_path / name

    return write


@pytest.fixture(scope="session")
def write_first_version() -> Callable[[Path, Iterable[str]], None]:
    """Write a journal as version 1 had it."""

    def write(path: Path, keys: Iterable[str]) -> None:
        attempt = {"at": "2026-01-01T00:00:00.000+00:00", "ending": "ok", "status": 200}
        attempt |= {"seconds": 1.5, "detail": "", "prompt_tokens": 3, "completion_tokens": None}
        fields = {"model": "m", "ending": "ok", "request": '{"a":1}', "attempts": [attempt]}
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE calls (key TEXT PRIMARY KEY, model TEXT NOT NULL, ending TEXT NOT NULL, "
            "value BLOB NOT NULL)"
        )
        for key in keys:
            value = json.dumps({"key": key, **fields, "reply": '{"choices":["\\u6c49"]}'})
            packed = zstandard.ZstdCompressor(level=3, write_checksum=True).compress(value.encode())
            connection.execute("INSERT INTO calls VALUES (?, 'm', 'ok', ?)", (key, packed))
        connection.execute("PRAGMA user_version=1")
        connection.commit()
        connection.close()

    return write
