"""A verifier that checks references: once for a problem, before its responses are judged."""

from collections.abc import Callable
from pathlib import Path

import pytest

import potstill
from potstill.protocols import checks_reference
from potstill.records import Problem, Response, Sample, Verdict
from potstill.stages.references import checked

PLUGIN = '''
from pathlib import Path
from potstill import Verdict
from potstill.protocols import checks_reference

def no_number(problem):
    """Note each call, fail on one reference, and want digits."""
    with open(Path(__file__).with_name("calls"), "a") as calls:
        calls.write(f"{problem.reference_answer}\\n")
    if problem.reference_answer == "boom":
        raise ValueError("a reference like no other")
    return None if problem.reference_answer.isdigit() else "is no number"

@checks_reference(no_number)
def digits(problem, response, *, strict: bool = True) -> Verdict:
    """Compare numbers."""
    same = problem.reference_answer == response.answer
    return Verdict(outcome="pass" if same else "fail", reason="compared")

def lenient(problem, response) -> Verdict:
    """Take everything for right."""
    return Verdict(outcome="pass", reason="lenient")
'''

RECIPE = """
name: checked
sources:
  - {path: rows.jsonl, map: {problem: q, reference_answer: a, response: r}}
decontaminate: off
verify: [{use: plugin.py:digits}%s]
export: [{use: messages, when: "%s"}]
engine: {use: local, workers: 1}
"""


@pytest.fixture
def verified(tmp_path: Path) -> Callable[..., potstill.Run]:
    """Verify rows of question, reference and responses by a recipe of one worker."""

    def verified(rows: str, more: str = "", when: str = "outcome = 'pass'") -> potstill.Run:
        (tmp_path / "plugin.py").write_text(PLUGIN)
        (tmp_path / "rows.jsonl").write_text(rows)
        (tmp_path / "recipe.yaml").write_text(RECIPE % (more, when))
        return potstill.run(tmp_path / "recipe.yaml", out=tmp_path / "run", allow_code=True)

    return verified


ROWS = """\
{"q": "1 + 1 = ?", "a": "2", "r": "2"}
{"q": "Name a number.", "a": "a two", "r": "2"}
{"q": "Name another.", "a": "boom", "r": "2"}
"""


def test_an_unusable_reference_leaves_a_verdict_with_the_reason(verified) -> None:
    run = verified(ROWS)
    good, unusable, failed = run.rows()
    assert (good.outcome, good.verdict.reason) == ("pass", "compared")
    assert (unusable.outcome, unusable.verdict.reason) == ("undecided", "reference_unusable")
    assert unusable.verdict.evidence == {"reference": "a two", "why": "is no number"}
    assert unusable.verdict.verifier.endswith("plugin.py:digits")
    assert (failed.outcome, failed.verdict.reason) == ("undecided", "error")
    assert "a reference like no other" in failed.verdict.evidence["detail"]
    stage = next(stage for stage in run.status().stages if stage.stage == "verify")
    assert list(stage.totals.values()) == [1]
    assert list(stage.totals)[0].startswith("reference_unusable:")
    assert stage.accounts[0].reasons["undecided"] == {"error": 1, "reference_unusable": 1}
    assert "why: is no number" in str(run.why(unusable.problem.row_id)[0])


def test_the_next_verifier_may_decide_and_conditions_still_see_it(verified) -> None:
    run = verified(ROWS, ", {use: plugin.py:lenient}", "not reference_unusable")
    assert [row.outcome for row in run.rows()] == ["pass"] * 3
    assert len(list(run.rows("reference_unusable"))) == 1
    assert len(list(run.rows("reason = 'lenient'"))) == 2
    assert len(list(run.rows(stage="export"))) == 2


def test_the_card_and_the_status_tell_of_it(verified, capsys: pytest.CaptureFixture) -> None:
    from potstill.cli.summary import show_status

    run = verified(ROWS)
    show_status(run.status())
    assert "digits can't use the reference of 1 problem\n" in capsys.readouterr().out
    card = (run.directory / "08-export/messages/README.md").read_text()
    assert "can't use the reference of 1 problem." in card


def test_a_reference_is_looked_at_once_for_all_responses(make_sample) -> None:
    seen: list[str] = []

    def check(problem: Problem) -> str | None:
        seen.append(problem.row_id)
        return None

    @checks_reference(check)
    def verifier(problem: Problem, response: Response) -> Verdict:
        return Verdict(outcome="pass", reason="x")

    judge = checked(verifier)
    first: Sample = make_sample("1 + 1 = ?")
    second = make_sample("1 + 2 = ?")
    other = second.problem.model_copy(update={"row_id": "school:b.jsonl:1"})
    for problem in (first.problem, first.problem, other, other, first.problem):
        assert judge(problem, first.response).outcome == "pass"
    assert seen == [first.problem.row_id, other.row_id, first.problem.row_id]


def test_a_verifier_without_a_check_is_left_as_it_is() -> None:
    def verifier(problem: Problem, response: Response) -> Verdict:
        return Verdict(outcome="pass", reason="x")

    assert checked(verifier) is verifier


def test_one_response_is_judged_as_in_a_run(tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text(PLUGIN)
    use = f"{tmp_path / 'plugin.py'}:digits"
    verdict = potstill.verify("2", use=use, reference="two", allow_code=True)
    assert (verdict.outcome, verdict.reason) == ("undecided", "reference_unusable")
    assert potstill.verify("2", use=use, reference="2", allow_code=True).outcome == "pass"
