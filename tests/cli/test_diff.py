"""`potstill diff`."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from potstill.cli import cli

ROWS = [
    {"q": "1 + 1?", "a": "2", "r": "\\boxed{2}"},
    {"q": "2 + 2?", "a": "4", "r": ["\\boxed{4}", "\\boxed{5}"]},
    {"q": "3 + 3?", "a": "6", "r": "\\boxed{6}"},
]

OTHER = [
    {"q": "0 + 0?", "a": "0", "r": "\\boxed{0}"},
    {"q": "1 + 1?", "a": "2", "r": "\\boxed{3}"},
    {"q": "2 + 2?", "a": "4", "r": ["\\boxed{4} is it.", "\\boxed{5}", "\\boxed{6}"]},
]


@pytest.fixture(scope="module")
def directories(make_run) -> tuple[str, str]:
    other = make_run(OTHER, {"max_answer_chars: 30": "max_answer_chars: 40"})
    return str(make_run(ROWS).directory), str(other.directory)


@pytest.fixture
def diff(directories: tuple[str, str]) -> Callable[..., str]:
    def invoke(*arguments: str) -> str:
        given = ["diff", *directories, *arguments]
        return CliRunner().invoke(cli, given, catch_exceptions=False).stdout

    return invoke


def test_settings_books_rows_and_responses(diff) -> None:
    table, _, lines = diff().partition("┘\n")
    assert "│ verify           │ 4 → 5 │ 4 → 5 │ fail 1 → 3, pass 3 → 2 " in table
    assert "dedup" not in table
    assert lines.splitlines() == [
        "gather: the file rows.jsonl changed",
        "filter: filter.0.max_answer_chars was 30, is 40",
        "rows that differ: 2 (kept → not there 1, not there → kept 1)",
        "  rows:rows.jsonl:3: kept → not there",
        "  rows:rows.jsonl:1: not there → kept",
        "responses that differ: 3 (other text 2, outcome pass → fail 1, other reason 1, "
        "other destination 1, only in the second run 1)",
        "  rows:rows.jsonl:1: pass (math: equal) → fail (math: different); exported to messages → "
        "in no dataset (not_selected, no_think); because the source gives another response",
        "  rows:rows.jsonl:2: other text, still pass (math: equal); "
        "because the source gives another response",
        "  rows:rows.jsonl:2: only in the second run: fail (math: different)",
    ]


def test_the_longest_lists_are_cut(diff) -> None:
    lines = diff("-n", "1").splitlines()
    assert [line for line in lines if "more" in line] == ["  … 1 more", "  … 2 more"]
    assert "rows.jsonl:" not in diff("-n", "0").partition("┘\n")[2]


def test_json_holds_every_difference(diff) -> None:
    found = [json.loads(line) for line in diff("--json", "-n", "1").splitlines()]
    kinds = [each["kind"] for each in found]
    assert [kinds.count(kind) for kind in ("row", "response")] == [2, 3]
    assert found[-1]["before"] is None
    (gather,) = [each for each in found if each.get("stage") == "gather"]
    assert gather["because"] == ["the file rows.jsonl changed"]


def test_a_run_against_itself(directories: tuple[str, str]) -> None:
    first = directories[0]
    assert CliRunner().invoke(cli, ["diff", first, first]).stdout == "the runs do not differ\n"
