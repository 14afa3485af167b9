"""`plan` says what `run` then does, asks nobody, and leaves nothing behind."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import potstill
from potstill.cli import main
from potstill.pipeline import scratch
from potstill.recipe.conditions import Condition
from potstill.storage.events import Event

Edit = Callable[[str, str], None]
PLANNED = 40 * 2
EARLY = ["gather", "dedup", "decontaminate"]
LATE = ["distil", "verify", "filter", "export"]


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder, with its size and the time of its last change."""
    files = [p for p in folder.rglob("*") if not p.name.endswith(("-shm", "-wal"))]
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in files
        if path.is_file()
    }


def due(plan: potstill.Plan) -> dict[str, str | None]:
    return {stage.stage: stage.due for stage in plan.stages}


def test_a_plan_before_the_first_run_asks_nobody_and_leaves_nothing(project: Path, teacher) -> None:
    before, requests = tree(project), teacher.stats()["requests"]
    plan = potstill.plan("recipe.yaml")
    assert tree(project) == before
    assert not (project / "runs").exists()
    assert teacher.stats()["requests"] == requests
    assert due(plan) == dict.fromkeys([*EARLY, *LATE], "not complete")
    (source,) = plan.sources
    assert (source.read, source.kept) == (44, 40)
    assert source.dropped == {"contaminated": 1, "duplicate": 1, "empty_prompt": 1, "not_json": 1}
    (calls,) = plan.teachers
    assert (calls.calls, calls.journaled, calls.to_ask) == (PLANNED, 0, PLANNED)
    assert calls.most_completion_tokens == PLANNED * 4096
    assert 0 < calls.estimated_prompt_tokens < calls.prompt_characters
    assert [(v.use, v.where, v.at_most) for v in plan.verifiers] == [
        ("math", "category = 'math'", PLANNED)
    ]
    assert [e.name for e in plan.exports] == ["messages", "am-1.4m"]
    assert (plan.directory, plan.journal) == ("runs/words", "runs/journal/calls.sqlite3")


def test_what_is_planned_is_what_happens(project: Path) -> None:
    planned = {s.stage: s.account for s in potstill.plan("recipe.yaml").stages if s.account}
    done = {s.stage: s.accounts[0] for s in potstill.run("recipe.yaml").status().stages}
    assert list(planned) == EARLY
    assert planned == {stage: done[stage] for stage in EARLY}


def test_a_plan_after_a_run_finds_everything_done(project: Path) -> None:
    potstill.run("recipe.yaml")
    before, events = tree(project), list[Event]()
    plan = potstill.plan("recipe.yaml", listener=events.append)
    assert tree(project) == before
    assert due(plan) == dict.fromkeys([*EARLY, *LATE])
    assert all(stage.account for stage in plan.stages)
    assert (plan.teachers[0].journaled, plan.teachers[0].to_ask) == (PLANNED, 0)
    assert plan.teachers[0].estimated_prompt_tokens == 0
    assert {event["event"] for event in events} == {"stage_skipped"}


def test_a_changed_recipe_says_what_runs_again_and_why(project: Path, edit: Edit) -> None:
    potstill.run("recipe.yaml")
    before = tree(project / "runs")
    edit("samples: 2", "samples: 3")
    edit("threshold: 0.8", "threshold: 0.9")
    plan = potstill.plan("recipe.yaml")
    assert tree(project / "runs") == before
    assert due(plan) == {
        "gather": None,
        "dedup": "its settings changed: dedup.1.threshold was 0.8, is 0.9",
        "decontaminate": None,
        "distil": "its settings changed: distil.samples was 2, is 3",
        "verify": "if the rows of distil change",
        "filter": "if the rows of distil change",
        "export": "if the rows of distil change",
    }
    assert (plan.teachers[0].calls, plan.teachers[0].to_ask) == (120, 40)


@pytest.mark.parametrize(
    ("where", "at_most"),
    [
        ("sample = 0", PLANNED // 2),
        ("sample = 0 and ending = 'ok'", PLANNED // 2),
        ("(category = 'code' and ending = 'ok')", 0),
        ("category = 'code' or ending = 'ok'", PLANNED),
        ("teacher = 'scripted' and reasoning = 'on' and has_think", PLANNED),
        ("language is null and not has_reference", 0),
    ],
)
def test_a_verifier_covers_at_most_what_its_condition_leaves(
    project: Path, edit: Edit, where: str, at_most: int
) -> None:
    edit("where: \"category = 'math'\"", f'where: "{where}"')
    assert potstill.plan("recipe.yaml").verifiers[0].at_most == at_most


def test_the_known_part_of_a_condition_holds_wherever_it_does() -> None:
    condition = Condition("(line = 1 or true) and ending = 'ok' and line > 3")
    part = condition.known_part({"line"})
    assert part is not None
    assert part.evaluate({"line": 4}) is True
    assert part.evaluate({"line": 3}) is False
    assert condition.known_part({"source"}) is None


def test_rows_go_to_the_source_whose_name_is_longest(project: Path, edit: Edit) -> None:
    rows = [{"gold": 1}, {"gold": "What is the sum of 2 and 2?"}, {"gold": 3}]
    (project / "mixed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    edit(
        "sources:",
        "sources:\n"
        "  - {use: jsonl, path: mixed.jsonl, name: a, map: {problem: gold}}\n"
        "  - {use: jsonl, path: mixed.jsonl, name: 'a:b', map: {problem: gold}}",
    )
    plan = potstill.plan("recipe.yaml", limit=3)
    assert [(s.source, s.read, s.dropped) for s in plan.sources] == [
        ("a", 3, {"wrong_type": 2}),
        ("a:b", 3, {"duplicate": 1, "wrong_type": 2}),
        ("problems", 3, {}),
    ]


def test_a_recipe_without_teachers_plans_no_calls(project: Path) -> None:
    rows = [{"question": "1 + 1 = ?", "gold": 2, "answer": "2"}, {"question": "2 + 2 = ?"}]
    (project / "given.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (project / "audit.yaml").write_text(
        "name: audit\n"
        "sources: [{use: jsonl, path: given.jsonl, "
        "map: {problem: question, reference_answer: gold, response: answer}}]\n"
        "verify: [{use: math}]\n"
    )
    plan = potstill.plan("audit.yaml")
    assert plan.teachers == ()
    assert plan.verifiers[0].at_most == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, potstill.RunError])
def test_the_temporary_directory_goes_also_when_something_stops_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    before, seen = tree(project), list[Path]()

    def stop(event: Event) -> None:
        if event["event"] == "stage_started" and event["stage"] == "dedup":
            seen.extend(project.glob(".words.*"))
            raise error

    with pytest.raises(error):
        potstill.plan("recipe.yaml", listener=stop)
    assert len(seen) == 1
    assert tree(project) == before
    assert not seen[0].exists()


def test_where_links_are_impossible_stages_are_copied(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    potstill.run("recipe.yaml")
    monkeypatch.setattr(scratch.os, "link", refuse)
    assert due(potstill.plan("recipe.yaml")) == dict.fromkeys([*EARLY, *LATE])


def test_a_part_that_is_gone_is_planned_to_be_made_again(project: Path) -> None:
    done = potstill.run("recipe.yaml")
    (done.directory / "02-dedup" / "part-00000.parquet").unlink()
    assert due(potstill.plan("recipe.yaml"))["dedup"] == "part-00000.parquet is missing"


def command(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["potstill", *arguments])
    with pytest.raises(SystemExit) as exit:
        main()
    return int(exit.value.code or 0)


def test_the_command_shows_it_and_what_to_do_next(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--set", "distil.samples=3", "--limit", "20", "--out", "a b"]
    assert command("plan", "recipe.yaml", *given, monkeypatch=monkeypatch) == 0
    out = capsys.readouterr().out
    for text in ("problems", "would run: not complete", "scripted", "at most"):
        assert text in out
    assert out.splitlines()[-1].removeprefix("next      ") == (
        "potstill run recipe.yaml --set distil.samples=3 --limit 20 --out 'a b' --preview 5"
    )
    assert not (project / "a b").exists()


def test_the_command_prints_json(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("plan", "recipe.yaml", "--json", monkeypatch=monkeypatch) == 0
    found = potstill.Plan.model_validate_json(capsys.readouterr().out)
    assert found == potstill.plan("recipe.yaml")
