"""What became of one row: every stage, every reason, and nothing of another row."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import potstill
from potstill.models.script import Script
from potstill.models.scripted import Scripted

RECIPE = """
name: story
sources:
  - {{path: problems.jsonl, map: {{problem: q, reference_answer: a}}, set: {{category: math}}}}
dedup: [{{use: exact}}]
distil:
  samples: 2
  teachers: [{{model: m, base_url: "{base_url}"}}]
verify: [{{use: math}}]
filter: [{{use: format, think: "required"}}]
export: [{{use: messages, when: "outcome = 'pass'"}}]
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[potstill.Run]:
    """A run over four rows: one is not JSON, one a duplicate; the teacher fails on some calls."""
    import asyncio
    import threading

    folder = tmp_path_factory.mktemp("why")
    rows = [{"q": "1 + 1?", "a": "2"}, None, {"q": "1 + 1?", "a": "2"}, {"q": "2 + 2?", "a": "5"}]
    lines = [json.dumps(row) if row else "no json" for row in rows]
    (folder / "problems.jsonl").write_text("\n".join(lines) + "\n")
    script = Script(answers={"1 + 1?": "2", "2 + 2?": "4"}, faults={"bad_request": 0.3})
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> Scripted:
        return await Scripted(script).__aenter__()

    server = asyncio.run_coroutine_threadsafe(start(), loop).result()
    (folder / "recipe.yaml").write_text(RECIPE.format(base_url=server.base_url))
    yield potstill.run(folder / "recipe.yaml", out=folder / "run")
    asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def texts(run: potstill.Run, wanted: str) -> list[str]:
    (story,) = run.why(wanted)
    return [f"{step.stage}: {step.text}" for step in story.steps]


def test_a_row_that_can_not_be_read_shows_its_text(run: potstill.Run) -> None:
    (story,) = run.why("problems:problems.jsonl:2")
    assert [step.text for step in story.steps] == ["dropped by jsonl: not_json"]
    assert story.steps[0].details["row"] == "no json"


def test_a_duplicate_names_the_row_that_it_repeats(run: potstill.Run) -> None:
    (story,) = run.why("problems:problems.jsonl:3")
    assert story.steps[-1].text == "dropped by exact: duplicate"
    assert story.steps[-1].details["of"] == "problems:problems.jsonl:1"


def test_every_call_of_a_row_is_told(run: potstill.Run) -> None:
    told = texts(run, "problems:problems.jsonl:1") + texts(run, "problems:problems.jsonl:4")
    calls = [text for text in told if text.startswith("distil: m ")]
    (distil,) = (each for each in run.status().stages if each.stage == "distil")
    account = distil.accounts[1]
    assert len(calls) == account.entered == 4
    assert sum("gave no answer" in text for text in calls) == account.dropped.get("bad_request", 0)


def test_the_prompt_is_shown_as_sent(run: potstill.Run) -> None:
    (story,) = run.why("problems:problems.jsonl:4")
    (sent, *_) = [s.details["sent"] for s in story.steps if "sent" in s.details]
    assert json.loads(sent)["messages"] == [{"role": "user", "content": "2 + 2?"}]


def test_a_problem_and_a_response_are_found_by_a_prefix(run: potstill.Run) -> None:
    (whole,) = run.why("problems:problems.jsonl:1")
    problem = whole.steps[0].text.split()[-1]
    assert {story.row_id for story in run.why(problem[:12])} == {
        "problems:problems.jsonl:1",
        "problems:problems.jsonl:3",
    }
    (response,) = [
        s.text.split()[1] for s in whole.steps if s.text.endswith("written to messages")
    ][:1]
    one = texts(run, response[:12])
    assert all(response in text for text in one if text.split(":")[0] in ("verify", "export"))


def test_a_row_is_found_by_the_end_of_its_id(run: potstill.Run) -> None:
    for end in ("problems.jsonl:2", "2"):
        (story,) = run.why(end)
        assert story.row_id == "problems:problems.jsonl:2"
    with pytest.raises(potstill.InputError, match="'roblems.jsonl:2'"):
        run.why("roblems.jsonl:2")


def test_a_story_reads_as_text_without_what_is_unknown(run: potstill.Run) -> None:
    (story,) = run.why("problems:problems.jsonl:3")
    first, second, *rest = str(story).splitlines()
    assert first == "problems:problems.jsonl:3"
    assert second.startswith("        gather  read from problems.jsonl line 3 as problem ")
    assert rest[:2] == [" " * 16 + "user: 1 + 1?", " " * 16 + "reference answer: 2"]
    assert "None" not in str(story)
    odd = potstill.Story(row_id="a\x1b[31m", steps=())
    assert str(odd) == "a\\x1b[31m"


def test_an_id_that_is_not_there_or_not_unique_is_one_sentence(run: potstill.Run) -> None:
    with pytest.raises(potstill.InputError, match="'zzz'"):
        run.why("zzz")
    with pytest.raises(potstill.InputError, match="4 ids are like 'problems:'"):
        run.why("problems:")


def test_a_folder_that_is_no_run_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(potstill.InputError, match="no run directory"):
        potstill.why(tmp_path, "x")
    with pytest.raises(potstill.InputError, match="no run directory"):
        potstill.status(tmp_path)
