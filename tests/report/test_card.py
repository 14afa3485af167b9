"""The card of an exported dataset."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import potstill
from potstill.recipe.specs import DedupSpec
from potstill.recipe.yaml import parse
from potstill.report.card import rule_text
from potstill.report.markdown import code, escaped, table

ROWS: list[dict | str] = [
    {"q": "1 + 1 = ?", "a": "2", "r": "<think>x</think>2", "license": "CC BY 4.0", "origin": "a"},
    {"q": "1 +  1 = ?", "a": "2", "r": "2", "license": "mit"},
    {"q": "2 + 2 = ?", "a": "4", "r": "5", "license": "mit", "origin": "z"},
    {"q": "3 + 2 = ?", "a": "5", "r": "5", "license": "my *own* <b>\nlicence", "origin": ["a|b"]},
    "{",
]


@pytest.fixture(scope="module")
def run(make_run: Callable[..., potstill.Run]) -> potstill.Run:
    """A run over all of that."""
    return make_run(ROWS)


def card(run: potstill.Run, name: str = "messages") -> str:
    return (run.directory / "08-export" / name / "README.md").read_text(encoding="utf-8")


def section(text: str, title: str) -> list[str]:
    _, _, rest = text.partition(f"\n## {title}\n")
    return [line for line in rest.partition("\n## ")[0].splitlines() if line]


def test_the_front_is_what_the_hub_reads(run: potstill.Run):
    yaml = pytest.importorskip("yaml")
    _, front, body = card(run).split("---\n", 2)
    found = yaml.safe_load(front)
    assert found["license"] == ["cc-by-4.0", "other"]
    assert found["size_categories"] == ["n<1K"]
    assert found["configs"][0]["data_files"] == "parquet/train-*.parquet"
    assert body.startswith("\n# messages\n")
    assert parse(front) is not None


def test_the_rows_are_told_by_source_licence_and_origin(run: potstill.Run):
    rows = section(card(run), "Rows by source")[2:]
    assert rows == [
        "| `rows` | `rows.jsonl` | CC BY 4.0 | a | 1 |",
        "| `rows` | `rows.jsonl` | my \\*own\\* \\<b\\> licence | a\\|b | 1 |",
    ]


def test_what_was_dropped_is_told_by_stage_and_reason(run: potstill.Run):
    rows = section(card(run), "What was dropped on the way")[2:]
    assert rows[0] == "| gather | 5 | 4 | not\\_json 1 |"
    assert rows[1] == "| dedup | 4 | 3 | duplicate 1 |"
    assert rows[-1] == "| export | 3 | 2 | not\\_selected 1 |"


def test_the_rules_stand_there_with_their_defaults(run: potstill.Run):
    assert section(card(run), "Deduplication")[0].startswith("- `exact`")
    (rule,) = section(card(run), "Filters")
    assert rule.startswith("- `length` (")
    assert "max\\_answer\\_chars 30" in rule


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"keep": ["reference", "first"], "priority": []},
            "keep reference then first, priority none",
        ),
        ({"same_numbers": True, "threshold": 0.8}, r"same\_numbers true, threshold 0.8"),
        ({"embed": "/home/me/models/m3e"}, "embed m3e"),
        ({"embed": "owner/name"}, "embed owner/name"),
        (
            {"embed": {"base_url": "http://10.0.0.1/v1", "model": "bge", "key_env": "K"}},
            "embed model bge",
        ),
    ],
)
def test_options_are_told_in_words_without_places_of_this_machine(options: dict, told: str):
    spec = DedupSpec.model_validate({"use": "mine.py:rule", **options})
    assert rule_text("dedup", spec) == f"`mine.py:rule` ({told})"


def test_verdicts_are_those_of_the_run_and_of_the_dataset(run: potstill.Run):
    rows = section(card(run), "Verification")
    assert rows[0].startswith("- `math`")
    assert rows[3:] == ["| pass | 2 | 2 |", "| fail | 1 | 0 |", "| undecided | 0 | 0 |"]


def test_it_holds_no_path_and_no_time(run: potstill.Run):
    text = card(run)
    assert str(run.directory.parent) not in text
    assert "20" + "26" not in text


def test_the_folder_loads_as_a_dataset(run: potstill.Run, tmp_path: Path):
    datasets = pytest.importorskip("datasets")
    folder = str(run.directory / "08-export" / "messages")
    found = datasets.load_dataset(folder, split="train", cache_dir=str(tmp_path))
    assert len(found) == 2


def test_the_status_counts_the_datasets_rows_without_the_card(run: potstill.Run):
    manifest = json.loads((run.directory / "08-export" / "manifest.json").read_text())
    cards = [part for part in manifest["exported"] if part["name"].endswith("README.md")]
    assert [part["rows"] for part in cards] == [0, 0]


@given(st.text())
def test_no_value_becomes_markup(text: str):
    line = escaped(text)
    plain = line.replace("\\\\", "")
    for sign in "`*_{}[]<>#|~&$!":
        assert plain.count(sign) == plain.count(f"\\{sign}")
    assert "\n" not in line
    assert code(text).count("`") in (0, 2)


def test_a_table_has_as_many_cells_in_each_row():
    lines = table(("a", "b"), [("x", 12345), (escaped("y|z"), 1)])
    assert lines == ["| a | b |", "| --- | --- |", "| x | 12,345 |", "| y\\|z | 1 |", ""]
