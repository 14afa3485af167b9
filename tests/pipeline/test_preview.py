"""A preview pays for a few rows once, shows them, and asks before the rest is paid."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import potstill
from potstill.pipeline.preview import spread
from potstill.records import Message, Problem
from potstill.report.progress.text import sentence
from potstill.storage.events import Event

Edit = Callable[[str, str], None]
Potstill = Callable[..., tuple[int, str, str]]
PLANNED = 40 * 2


@pytest.fixture
def run_command(type_command: Potstill) -> Potstill:
    """Type `potstill run recipe.yaml ...`."""
    return partial(type_command, "run")


def test_a_preview_shows_what_was_sent_and_what_came_of_it(project: Path, teacher) -> None:
    requests = teacher.stats()["requests"]
    found = potstill.preview("recipe.yaml", rows=3)
    assert teacher.stats()["requests"] == requests + 6
    assert len(found.rows) == 6
    assert len({row.sample.problem.id for row in found.rows}) == 3
    for row in found.rows:
        assert row.prompt[-1].content.endswith("Put the answer in \\boxed{}.")
        assert row.sample.outcome in ("pass", "fail")
        exported = row.sample.outcome == "pass"
        wanted = "exported to messages, am-1.4m" if exported else "in no dataset (not_selected)"
        assert row.destination == wanted
    assert found.left == PLANNED - 6


def test_only_the_journal_stays(project: Path) -> None:
    potstill.preview("recipe.yaml", rows=1)
    files = (p for p in (project / "runs").rglob("*") if p.is_file())
    made = {p.name for p in files if p.parent.name != "calls.sqlite3-claims"}
    assert made == {"calls.sqlite3", ".lock"}
    assert not [*project.glob("runs/.*")]


def test_what_the_preview_asked_is_not_asked_again(project: Path, teacher) -> None:
    before = teacher.stats()["requests"]
    potstill.preview("recipe.yaml", rows=5)
    potstill.preview("recipe.yaml", rows=5)
    assert teacher.stats()["requests"] == before + 10
    done = potstill.run("recipe.yaml")
    assert teacher.stats()["requests"] == before + PLANNED
    assert done.status().state == "complete"


@pytest.fixture
def refusing(project: Path, edit: Edit) -> Iterator[None]:
    """Ask a teacher that takes no request."""
    command = [sys.executable, "-m", "potstill", "serve-scripted", "--port", "0"]
    command += ["--fault", "bad_request", "1"]
    good = (project / "recipe.yaml").read_text().split('base_url: "')[1].split('"')[0]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        edit(good, server.stdout.readline().split()[-1])
        yield
        server.terminate()


def test_a_problem_without_an_answer_is_shown(run_command: Potstill, refusing: None) -> None:
    found = potstill.preview("recipe.yaml", rows=2)
    assert found.rows == ()
    assert [drop.evidence for drop in found.unanswered] == [{"endings": {"bad_request": 2}}] * 2
    code, out, _ = run_command("--preview", "2")
    assert code == 0
    assert out.count("dropped  by distil: distil: no_response") == 2
    assert "preview   0 responses" in out


def test_a_preview_of_a_run_at_work_is_refused(project: Path) -> None:
    from filelock import FileLock

    (project / "runs" / "words").mkdir(parents=True)
    with (
        FileLock(project / "runs" / "words" / ".lock"),
        pytest.raises(potstill.RunError, match="another process is running"),
    ):
        potstill.preview("recipe.yaml")


def test_no_goes_no_further(run_command: Potstill, project: Path) -> None:
    code, out, err = run_command("--preview", "2", typed="n\n")
    assert code == 0
    assert f"go on with the remaining {PLANNED - 4} calls? [y/N]" in err
    assert "The answer is \\boxed{" in out
    assert err.endswith(
        "4 answers are kept in the journal; the same command without --preview goes on\n"
    )
    assert not (project / "runs" / "words" / "recipe.yaml").exists()


@pytest.mark.parametrize(("option", "typed"), [([], "y\n"), (["--yes"], None)])
def test_yes_goes_on(run_command: Potstill, teacher, option: list[str], typed: str | None) -> None:
    before = teacher.stats()["requests"]
    code, out, _ = run_command("--preview", "2", *option, typed=typed)
    assert code == 0
    assert "words: complete" in out
    assert teacher.stats()["requests"] == before + PLANNED


def test_without_a_terminal_it_stops_after_the_preview(run_command: Potstill, teacher) -> None:
    before = teacher.stats()["requests"]
    code, out, err = run_command("--preview", "2")
    assert code == 0
    assert "--yes goes on" in err
    assert "4 answers are kept in the journal" in err
    assert "words: complete" not in out
    assert teacher.stats()["requests"] == before + 4


def test_quiet_shows_the_preview_and_nothing_else(run_command: Potstill) -> None:
    code, out, err = run_command("--preview", "1", "--quiet", "--yes")
    assert (code, err) == (0, "")
    assert "preview   2 responses" in out


def test_a_recipe_that_asks_nobody_has_no_preview(project: Path) -> None:
    (project / "audit.yaml").write_text(
        "name: audit\nsources: [{use: jsonl, path: problems.jsonl, map: {problem: question}}]\n"
    )
    with pytest.raises(potstill.InputError, match="no `distil`"):
        potstill.preview("audit.yaml")


def test_each_first_prompt_is_told_before_anything_is_sent(
    project: Path, edit: Edit, teacher
) -> None:
    requests, told = teacher.stats()["requests"], list[tuple[int, str]]()
    edit(
        'prompt: "{problem}\\nPut the answer in \\\\boxed{}."',
        "reasoning: both\n  prompt:\n"
        "    - {template: 'first {problem}', where: 'line < 20'}\n"
        "    - {template: 'second {problem}'}",
    )
    edit("max_in_flight: 4", "max_in_flight: 1, thinking_switch: chat_template_kwargs")
    lines = list[str]()

    def listen(event: Event) -> None:
        if event["event"] == "prompt":
            lines.append(str(sentence(event)).partition("\n")[0])
            sent = teacher.stats()["requests"] - requests
            told.append((sent, json.dumps(event["messages"])))

    potstill.run("recipe.yaml", listener=listen)
    assert [text.partition('"content": "')[2].split()[0] for _, text in told] == [
        *["first"] * 2,  # once for each reasoning mode
        *["second"] * 2,
    ]
    assert told[0][0] == 0
    assert lines == [
        f"first prompt to scripted, reasoning {mode}, template {at} of 2:"
        for at in (1, 2)
        for mode in ("on", "off")
    ]
    assert told[1][0] == 2  # the second mode's first prompt, after both samples of the first


def problem(source: str, category: str | None, line: int) -> Problem:
    message = Message(role="user", content=str(line))
    return Problem(source=source, file="f", line=line, category=category, messages=(message,))


def test_a_preview_takes_turns_between_sources_and_categories() -> None:
    rows = [problem("big", "math", i) for i in range(100)]
    rows += [problem("big", "code", i) for i in range(100, 103)]
    rows += [problem("small", None, 7)]
    chosen = [(p.source, p.category) for p in spread(rows, 5)]
    assert sorted(chosen, key=str) == [
        ("big", "code"),
        ("big", "code"),
        ("big", "math"),
        ("big", "math"),
        ("small", None),
    ]
    assert {p.source for p in spread(rows, 2)} == {"big", "small"}


rows_of_any_kind = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from([None, *"pqrstuvw"])), max_size=40
)


@given(rows_of_any_kind, st.integers(1, 6))
def test_a_spread_is_in_order_whole_and_the_same_each_time(
    kinds: list[tuple[str, str | None]], count: int
) -> None:
    rows = [problem(source, category, i) for i, (source, category) in enumerate(kinds)]
    chosen = spread(rows, count)
    assert len(chosen) == min(count, len(rows))
    assert [rows.index(each) for each in chosen] == sorted(rows.index(each) for each in chosen)
    assert spread(iter(rows), count) == chosen
    categories = {row.category for row in rows}
    if len({row.source for row in rows}) == 1:
        assert len({each.category for each in chosen}) == min(count, len(categories))
