"""Prompts that Nemotron leaves out, joined back from the sets that have them."""

import json
from collections import Counter

import pytest

import potstill
from potstill import registry
from potstill.errors import SourceError
from potstill.pipeline import fill
from potstill.recipe.specs import FillSpec
from potstill.schemas.originals import ORIGINALS

RECIPE = """\
name: nemotron
sources:
  - path: nemotron.jsonl
    schema: nemotron-v1
    fill:
      - {path: chats.jsonl, as: lmsys-chat-1m}
      - {path: taco, as: taco}
      - {path: forces.jsonl, as: open-r1/codeforces, split: train}
decontaminate: off
export: [{use: messages}]
"""
CODE = [
    ("taco", "test", "1"),
    ("taco", "train", "0"),
    ("taco", "train", "2"),  # the second file's first
    ("taco", "train", "3"),  # past the end
    ("open-r1/codeforces", "train", "0"),
    ("apps", "train", "0"),  # a set that is not there
]


def nemotron(prompt, metadata, **more):
    said = [{"role": "user", "content": prompt}, {"role": "assistant", "content": "Sure."}]
    row = {"uuid": "u", "license": "cc-by-4.0", "generator": "m", "category": "chat"}
    return row | {"reasoning": "off", "messages": said, "metadata": json.dumps(metadata)} | more


def write(path, rows):
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" if row else "\n" for row in rows))


def chat(key, text):
    return {"conversation_id": key, "conversation": [{"role": "user", "content": text}]}


@pytest.fixture
def folder(tmp_path):
    named = [{"dataset": d, "split": s, "index": i} for d, s, i in CODE]
    rows = [
        nemotron("", {"conversation_id": "c2"}),
        nemotron("", {"conversation_id": "c9"}),
        nemotron("Hi", {}),
        nemotron("", {}),
        *(nemotron("-", each, category="code") for each in named),
    ]
    write(tmp_path / "nemotron.jsonl", rows)
    chats = [chat("c1", "One?"), chat("c2", "Two?"), chat("c2", "Again?"), chat("c3", "")]
    write(tmp_path / "chats.jsonl", chats)
    questions = [{"question": q, "input_output": "x"} for q in ("q0", "", "q2")]
    write(tmp_path / "taco" / "train-00000-of-00002.jsonl", [questions[0], None, questions[1]])
    write(tmp_path / "taco" / "train-00001-of-00002.jsonl", questions[2:])
    write(tmp_path / "taco" / "test-00000.jsonl", [{"question": "t0"}, {"question": "t1"}])
    write(tmp_path / "forces.jsonl", [{"description": "d0", "note": "n0"}])
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    return tmp_path


def index(folder):
    return sorted(folder.rglob("originals-*.sqlite3"))


def exported(run):
    (file,) = run.directory.glob("*-export/messages/jsonl/*.jsonl")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [row["messages"][0]["content"] for row in rows]


def test_prompts_are_joined_back_and_none_is_exported_empty(folder) -> None:
    run = potstill.run(folder / "recipe.yaml", out=folder / "run")
    assert exported(run) == ["Two?", "Hi", "t1", "q0", "q2", "d0\n\nNote\n\nn0"]
    dropped = [(row.reason, row.evidence) for row in run.rows(stage="gather", dropped=True)]
    assert Counter(reason for reason, _ in dropped) == {"prompt_not_filled": 4}
    missing = [(e["set"], e["key"], e["missing"]) for _, e in dropped]
    assert missing == [
        ("lmsys-chat-1m", "c9", "row"),
        (None, None, "set"),
        ("taco", "train:3", "row"),
        ("apps", "train:0", "set"),
    ]


def test_a_filled_row_s_identity_is_that_of_its_prompt(folder) -> None:
    run = potstill.run(folder / "recipe.yaml", out=folder / "run")
    problems = {problem.text: problem for problem in run.rows(stage="gather")}
    found = problems["q0"]
    assert (found.origins, found.origin) == (("taco:train:0",), "taco")
    assert found.license == "cc-by-4.0"
    assert found.responses[0].reasoning == "off"
    assert "withheld" not in found.extra
    assert len({problem.id for problem in problems.values()}) == 6


def test_the_index_is_made_once_and_anew_where_a_set_changes(folder, monkeypatch) -> None:
    made = []
    write_prompts = fill.write_prompts
    monkeypatch.setattr(
        fill, "write_prompts", lambda path, rows: made.append(path) or write_prompts(path, rows)
    )
    potstill.run(folder / "recipe.yaml", out=folder / "run")
    potstill.run(folder / "recipe.yaml", out=folder / "run", again="gather")
    assert index(folder) == made[:1] == made
    write(folder / "chats.jsonl", [chat("c2", "Changed?")])
    run = potstill.run(folder / "recipe.yaml", out=folder / "run")
    assert len(made) == 2
    assert exported(run)[0] == "Changed?"


def test_without_fill_the_reason_says_what_to_do(folder) -> None:
    recipe = RECIPE.partition("    fill:")[0] + "decontaminate: off\n"
    (folder / "recipe.yaml").write_text(recipe)
    run = potstill.run(folder / "recipe.yaml", out=folder / "run")
    dropped = list(run.rows(stage="gather", dropped=True))
    assert {row.reason for row in dropped} == {"prompt_withheld"}
    assert dropped[0].evidence["advice"] == (
        "`fill: [{path: your copy of it, as: lmsys-chat-1m}]` joins it back"
    )
    write(folder / "nemotron.jsonl", [nemotron("", {"conversation_id": "c2"})])
    with pytest.raises(SourceError, match=r"prompt_withheld 1; `fill: \[\{path"):
        potstill.run(folder / "recipe.yaml", out=folder / "run")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (", split: train", "", "add `split`, such as `split: train`"),
        ("path: forces.jsonl", "path: chats.jsonl", "is one of open-r1/codeforces"),
        ("as: taco", "as: tacos", "did you mean 'taco'"),
        ("path: taco,", "path: gone,", "there is no file or folder"),
        ("{path: taco, as: taco}", "{path: taco}", "as"),
        ("as: taco}", "as: taco, spilt: x}", "did you mean 'split'"),
    ],
)
def test_mistakes_are_told_in_a_sentence(folder, old, new, says) -> None:
    assert old in RECIPE
    (folder / "recipe.yaml").write_text(RECIPE.replace(old, new))
    with pytest.raises(potstill.InputError, match=says):
        potstill.run(folder / "recipe.yaml", out=folder / "run")
    assert not index(folder)


def test_the_sets_that_a_recipe_may_name_are_those_that_can_be_read() -> None:
    legal = FillSpec.model_json_schema()["properties"]["as"]["enum"]
    assert set(legal) == ORIGINALS.keys()
    assert {"nemotron-v1"} <= {*registry.PLUGINS["schemas"]}
