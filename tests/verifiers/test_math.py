import json
import subprocess
import sys

import pytest

from potstill.engine.plugins import Failure, PluginCall
from potstill.engine.workers import Workers
from potstill.verifiers.compare import compare
from potstill.verifiers.math import math, verify_math


@pytest.fixture
def judge(make_sample):
    def judged(reference: str | None, answer: str, **fields: str) -> tuple[str, str]:
        if not fields and reference is not None:
            verdict = verify_math(reference, answer)
            return verdict.outcome, verdict.reason
        sample = make_sample(reference_answer=reference, answer=answer, **fields)
        verdict = math(sample.problem, sample.response)
        return verdict.outcome, verdict.reason

    return judged


@pytest.mark.parametrize(
    ("reference", "answer", "outcome", "reason"),
    [
        ("18", "So it is \\boxed{18}.", "pass", "equal"),
        ("18", "So it is \\boxed{19}.", "fail", "different"),
        ("18", "18", "pass", "equal"),
        ("18", "She makes 9 * 2 = $18 every day.", "pass", "equal"),
        ("18", "She makes 9 * 2 = $18 a day and 126 a week.", "fail", "different"),
        ("9 * 2 = 18\n#### 18", "The answer is 18 dollars.", "pass", "equal"),
        ("so \\boxed{18}", "18", "pass", "equal"),
        ("5", "The answer is therefore 5 eggs.", "pass", "equal"),
        ("5", "The answer is at least 5 eggs.", "fail", "different"),
        ("5", "The answer is 5 or 6.", "fail", "hedged"),
        ("5", "The answer is 6 or 7.", "fail", "different"),
        ("1/2", "The answer is 1/2 or 0.5.", "pass", "equal"),
        ("5 or 6", "The answer is 5 or 6.", "pass", "equal"),
        ("5", "\\boxed{5} and \\boxed{6}", "fail", "different"),
        ("5", "\\boxed{1}, no: \\boxed{5}", "pass", "equal"),
        ("5", "答案是５。", "pass", "equal"),
        ("12", "一共有12个。", "pass", "equal"),
        ("300000000", "一共3亿人", "pass", "equal"),
        ("300000000", "一共3万人", "fail", "different"),
        ("25", "二十五", "pass", "equal"),
        ("25", "二十四", "fail", "different"),
        ("25", "答：一共种了二十五棵树。", "pass", "equal"),
        ("25", "答：一共种了五十二棵树。", "fail", "different"),
        ("12 cm", "12 m", "fail", "different"),
        ("12 cm", "120 mm", "pass", "equal"),
        (r"8\pi\text{ cm}", r"\boxed{8\pi}", "pass", "equal"),
        (r"8\pi\text{ cm}", r"\boxed{8\pi\text{ m}}", "fail", "different"),
        (r"\frac{1}{2}", "The answer is 0.5.", "pass", "equal"),
        (r"\frac{1}{3}", "The answer is 0.333.", "fail", "different"),
        (r"(3, \frac{\pi}{2})", r"It is \((3, \frac{\pi}{2})\).", "pass", "equal"),
        ("x+1", "\\boxed{\\text{it depends}}", "undecided", "answer_unparseable"),
        ("Tuesday", "\\boxed{\\text{tuesday}}", "pass", "equal"),
        ("Tuesday", "Tuesday.", "pass", "equal"),
        ("Tuesday", "The answer is Wednesday.", "fail", "different"),
        ("Au", "\\boxed{Ag}", "undecided", "text_differs"),
        ("yes", "The answer is \\textbf{True}.", "pass", "equal"),
        ("yes", "The answer is no.", "fail", "different"),
        ("yes", "The answer is 5.", "undecided", "text_differs"),
        ("对", "答案是错", "fail", "different"),
        ("见右图", "\\boxed{5}", "undecided", "text_differs"),
        ("\\frac{1}{", "\\boxed{5}", "undecided", "reference_unusable"),
        ("\\frac{1}{", "", "undecided", "reference_unusable"),
        ("\\frac{1}{2}", "", "fail", "no_answer"),
        ("5 apples and 3 pears", "\\boxed{5}", "fail", "different"),
        ("5 apples and 3 pears", "3 pears and 5 apples", "pass", "equal"),
        (None, "\\boxed{5}", "undecided", "no_reference"),
        (" ", "\\boxed{5}", "undecided", "no_reference"),
        ("5", "", "fail", "no_answer"),
        ("5", "I am sorry, but I have no idea how to do this.", "fail", "no_answer"),
    ],
)
def test_verdicts(judge, reference: str | None, answer: str, outcome: str, reason: str) -> None:
    assert judge(reference, answer) == (outcome, reason)


def test_a_truncated_response_is_judged_by_an_explicit_answer_alone(judge) -> None:
    assert judge("5", "First, 2 + 3 = 5", ending="truncated") == ("undecided", "truncated")
    assert judge("7", "First, 2 + 3 = 5", ending="truncated") == ("undecided", "truncated")
    assert judge("5", "\\boxed{5} since 2 +", ending="truncated") == ("pass", "equal")
    assert judge("5", "First, 2 + 3 = 5") == ("pass", "equal")


@pytest.mark.parametrize(
    ("reference", "answer", "extracted_by", "compared"),
    [
        ("5", "\\boxed{5}", "boxed", "text"),
        ("5", "\\boxed{5.0}", "boxed", "number"),
        ("5", "5 apples", "whole", "number"),
        ("5", "There are many of them: first 2 and then 3, which makes 5", "last_sentence", "text"),
        ("x+1", "The answer is $1+x$.", "phrase", "expression"),
        ("east", "\\boxed{East}", "boxed", "text"),
    ],
)
def test_the_evidence_says_how(make_sample, reference, answer, extracted_by, compared) -> None:
    sample = make_sample(reference_answer=reference, answer=answer)
    evidence = math(sample.problem, sample.response).evidence
    assert evidence["reference"] == reference
    assert (evidence["extracted_by"], evidence["compared"]) == (extracted_by, compared)


def test_the_thinking_does_not_count(judge) -> None:
    assert judge("5", "\\boxed{6}", think="\\boxed{5}") == ("fail", "different")


def test_plain_numbers_need_no_algebra() -> None:
    code = (
        "import sys; from potstill.verifiers.compare import compare;"
        "assert compare('1,234', '1234.0 apples').outcome == 'pass';"
        "assert not {'sympy', 'math_verify', 'pyarrow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_hostile_answers_end_with_the_worker(make_sample) -> None:
    hostile = [
        ("9^{9^{9^{9}}}", "9^{9^{9}}"),
        ("10^{10^{10}}", "10^{10^{10}}+1"),
        ("5", "(" * 500 + "5" + ")" * 500),
        ("5", "\\frac{" * 5_000),
        ("5", "1+" * 50_000 + "1"),
        ("5", "9" * 100_000),
    ]
    samples = [make_sample(reference_answer=r, answer=f"\\boxed{{{a}}}") for r, a in hostile]
    samples.append(make_sample(reference_answer="x+1", answer="\\boxed{1+x}"))
    with Workers(2, memory_mb=1024, preload=["math_verify"]) as workers:
        tasks = [(sample.problem, sample.response) for sample in samples]
        *found, last = workers.map(PluginCall("verifiers", "math"), tasks, timeout_s=2)
    assert last.outcome == "pass"
    assert all(isinstance(f, Failure) or f.outcome != "pass" for f in found)


def cases(shared, name: str) -> list[dict[str, object]]:
    lines = (shared / "cases" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_no_false_pass_on_tricky_pairs(shared) -> None:
    towers = {"9^{9^{9^{9}}}"}  # for the worker's limits
    rows = [row for row in cases(shared, "tricky_math") if row["gold"] not in towers]
    passed = [row for row in rows if compare(row["gold"], row["answer"]).outcome == "pass"]
    assert [row for row in passed if not row["expected"]] == []
    assert len(passed) > len(rows) / 3


def test_gsm8k_model_outputs_are_judged_as_labelled(make_sample, shared) -> None:
    path = shared / "data" / "gsm8k_model_solutions_labelled" / "first400.jsonl"
    wrong = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        reference = row["ground_truth"].rpartition("A:")[2].strip()
        for output in (value for value in row.values() if isinstance(value, dict)):
            sample = make_sample(reference_answer=reference, answer=output["solution"])
            verdict = math(sample.problem, sample.response)
            if verdict.outcome != ("pass" if output["is_correct"] else "fail"):
                wrong.append((reference, output["solution"], verdict))
    assert wrong == []


def test_math_solutions_pass_against_their_own_answers(make_sample, shared) -> None:
    path = shared / "data" / "math500" / "test.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    samples = [make_sample(reference_answer=r["answer"], answer=r["solution"]) for r in rows]
    outcomes = [math(s.problem, s.response).outcome for s in samples]
    assert outcomes == ["pass"] * len(rows)


CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def test_a_call_of_a_tool_is_not_an_answer_yet(judge) -> None:
    assert judge("18", "", tool_calls=[CALL]) == ("undecided", "tool_calls")
    assert judge("18", "Let me look that up for you first.", tool_calls=[CALL])[0] == "undecided"
    assert judge("18", "It is \\boxed{18}.", tool_calls=[CALL]) == ("pass", "equal")
    assert judge("18", "") == ("fail", "no_answer")
