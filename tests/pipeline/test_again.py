"""Doing stages again, and runs that ask no model."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import potstill
from potstill.storage.events import Event


def stages(heard: list[Event], kind: str) -> list[str]:
    return [str(event["stage"]) for event in heard if event["event"] == kind]


def digests(directory: Path) -> dict[str, str]:
    """Hash of every file that holds rows or books."""
    files = (path for path in directory.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name not in ("events.jsonl", ".lock")
    }


def test_again_from_a_stage_asks_no_model(project: Path, teacher) -> None:
    first = potstill.run("recipe.yaml")
    before, asked = digests(first.directory), teacher.stats()["requests"]
    heard: list[Event] = []
    potstill.run("recipe.yaml", again="distil", listener=heard.append)
    assert stages(heard, "stage_skipped") == ["gather", "dedup", "decontaminate"]
    assert stages(heard, "stage_started") == ["distil", "verify", "filter", "export"]
    assert teacher.stats()["requests"] == asked
    assert digests(first.directory) == before


def test_again_that_is_interrupted_is_still_to_be_done(project: Path) -> None:
    potstill.run("recipe.yaml")
    heard: list[Event] = []

    def stop(event: Event) -> None:
        if event["event"] == "stage_started" and event["stage"] == "verify":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        potstill.run("recipe.yaml", again="decontaminate", listener=stop)
    potstill.run("recipe.yaml", listener=heard.append)
    assert stages(heard, "stage_started") == ["verify", "filter", "export"]


def test_again_from_what_is_no_stage_is_one_sentence(project: Path) -> None:
    with pytest.raises(potstill.InputError, match=r"no stage 'verfy' \(did you mean 'verify'\?\)"):
        potstill.run("recipe.yaml", again="verfy")
    with pytest.raises(potstill.InputError, match="no stage 'label'"):
        potstill.run("recipe.yaml", again="label")  # the recipe has none


def test_a_dataset_with_responses_is_audited_without_a_teacher(
    project: Path, edit: Callable[[str, str], None], teacher
) -> None:
    rows = [
        {"question": "What is 2 + 2?", "gold": 4, "reply": "<think>2+2</think>\\boxed{4}"},
        {"question": "What is 2 + 3?", "gold": 5, "reply": "It is \\boxed{6}"},
        {"question": "What is 2 + 4?", "gold": 6, "reply": None},
    ]
    (project / "problems.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    text = (project / "recipe.yaml").read_text()
    start, end = text.index("distil:"), text.index("verify:")
    (project / "recipe.yaml").write_text(text[:start] + text[end:])
    edit("reference_answer: gold}", "reference_answer: gold, response: reply}")
    asked = teacher.stats()["requests"]
    run = potstill.run("recipe.yaml")
    books = {stage.stage: stage.accounts[0] for stage in run.status().stages}
    assert books["responses"].dropped == {"no_response": 1}
    assert books["verify"].tally == {"fail": 1, "pass": 1}
    assert teacher.stats()["requests"] == asked
    steps = run.why("problems:problems.jsonl:1")[0].steps
    assert any("came with the row" in step.text for step in steps)


def test_a_dataset_that_was_deleted_is_written_again(project: Path, teacher) -> None:
    run = potstill.run("recipe.yaml")
    before, asked = digests(run.directory), teacher.stats()["requests"]
    shutil.rmtree(run.directory / "08-export" / "messages" / "jsonl")
    heard: list[Event] = []
    potstill.run("recipe.yaml", listener=heard.append)
    (started,) = [event for event in heard if event["event"] == "stage_started"]
    assert started["why"] == "messages/jsonl/train-00000.jsonl is missing"
    assert digests(run.directory) == before
    assert teacher.stats()["requests"] == asked
