"""What is said before anything is paid: references that lack, keys that are not set, switches."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import potstill
from potstill import registry
from potstill.cli import main
from potstill.pipeline.cautions import is_needy
from potstill.storage.events import Event

Edit = Callable[[str, str], None]
NONE = "0 of 40 problems have a reference: math will be undecided for all of them"


def command(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["potstill", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code


def without_references(project: Path, keep: int = 0) -> None:
    """Take the reference off every row after the first `keep`."""
    path = project / "problems.jsonl"
    lines = path.read_text().splitlines()
    for i, line in enumerate(lines):
        if line.startswith("{") and i >= keep:
            row = json.loads(line)
            row["gold"] = None
            lines[i] = json.dumps(row)
    path.write_text("\n".join(lines) + "\n")


def test_the_verifiers_of_today_need_a_reference() -> None:
    for name in registry.names("verifiers"):
        assert is_needy(registry.load("verifiers", name))
    assert not is_needy(print)


def test_a_plan_says_that_no_problem_has_a_reference(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without_references(project)
    assert potstill.plan("recipe.yaml").cautions == (NONE,)
    command("plan", "recipe.yaml", monkeypatch=monkeypatch)
    assert f"caution   {NONE}\n" in capsys.readouterr().out


def test_only_problems_that_the_condition_may_select_are_counted(project: Path, edit: Edit) -> None:
    without_references(project, keep=1)
    (caution,) = potstill.plan("recipe.yaml").cautions
    assert caution == ("1 of 40 problems has a reference: math will be undecided for the other 39")
    edit("where: \"category = 'math'\"", "where: \"has_reference and ending = 'ok'\"")
    assert potstill.plan("recipe.yaml").cautions == ()


def test_a_run_says_so_before_the_first_request(project: Path, teacher) -> None:
    without_references(project)
    told, before = list[tuple[str, int]](), teacher.stats()["requests"]

    def listen(event: Event) -> None:
        if event["event"] == "caution":
            told.append((str(event["text"]), teacher.stats()["requests"]))

    run = potstill.run("recipe.yaml", listener=listen)
    assert told == [(NONE, before)]
    (account,) = next(s for s in run.status().stages if s.stage == "verify").accounts
    assert account.tally == {"undecided": 80}
    assert account.reasons == {"undecided": {"no_reference": 80}}
    told.clear()
    potstill.run("recipe.yaml", listener=listen)  # nothing is asked any more
    assert told == []


def test_every_problem_with_a_reference_is_no_caution(project: Path) -> None:
    events = list[Event]()
    potstill.run("recipe.yaml", listener=events.append)
    assert "caution" not in {event["event"] for event in events}
    assert potstill.plan("recipe.yaml").cautions == ()


def test_a_key_that_is_not_set_is_told_before_the_first_stage(
    project: Path, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit("max_in_flight: 4", "max_in_flight: 4, key_env: SOME_KEY")
    monkeypatch.delenv("SOME_KEY", raising=False)
    sentence = "the environment variable SOME_KEY, which holds the key of 'scripted', is not set"
    for start in (potstill.run, potstill.preview):
        with pytest.raises(potstill.InputError, match=sentence):
            start("recipe.yaml")
    assert not (project / "runs").exists()
    assert potstill.plan("recipe.yaml").cautions == (sentence,)
    monkeypatch.setenv("SOME_KEY", "secret")
    assert potstill.plan("recipe.yaml").cautions == ()
    potstill.run("recipe.yaml")
    monkeypatch.delenv("SOME_KEY")
    edit("- {use: repetition}", "- {use: length, max_answer_chars: 1}")
    potstill.run("recipe.yaml")  # which asks nobody


def test_a_teacher_without_a_switch_is_not_told_that_reasoning_is_off(
    project: Path, edit: Edit
) -> None:
    edit("samples: 2", "samples: 2\n  reasoning: 'off'")
    (caution,) = potstill.plan("recipe.yaml").cautions
    assert caution.startswith("scripted is not told that reasoning is off")
    edit("max_in_flight: 4", "max_in_flight: 4, thinking_switch: chat_template_kwargs")
    assert potstill.plan("recipe.yaml").cautions == ()


def test_problems_that_no_teacher_gets_are_counted_before_the_run(
    project: Path, edit: Edit
) -> None:
    edit("max_in_flight: 4", "max_in_flight: 4, where: 'line <= 30'")
    (caution,) = potstill.plan("recipe.yaml").cautions
    events = list[Event]()
    run = potstill.run("recipe.yaml", listener=events.append)
    assert [event["text"] for event in events if event["event"] == "caution"] == [caution]
    lost = run.status().stages[3].accounts[0].dropped["no_teacher"]
    assert caution == (
        f"{lost} of 40 problems are for no teacher: they will be dropped as no_teacher"
    )


def test_a_teacher_that_no_problem_is_for_is_named(project: Path, edit: Edit, teacher) -> None:
    other = f"    - {{model: idle, base_url: '{teacher.base_url}', where: \"category = 'code'\"}}"
    edit("verify:\n", f"{other}\nverify:\n")
    assert potstill.plan("recipe.yaml").cautions == (
        "idle will not be asked: its `where` selects none of the 40 problems",
    )


def test_a_plan_names_each_address_and_what_the_journal_knows(
    project: Path,
    edit: Edit,
    teacher,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    potstill.run("recipe.yaml")
    long = f"http://{'a' * 60}.example.org/v1"
    edit(teacher.base_url, long)
    command("plan", "recipe.yaml", monkeypatch=monkeypatch)
    out = capsys.readouterr().out
    assert f"teacher   scripted at {long}\n" in out
    assert "answers in the journal are those of a teacher with the same `model`" in out


def test_a_run_from_a_stage_says_who_asked_for_it(project: Path) -> None:
    potstill.run("recipe.yaml")
    events = list[Event]()
    potstill.run("recipe.yaml", again="verify", listener=events.append)
    why = {e["stage"]: e["why"] for e in events if e["event"] == "stage_started"}
    assert why == dict.fromkeys(["verify", "filter", "export"], "done again, from verify on")


def test_who_does_not_answer_had_something_to_ask(project: Path, edit: Edit, teacher) -> None:
    edit(teacher.base_url, "http://127.0.0.1:9/v1")
    events = list[Event]()
    with pytest.raises(potstill.EndpointError, match="not answer: 127.0.0.1:9: Connection refused"):
        potstill.run("recipe.yaml", listener=events.append)
    assert "asked" not in {event["event"] for event in events}


OWN = """
def broken(problem, response):
    raise ValueError("never")
"""


def test_a_verifier_that_always_fails_is_seen_in_the_summary(
    project: Path,
    edit: Edit,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (project / "own.py").write_text(OWN)
    edit("{use: math, where: \"category = 'math'\"}", "{use: 'own.py:broken'}")
    command("run", "recipe.yaml", "--allow-code", "--quiet", monkeypatch=monkeypatch)
    assert "verdicts  pass 0, fail 0, undecided 80\nundecided error 80\n" in capsys.readouterr().out
