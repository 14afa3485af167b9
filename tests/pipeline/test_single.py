"""Verifiers and filters as plain functions of text."""

from collections.abc import Callable
from pathlib import Path

import pytest

import potstill


def test_a_response_is_verified_without_its_thinking() -> None:
    verdict = potstill.verify("<think>\\boxed{41}?</think>It is \\boxed{42}.", reference="42")
    assert (verdict.outcome, verdict.reason, verdict.verifier) == ("pass", "equal", "math")
    assert potstill.verify("41", reference="42").outcome == "fail"
    assert potstill.verify("41").reason == "no_reference"


def test_a_verifier_is_chosen_by_name() -> None:
    assert potstill.verify("The answer is (B).", use="choice", reference="B").outcome == "pass"


def test_a_filter_says_why_or_nothing() -> None:
    assert potstill.reject("Fine.", use="length") is None
    found = potstill.reject("Far too long.", use="length", max_answer_chars=3)
    assert repr(found) == "Rejection('too_long', answer_chars=13, most=3)"
    found = potstill.reject("<think>A long one.</think>4", use="length", max_think_chars=3)
    assert found is not None
    assert found.reason == "too_long"


def test_a_function_is_used_as_it_is() -> None:
    def says(problem: potstill.Problem, response: potstill.Response, /, *, word: str):
        found = word in response.answer and word in problem.text
        return potstill.Verdict(outcome="pass" if found else "fail", reason="word")

    verdict = potstill.verify("A cat.", problem="A cat?", use=says, word="cat")
    assert (verdict.outcome, verdict.verifier) == ("pass", "says")


def test_a_function_of_a_file_needs_leave(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def never(sample): return None\n")
    use = f"{tmp_path / 'mine.py'}:never"
    assert potstill.reject("x", use=use, allow_code=True) is None
    with pytest.raises(potstill.InputError, match="--allow-code, or .* allow_code=True"):
        potstill.reject("x", use=use)


def test_a_reference_may_be_a_number() -> None:
    assert potstill.verify("It is 42.", reference=42).outcome == "pass"
    assert potstill.verify("\\boxed{0.5}", reference=0.5).outcome == "pass"
    for wrong in (True, [42], b"42"):
        with pytest.raises(potstill.InputError, match="reference must be text, not "):
            potstill.verify("42", reference=wrong)
    with pytest.raises(potstill.InputError, match="response must be text, not None"):
        potstill.verify(None)


def test_what_is_no_verdict_is_told() -> None:
    with pytest.raises(potstill.InputError, match="<lambda> returned True, not a potstill.Verdict"):
        potstill.verify("42", use=lambda problem, response: True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"use": "lenght"}, "did you mean 'length'"),
        ({"use": "length", "max_answer": 3}, "did you mean 'max_answer_chars'"),
        ({"use": "length", "max_tokens": -3}, "length.max_tokens must be at least 0, not -3"),
    ],
)
def test_what_is_wrong_is_named(options: dict, said: str) -> None:
    with pytest.raises(potstill.InputError, match=said):
        potstill.reject("x", **options)


def test_a_finished_run_is_opened_by_its_directory_or_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "done").mkdir(parents=True)
    with pytest.raises(potstill.InputError, match="no run directory"):
        potstill.open_run("done")
    (tmp_path / "runs" / "done" / "recipe.yaml").touch()
    assert potstill.open_run("done") == potstill.open_run(Path("runs/done"))
    with pytest.raises(potstill.InputError, match="no run directory other or runs/other"):
        potstill.open_run("other")


def test_the_public_names_are_listed() -> None:
    assert dir(potstill) == sorted(potstill.__all__)
    assert all(getattr(potstill, name) for name in dir(potstill))


def test_a_run_takes_changes_and_compares_with_one_by_name(
    make_run: Callable[..., potstill.Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run([{"q": "1 + 1?", "a": "2", "r": "2"}])
    monkeypatch.chdir(run.directory.parent)
    other = potstill.run("recipe.yaml", sets=["name=other"])
    assert other.directory == Path("runs/other")
    with run.diff("other") as found:
        assert found.stages == ()
    with pytest.raises(potstill.InputError, match=r"did you mean 'other'\?\); the runs in runs: "):
        run.diff("othr")
    with pytest.raises(potstill.InputError, match="not by 3"):
        run.diff(3)
    recipe = potstill.load_recipe("recipe.yaml")
    with pytest.raises(potstill.InputError, match="`sets` needs a recipe's path"):
        potstill.run(recipe, sets=["name=x"])
