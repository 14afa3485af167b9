"""Files of a run that are damaged or of another version: one sentence, and a way to go on."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from potstill.cli import main
from potstill.cli.signals import SIGNALS
from potstill.storage.manifest import SCHEMA_VERSION


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    error: str


Command = Callable[..., Ended]


@pytest.fixture
def command(whole, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command of potstill's in this process, in the project's folder."""
    monkeypatch.chdir(whole.project)

    def call(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["potstill", *map(os.fspath, arguments)])
        before = {number: signal.getsignal(number) for number in SIGNALS}
        try:
            with pytest.raises(SystemExit) as end:
                main()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        code = end.value.code
        assert isinstance(code, int)
        return Ended(code, *capsys.readouterr())

    return call


@pytest.fixture
def run(whole, tmp_path: Path) -> Path:
    """A complete run, to be damaged."""
    shutil.copytree(whole.run, tmp_path / "run")
    return tmp_path / "run"


def everything(run: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}


def flip(path: Path, *positions: int) -> None:
    data = bytearray(path.read_bytes())
    for position in positions:
        data[position] ^= 0x10
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def exchange(path: Path) -> None:
    other = path.parent.parent / "01-gather" / "part-00000.parquet"
    shutil.copyfile(other, path)


@pytest.mark.parametrize("damage", [lambda path: flip(path, 900), cut, exchange])
def test_a_damaged_part_is_noticed_where_it_is_read(
    whole, runs, run: Path, command: Command, damage: Callable[[Path], None]
) -> None:
    part = run / "02-dedup" / "part-00000.parquet"
    damage(part)
    shutil.rmtree(run / "03-decontaminate")
    ended = command("run", "recipe.yaml", "--out", run, "--quiet")
    assert ended == (
        1,
        "",
        f"potstill: {part} is not as it was written; `potstill run RECIPE --from dedup` makes it "
        f"anew, as does deleting {part.parent}\n",
    )
    shutil.rmtree(part.parent)
    assert command("run", "recipe.yaml", "--out", run, "--quiet").code == 0
    assert runs.content(run) == whole.content


def test_a_damaged_part_ends_a_look_at_it_with_one_sentence(run: Path, command: Command) -> None:
    part = run / "07-filter" / "part-00000.parquet"
    cut(part)
    for arguments in (
        ["show", run, "--stage", "filter"],
        ["why", run, "problems:problems.jsonl:1"],
    ):
        ended = command(*arguments)
        assert (ended.code, ended.out.count("\n") < 2) == (1, True)
        assert ended.error.startswith(f"potstill: {part} ")
        assert ended.error.endswith(f"makes it anew, as does deleting {part.parent}\n")


@pytest.mark.slow
def test_a_stage_that_is_made_anew_mends_what_is_damaged(
    whole, runs, run: Path, command: Command, teacher
) -> None:
    flip(run / "03-decontaminate" / "part-00000.parquet", 700)
    (run / "05-distil" / "manifest.json").write_bytes(b"\0" * 80)
    before = teacher.stats()["requests"]
    assert command("run", "recipe.yaml", "--out", run, "--from", "decontaminate").code == 0
    assert runs.content(run) == whole.content
    assert teacher.stats()["requests"] == before


@pytest.mark.parametrize(
    "text", [b"", b"\xff\x00", b"[1]", b'{"schema_version": %d}' % SCHEMA_VERSION]
)
def test_a_damaged_manifest(run: Path, command: Command, text: bytes) -> None:
    manifest = run / "06-verify" / "manifest.json"
    manifest.write_bytes(text)
    before = everything(run)
    for arguments in (
        ["run", "recipe.yaml", "--out", run],
        ["status", run],
        ["show", run],
        ["why", run, "problems:problems.jsonl:1"],
    ):
        assert command(*arguments) == (
            1,
            "",
            f"potstill: {manifest} is damaged; `potstill run RECIPE --from verify` makes it anew, "
            f"as does deleting {manifest.parent}\n",
        )
    assert everything(run) == before


def age(run: Path, version: int) -> None:
    """Turn the manifests of a run into those of another version of potstill."""
    for path in run.glob("*/manifest.json"):
        manifest = json.loads(path.read_text())
        del manifest["rows"]
        manifest |= {"schema_version": version, "potstill": "0.0.1", "colour": "green"}
        path.write_text(json.dumps(manifest))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "maker"), [(SCHEMA_VERSION - 1, "an older"), (SCHEMA_VERSION + 1, "a newer")]
)
def test_a_run_of_another_version(
    whole, runs, teacher, run: Path, command: Command, version: int, maker: str
) -> None:
    age(run, version)
    before, asked = everything(run), teacher.stats()["requests"]
    for arguments in (["run", "recipe.yaml", "--out", run], ["status", run], ["show", run]):
        assert command(*arguments) == (
            1,
            "",
            f"potstill: {run}/01-gather/manifest.json was made by {maker} potstill (0.0.1) with "
            f"schema version {version}, this one reads {SCHEMA_VERSION}: `potstill run RECIPE "
            "--from gather` does every stage anew, with the answers in the journal, or name "
            "another run directory\n",
        )
    assert everything(run) == before
    assert command("run", "recipe.yaml", "--out", run, "--from", "gather").code == 0
    assert runs.content(run) == whole.content
    assert teacher.stats()["requests"] == asked


def test_a_damaged_copy_of_the_recipe_is_written_anew(
    whole, runs, run: Path, command: Command
) -> None:
    (run / "recipe.yaml").write_bytes(b"\xff\x00: [")
    assert command("status", run).code == 0
    assert command("run", "recipe.yaml", "--out", run).code == 0
    assert runs.content(run) == whole.content


def test_garbage_in_the_log_is_left_out(run: Path, command: Command) -> None:
    log = run / "events.jsonl"
    status = command("status", run)
    lines = log.read_bytes().splitlines(keepends=True)
    garbage = [b"\xff\x00\x1b[2J" * 500 + b"\n", b"[" * 99_999 + b"\n", b"\0" * 4096, b"\n{}\n"]
    garbage += [lines[2].replace(b'"stage"', b'"stbge"'), lines[3].replace(b'"at": "', b'"at": "x')]
    log.write_bytes(b"".join([*lines[:5], *garbage, *lines[5:], b'{"at": "2026']))
    assert command("status", run) == status
    assert command("status", run, "--follow") == (
        0,
        status.out,
        command("status", run, "--follow").error,
    )
    assert command("run", "recipe.yaml", "--out", run).code == 0
    assert log.read_bytes().count(b'{"at": "2026\n{"at": ') == 1


JOURNAL = "journal/calls.sqlite3"
LOST = (
    "put a copy of it back, or save what is sound: `potstill journal compact {} --drop-damaged`; "
    "the same command then asks for the rest again\n"
)


def overwrite(path: Path) -> None:
    path.write_bytes(b"not a database" * 300)


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def scratch(path: Path) -> None:
    # Several bytes of each page but the first: one alone may lie where nothing is stored.
    flip(path, *range(4096 + 96, path.stat().st_size, 400))


@pytest.mark.parametrize("damage", [overwrite, halve, scratch])
def test_a_damaged_journal(
    whole, runs, teacher, run: Path, command: Command, damage: Callable[[Path], None]
) -> None:
    shutil.rmtree(run / "05-distil")
    damage(run / JOURNAL)
    before = teacher.stats()["requests"]
    ended = command("run", "recipe.yaml", "--out", run, "--quiet")
    assert (ended.code, ended.error.count("\n")) == (1, 1)
    assert ended.error.startswith(f"potstill: the journal {run / JOURNAL} ")
    assert ended.error.endswith(LOST.format(run / JOURNAL))
    assert teacher.stats()["requests"] == before
    (run / "journal").rename(run.parent / "away")
    assert command("run", "recipe.yaml", "--out", run, "--quiet").code == 0
    assert runs.content(run) == whole.content
    assert teacher.stats()["requests"] == before + 80
