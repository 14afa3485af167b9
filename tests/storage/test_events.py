"""The log of events: each line is whole or not there, and damage is left out when it is read."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.errors import StorageError
from potstill.storage import events
from potstill.storage.events import FIELDS, EventLog, parse_event, read_events


def test_a_line_that_was_cut_by_a_crash_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"at": "2026')
    log = EventLog(path)
    log.emit("run_finished", seconds=1.0)
    log.close()
    assert [event["event"] for event in read_events(path)] == ["run_finished"]


def test_what_can_not_be_written_whole_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    log.emit("run_finished", seconds=1.0)
    log.close()
    before = path.read_bytes()
    file = _Full(path, len(before) + 10)
    monkeypatch.setattr(log, "_file", file)
    with pytest.raises(StorageError, match="No space left on device; free some space"):
        log.emit("run_finished", seconds=2.0)
    assert path.read_bytes() == before
    file.close()


class _Full(events.FileIO):
    """A file that has room for so many bytes, as a disk that fills up within a line."""

    def __init__(self, path: Path, room: int) -> None:
        super().__init__(path, "ab")
        self._room = room

    def write(self, data) -> int:
        left = self._room - self.tell()
        if left <= 0:
            raise OSError(28, "No space left on device")
        return super().write(data[:left])


LINE = (
    json.dumps(
        {"at": "2026-01-01T00:00:00.000+00:00", "event": "progress"}
        | dict.fromkeys(sorted(FIELDS["progress"]), 1)
    ).encode()
    + b"\n"
)


@given(st.integers(0, len(LINE) - 1), st.integers(1, 255))
def test_a_flipped_byte_leaves_an_event_with_all_its_fields_or_none(place: int, mask: int) -> None:
    line = bytearray(LINE)
    line[place] ^= mask
    event = parse_event(bytes(line))
    assert event is None or FIELDS.get(str(event["event"]), set()) <= event.keys()


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"[]\n", b"{}\n", b"[" * 99_999 + b"\n", b"\0" * 64, b"\xff\xfe\n", LINE[:-1]],
)
def test_what_is_no_event_is_left_out(line: bytes) -> None:
    assert parse_event(line) is None
