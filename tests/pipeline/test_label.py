"""The line with labelers: what later stages see of labels, and what a person is told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import potstill
from potstill.records import Problem
from potstill.storage.events import Event
from potstill.storage.manifest import read_manifest
from potstill.storage.parts import read_parts

LABEL = """
label:
  - {use: language, overwrite: true}
  - {use: category}
distil:"""
BROKEN = "def broken(problem, /):\n    raise ValueError('no idea')\n"


@pytest.fixture
def labelled(project: Path, edit: Callable[[str, str], None]) -> Path:
    """The project, with labelers instead of a source that says what its problems are."""
    edit("\n     set: {category: math}}", "}")
    edit("\ndistil:", LABEL)
    return project


def run(**options: object) -> tuple[potstill.Run, list[Event]]:
    events: list[Event] = []
    done = potstill.run("recipe.yaml", listener=events.append, **options)  # type: ignore[arg-type]
    return done, events


def asked(events: list[Event]) -> int:
    return sum(int(str(event["requests"])) for event in events if event["event"] == "asked")


def problems(done: potstill.Run) -> list[Problem]:
    folder = done.directory / "04-label"
    manifest = read_manifest(folder)
    assert manifest is not None
    return list(read_parts(folder, manifest.parts, Problem))


def test_labels_fill_fields_that_later_stages_see(labelled: Path, edit) -> None:
    edit("when: \"outcome = 'pass'\"", "when: \"outcome = 'pass' and category = 'math'\"")
    done, _ = run()
    rows = problems(done)
    assert {(row.category, row.language) for row in rows} == {("math", "en")}
    assert {tuple(label.origin for label in row.labels) for row in rows} == {
        ("language", "category")
    }
    books = {stage.stage: stage.accounts for stage in done.status().stages}
    assert books["label"][0].entered == books["label"][0].kept == len(rows) == 40
    assert books["export"][1].kept == books["verify"][0].tally["pass"]


def test_a_changed_labeler_asks_no_model_again(labelled: Path, edit) -> None:
    run()
    edit("{use: category}", '{use: category, where: "line > 10"}')
    _, events = run()
    ran = [event["stage"] for event in events if event["event"] == "stage_started"]
    assert ran[:2] == ["label", "distil"]
    assert asked(events) == 0


def test_why_tells_the_labels(labelled: Path) -> None:
    done, _ = run()
    (story,) = done.why(problems(done)[0].row_id)
    (step,) = [step for step in story.steps if step.stage == "label"]
    assert step.text.startswith("language en by language (")
    assert step.text.endswith("), category math by category (0.99)")


def test_a_labeler_that_fails_leaves_the_line_whole(labelled: Path, edit) -> None:
    (labelled / "mine.py").write_text(BROKEN)
    edit("{use: category}", "{use: mine.py:broken}")
    done, _ = run(allow_code=True)
    status = done.status()
    (stage,) = [stage for stage in status.stages if stage.stage == "label"]
    assert (stage.accounts[0].kept, stage.totals) == (40, {"label_failed": 40})
    (story,) = done.why(problems(done)[0].row_id)
    (step,) = [step for step in story.steps if step.stage == "label"]
    assert step.text.endswith("mine.py:broken failed")
    assert "ValueError: no idea" in json.dumps(step.details)
    assert story.steps[-1].stage == "export"
    assert status.dropped is not None
    assert status.dropped not in {row.row_id for row in problems(done)}
