"""Calls that one process asks are left to it, until it is done or gone."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from potstill.errors import StorageError
from potstill.storage.claims import Claims

KEY, OTHER = "a" * 32, "b" * 32


def test_a_call_is_claimed_once(tmp_path: Path):
    with Claims(tmp_path / "j") as mine, Claims(tmp_path / "j") as yours:
        assert mine.take(KEY)
        assert not yours.take(KEY)
        assert yours.take(OTHER)
        mine.leave(KEY)
        assert yours.take(KEY)
    with Claims(tmp_path / "j") as mine:
        assert mine.take(KEY)


def test_keys_that_differ_late_are_different_calls(tmp_path: Path):
    with Claims(tmp_path / "j") as mine, Claims(tmp_path / "j") as yours:
        assert mine.take("0" * 15 + "1" + "0" * 16)
        assert yours.take("0" * 15 + "2" + "0" * 16)


def test_a_process_that_is_killed_claims_nothing(tmp_path: Path):
    text = (
        "import sys, time; from pathlib import Path; from potstill.storage.claims import Claims; "
        f"claims = Claims(Path(sys.argv[1])); claims.take({KEY!r}); print(1, flush=True); "
        "time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", text, tmp_path / "j"], stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with Claims(tmp_path / "j") as mine:
            assert not mine.take(KEY)
            other.send_signal(signal.SIGKILL)
            other.wait()
            assert mine.take(KEY)


def test_a_place_that_can_t_be_written_is_one_sentence(tmp_path: Path):
    (tmp_path / "j-claims").write_text("")
    with pytest.raises(StorageError, match="j-claims"):
        Claims(tmp_path / "j")
