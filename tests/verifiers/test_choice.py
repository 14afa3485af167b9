import json

import pytest

from potstill.verifiers.choice import choice

PROMPT = "Which city is the capital of France?\nA. Berlin\nB. Paris\nC. Rome\nD. Paris, Texas"
INLINE = "2 + 3 = ? (A) 4 (B) 5 (C) 6 (D) 15"
ZH = "法国的首都是（ ）\nA、柏林\nB、巴黎\nC、罗马"


@pytest.fixture
def judge(make_sample):
    def judged(prompt: str, reference: str | None, answer: str, **fields: str) -> tuple[str, str]:
        sample = make_sample(prompt, reference, answer=answer, **fields)
        verdict = choice(sample.problem, sample.response)
        return verdict.outcome, verdict.reason

    return judged


@pytest.mark.parametrize(
    "answer",
    [
        r"\boxed{B}",
        r"\boxed{\text{(B)}}",
        r"\boxed{B. Paris}",
        r"\boxed{\text{Paris}}",
        "The answer is (B).",
        "The answer is B, because it is the seat of government.",
        "The answer is B because Berlin is in Germany.",
        "The answer is Paris.",
        "The correct option is B.",
        "Answer: B",
        "答案：B",
        "答案是B。",
        "A是柏林，故选B。",
        "应选：$B$.",
        "It lies on the Seine.\n\n**B**",
        "It lies on the Seine: **B. Paris**",
        "B",
        "(B)",
        "b is not it\nB.",
        "B. Paris",
        "B. Paris\nIt lies on the Seine.",
        "Paris",
        "<answer>B</answer>",
    ],
)
def test_every_way_to_choose(judge, answer: str) -> None:
    assert judge(PROMPT, "B", answer) == ("pass", "equal")
    assert judge(PROMPT, "C", answer) == ("fail", "different")


@pytest.mark.parametrize("reference", ["B", "(B)", "B.", "$B$", "Paris", "B. Paris", "#### B"])
def test_every_way_to_give_the_reference(judge, reference: str) -> None:
    assert judge(PROMPT, reference, r"\boxed{B}") == ("pass", "equal")
    assert judge(PROMPT, reference, r"\boxed{D}") == ("fail", "different")


@pytest.mark.parametrize(
    ("reference", "answer", "outcome", "reason"),
    [
        ("B", "The answer is A or B.", "fail", "hedged"),
        ("B", "The answer is either B or C.", "fail", "hedged"),
        ("B", "答案是A或B。", "fail", "hedged"),
        ("B", r"\boxed{AB}", "fail", "different"),
        ("B", "The answer is A, not B", "undecided", "answer_unparseable"),
        ("B", "The answer is Lyon.", "undecided", "answer_unparseable"),
        ("B", "I would take Paris, I guess, for it is nice.", "undecided", "answer_unparseable"),
        ("B", "A is wrong and so is C.", "undecided", "answer_unparseable"),
        ("B", "**A**, **B** and **C** are cities.", "undecided", "answer_unparseable"),
        ("B", "A. Berlin\nB. Paris\nC. Rome\nD. Paris, Texas", "undecided", "answer_unparseable"),
        ("B", "no idea", "fail", "no_answer"),
        ("B", "", "fail", "no_answer"),
        (None, "B", "undecided", "no_reference"),
        ("E", "B", "undecided", "reference_unusable"),
        ("Lyon", "B", "undecided", "reference_unusable"),
    ],
)
def test_what_is_no_plain_choice(judge, reference, answer, outcome, reason) -> None:
    assert judge(PROMPT, reference, answer) == (outcome, reason)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("AC", "pass"),
        ("A, C", "pass"),
        ("C and A", "pass"),
        ("A、C", "pass"),
        ("(A), (C)", "pass"),
        ("A", "fail"),
        ("ABC", "fail"),
        ("A or C", "fail"),
    ],
)
def test_several_letters(judge, answer: str, outcome: str) -> None:
    assert judge(PROMPT, "AC", f"\\boxed{{{answer}}}")[0] == outcome


@pytest.mark.parametrize(
    ("prompt", "reference", "answer", "outcome"),
    [
        (INLINE, "B", r"\boxed{5}", "pass"),
        (INLINE, "5", r"\boxed{B}", "pass"),
        (INLINE, "B", r"\boxed{15}", "fail"),
        (INLINE, "B", r"\boxed{7}", "undecided"),
        (ZH, "B", "答案是巴黎。", "pass"),
        (ZH, "巴黎", "选B", "pass"),
        (ZH, "B", "不选A，选C", "fail"),
        ("No options here.", "B", "选B", "pass"),
        ("No options here.", "Paris", "选B", "undecided"),
        ("No options here.", "BAD", "选B", "undecided"),
        ("A. x\nB. x\nC. y", "x", "A", "undecided"),
    ],
)
def test_options_are_read_from_the_prompt(judge, prompt, reference, answer, outcome) -> None:
    assert judge(prompt, reference, answer)[0] == outcome


def test_a_truncated_response_is_judged_by_an_explicit_answer_alone(judge) -> None:
    assert judge(PROMPT, "B", "B\nIt lies on", ending="truncated") == ("undecided", "truncated")
    assert judge(PROMPT, "B", "The answer is B. It lies on", ending="truncated") == (
        "pass",
        "equal",
    )


def test_the_evidence_says_how(make_sample) -> None:
    sample = make_sample(PROMPT, "Paris", answer="The answer is (C) Rome.")
    assert choice(sample.problem, sample.response).evidence == {
        "reference": "B",
        "answer": "C",
        "text": "(C) Rome",
        "extracted_by": "phrase",
    }


def test_explained_exam_answers(make_sample, shared) -> None:
    wrong = decided = 0
    for path in sorted((shared / "data" / "gaokao_bench_data").glob("*MCQs.json")):
        for row in json.loads(path.read_text(encoding="utf-8"))["example"]:
            if len(row["answer"]) != 1:
                continue
            sample = make_sample(row["question"], row["answer"][0], answer=row["analysis"])
            outcome = choice(sample.problem, sample.response).outcome
            decided += outcome == "pass"
            wrong += outcome == "fail"
    assert decided > 1_400
    assert wrong < 0.01 * decided


def test_a_call_of_a_tool_is_not_a_choice_yet(judge) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    assert judge(PROMPT, "B", "", tool_calls=[call]) == ("undecided", "tool_calls")
    assert judge(PROMPT, "B", "(B)", tool_calls=[call]) == ("pass", "equal")
    assert judge(PROMPT, "B", "") == ("fail", "no_answer")
