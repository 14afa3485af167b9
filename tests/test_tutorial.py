"""The tutorial works: its commands run in order, and print what it says."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

DOCS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(
    r"(?P<beside><!-- another terminal -->\s+)?```sh\n(?P<code>.*?)```"
    r"(\n\n```text\n(?P<output>.*?)```)?",
    re.S,
)


class Block(NamedTuple):
    """Commands, and what they print; an ellipsis is any text, on a line of its own any lines."""

    code: str
    output: str
    beside: bool
    """Whether they go on in another terminal."""

    def printed(self, output: str) -> bool:
        pattern = "".join(
            r"(?:.*\n)*?" if line == "…\n" else re.escape(line).replace("…", ".*")
            for line in self.output.splitlines(keepends=True)
        )
        return re.fullmatch(pattern, output) is not None


def blocks(name: str) -> list[Block]:
    text = (DOCS / name).read_text(encoding="utf-8")
    assert text.count("```sh\n") == len(BLOCK.findall(text))
    return [
        Block(found["code"], found["output"] or "", found["beside"] is not None)
        for found in BLOCK.finditer(text)
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def terminals() -> Iterator[ExitStack]:
    """What runs beside the tutorial, and ends with it."""
    with ExitStack() as stack:
        yield stack


def beside(code: str, folder: Path, terminals: ExitStack) -> None:
    """Start a server, and wait until it says where it listens."""
    server = subprocess.Popen(
        ["bash", "-c", f"exec {code}"], cwd=folder, env=environment(), stdout=subprocess.PIPE
    )
    terminals.enter_context(server)
    terminals.callback(server.terminate)
    assert server.stdout is not None
    assert b"listening" in server.stdout.readline()


def environment() -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "COLUMNS": "80", "PYTHONUTF8": "1"}


@pytest.mark.slow
def test_every_block_prints_what_it_says(tmp_path: Path, terminals: ExitStack) -> None:
    port = str(free_port())
    for block in blocks("tutorial.md"):
        code = block.code.replace("8000", port)
        if block.beside:
            beside(code, tmp_path, terminals)
            continue
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", code],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
        assert block.printed(done.stdout), f"{code}\n{done.stdout}\nis not\n{block.output}"


def test_both_languages_have_the_same_blocks() -> None:
    assert blocks("tutorial.zh-CN.md") == blocks("tutorial.md")


@pytest.mark.parametrize(
    ("expected", "output", "same"),
    [
        ("a\n", "a\n", True),
        ("a\n", "ab\n", False),
        ("a … c\n", "a b c\n", True),
        ("a … c\n", "a b\nc\n", False),
        ("a\n…\nc\n", "a\nb\nb\nc\n", True),
        ("a\n…\nc\n", "a\nc\n", True),
        ("a\n…\nc\n", "a\nb\nb\n", False),
        ("", "a\n", False),
        ("a.c\n", "abc\n", False),
    ],
)
def test_an_ellipsis_stands_for_anything(expected: str, output: str, same: bool) -> None:
    assert Block("", expected, False).printed(output) == same
