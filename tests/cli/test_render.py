"""Rows as a person reads them."""

from collections.abc import Callable

import pytest
from rich.console import Console

from potstill.cli.render import show_dropped, show_problem, show_sample
from potstill.records import Dropped, Message, Sample, Verdict, to_json

Show = Callable[..., str]


@pytest.fixture
def show() -> Show:
    """Return what a function prints, at 60 cells."""

    def capture(function: Callable[..., None], *arguments: object, **options: object) -> str:
        console = Console(width=60, highlight=False)
        with console.capture() as capture:
            function(console, *arguments, **options)
        return capture.get()

    return capture


@pytest.fixture
def sample(make_sample: Callable[..., Sample]) -> Sample:
    made = make_sample(
        "What is $\\frac{1}{2} + \\frac{1}{3}$?",
        "\\frac{5}{6}",
        think="\n".join(f"Step {i}." for i in range(50)),
        answer="[bold]It[/bold] is :smile: $\\frac{2}{5}$\x1b[2J.",
        reasoning="on",
        completion_tokens=12,
    )
    verdict = Verdict(
        outcome="fail", reason="different", evidence={"answer": "2/5"}, verifier="math"
    )
    return made.model_copy(update={"verdicts": (verdict,), "outcome": "fail"})


def test_a_sample(show: Show, sample: Sample) -> None:
    assert show(show_sample, sample, note="in no dataset").splitlines() == [
        "school:a.jsonl:7  fail",
        "t · reasoning on · sample 0 · ended ok · ? tokens in, 12 out",
        "· response r",
        "user",
        "  What is $\\frac{1}{2} + \\frac{1}{3}$?",
        "think",
        "  Step 0.",
        "  Step 1.",
        "  Step 2.",
        "  Step 3.",
        "  … 43 of 50 lines folded (100 words in all); --full shows them",
        "  Step 47.",
        "  Step 48.",
        "  Step 49.",
        "answer",
        "  [bold]It[/bold] is :smile: $\\frac{2}{5}$\\x1b[2J.",
        "reference",
        "  \\frac{5}{6}",
        "verdict  fail by math: different",
        "  answer: 2/5",
        "in no dataset",
    ]


def test_full_folds_nothing(show: Show, sample: Sample) -> None:
    text = show(show_sample, sample, full=True)
    assert "folded" not in text
    assert all(f"Step {i}." in text for i in range(50))


def test_the_prompt_as_it_was_sent(show: Show, sample: Sample) -> None:
    sent = (Message(role="system", content="Be short."), Message(role="user", content="Go."))
    lines = show(show_sample, sample, prompt=sent).splitlines()
    assert lines[3:7] == ["system", "  Be short.", "user", "  Go."]


def test_an_empty_answer_can_be_seen(show: Show, make_sample: Callable[..., Sample]) -> None:
    assert "answer\n  (empty)\n" in show(show_sample, make_sample(answer="", ending="truncated"))


def test_a_problem(show: Show, sample: Sample) -> None:
    text = show(show_problem, sample.problem, note="dropped by dedup: exact: duplicate")
    assert text.splitlines()[-1] == "dropped by dedup: exact: duplicate"
    assert "reference\n  \\frac{5}{6}\n" in text


@pytest.mark.parametrize(
    ("stage", "response_id", "shown"),
    [("filter", "r", "It[/bold] is"), ("dedup", None, "user\n  What is"), ("gather", None, "row")],
)
def test_a_dropped_row_is_shown_as_what_it_was(
    show: Show, sample: Sample, stage: str, response_id: str | None, shown: str
) -> None:
    row = {"filter": to_json(sample.model_dump()), "dedup": to_json(sample.problem.model_dump())}
    dropped = Dropped(
        stage=stage,
        rule="rule",
        reason="why",
        row_id="school:a.jsonl:7",
        response_id=response_id,
        evidence={"limit": 3},
        row=row.get(stage, "{not json\x1b[2J"),
    )
    text = show(show_dropped, dropped)
    assert shown in text
    assert "\x1b[2J" not in text
    assert text.endswith(f"dropped  by {stage}: rule: why\n  limit: 3\n")


def test_evidence_in_many_lines_is_indented(show: Show, sample: Sample) -> None:
    verdict = Verdict(outcome="undecided", reason="error", evidence={"detail": "word " * 30})
    text = show(show_sample, sample.model_copy(update={"verdicts": (verdict,)}))
    first, second = text.splitlines()[-3:-1]
    assert first.startswith("  detail: word")
    assert second.startswith("    word")


def test_tools_calls_and_results(show: Show, make_sample: Callable[..., Sample]) -> None:
    bad = {"name": "f\x1b[2J", "arguments": '{"x": "\x1b[2J"}'}
    called = {"id": "1", "type": "function", "function": bad}
    turns = (
        Message(role="user", content="Which?"),
        Message(role="assistant", content="", tool_calls=(called,)),
        Message(role="tool", content="[1]", tool_call_id="1", name="f\x1b[2J"),
    )
    tools = ({"type": "function", "function": {"name": "f\x1b[2J", "description": "Adds."}},)
    sample = make_sample(answer="", tool_calls=[called, called])
    problem = sample.problem.model_copy(update={"messages": turns, "tools": tools})
    text = show(show_sample, sample.model_copy(update={"problem": problem}))
    assert "\x1b[2J" not in text
    call = '  f\\x1b[2J({"x": "\\x1b[2J"})'
    assert text.splitlines()[2:] == [
        "tools",
        "  f\\x1b[2J: Adds.",
        "user",
        "  Which?",
        "tool calls",
        call,
        "tool f\\x1b[2J",
        "  [1]",
        "tool calls",
        call,
        call,
        "reference",
        "  2",
    ]
