"""`potstill show`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from potstill.cli import cli
from potstill.errors import InputError

ROWS = [
    {"q": "计算 $1 + 1$。", "a": "2", "r": "<think>\x1b[31m" + "算\n" * 30 + "</think>\\boxed{2}"},
    {"q": "2 + 2?", "a": "4", "r": ["\\boxed{4}", "\\boxed{5}", "\\boxed{6}"]},
    {"q": "2 + 2?", "a": "4", "r": "4"},
]


@pytest.fixture(scope="module")
def directory(make_run) -> str:
    return str(make_run(ROWS).directory)


@pytest.fixture
def show(directory: str) -> Callable[..., Result]:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["show", directory, *arguments], catch_exceptions=False)

    return invoke


def test_the_first_rows_and_that_there_are_more(show) -> None:
    text = show("-n", "2").stdout
    assert text.count("rows:rows.jsonl:") == 2
    assert text.splitlines()[-1] == "there are more: -n 20 shows up to 20"
    assert "there are more" not in show("-n", "4").stdout


def test_rows_that_a_condition_selects(show) -> None:
    text = show("--where", "outcome = 'fail'").stdout
    assert text.count("rows:rows.jsonl:2  fail") == 2
    assert "verdict  fail by math: different" in text
    assert "in no dataset (not_selected, no_think)" in text


def test_long_thinking_is_folded_and_harmless(show) -> None:
    text = show("-n", "1").stdout
    assert "lines folded (31 words in all); --full shows them" in text
    assert "\\x1b[31m" in text
    assert "\x1b" not in text
    assert show("-n", "1", "--full").stdout.count("  算\n") == 29


def test_dropped_rows_say_why(show) -> None:
    text = show("--dropped").stdout
    assert "rows:rows.jsonl:3\n" in text
    assert "dropped  by dedup: exact: duplicate\n  of: rows:rows.jsonl:2" in text


def test_another_stage(show) -> None:
    text = show("--stage", "gather").stdout
    assert text.count("problem ") == 3
    assert text.endswith("dropped by dedup: exact: duplicate\n")


def test_json_lines(show) -> None:
    lines = show("--json", "-n", "2").stdout.splitlines()
    first, second = map(json.loads, lines)
    assert first["think"].startswith("\x1b[31m算\n")
    assert all(line.isprintable() for line in lines)
    assert second["evidence"]["answer"] == "4"
    assert second["datasets"] == ["messages"]


def test_random_rows_are_the_same_for_a_seed(show) -> None:
    def drawn(*seed: str) -> str:
        return show("--json", "-n", "2", "--random", *seed).stdout

    assert drawn("5") == drawn("5")
    assert drawn() == drawn("0")
    assert len({drawn(str(seed)) for seed in range(10)}) > 1


def test_nothing_found_is_said(show) -> None:
    result = show("--where", "teacher = 'nobody'")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "none of the 4 rows there matches\n"
    assert show("--stage", "responses", "--dropped").stderr == "there are no rows\n"


def test_rows_that_only_a_dataset_left_out_are_pointed_at(make_run) -> None:
    run = str(make_run([{"q": "1 + 1?", "a": "2", "r": "3"}]).directory)
    result = CliRunner().invoke(cli, ["show", run, "--dropped"])
    assert result.stderr == (
        "there are no rows; what the datasets left out (2): add --stage export\n"
    )


@pytest.mark.parametrize(
    "arguments", [["--where", "outcom = 1"], ["--stage", "dedupe"], ["--dropped", "--stage", "x"]]
)
def test_mistakes_are_one_sentence(show, arguments: list[str]) -> None:
    with pytest.raises(InputError) as error:
        show(*arguments)
    assert "\n" not in str(error.value)


def test_what_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run directory"):
        CliRunner().invoke(cli, ["show", str(tmp_path)], catch_exceptions=False)
