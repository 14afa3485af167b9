import json
from itertools import permutations

import pytest

from potstill.verifiers.choice import choice, verify_choice

PROMPT = "Which city is the capital of France?\nA. Berlin\nB. Paris\nC. Rome\nD. Paris, Texas"
INLINE = "2 + 3 = ? (A) 4 (B) 5 (C) 6 (D) 15"
CIRCLED = "法国的首都是（ ）\n① 柏林\n② 巴黎\n③ 罗马"
STEMS = "谁说得对？\n甲：对\n乙：错\n丙：不知道"
SMALL = "Which? (a) Rome (b) Paris (c) Oslo"
DIGITS = "Which city?\n1) Rome\n2) Paris\n3) Oslo"
COMBINED = "正确的是（ ）\n①甲 ②乙 ③丙\nA．①② B．①③ C．②③ D．①②③"
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
        ("B", "The answer is A, not B", "fail", "different"),
        ("A", "The answer is A, not B", "pass", "equal"),
        ("B", r"\boxed{A}, \boxed{B}, \boxed{C}, \boxed{D}", "fail", "different"),
        ("B", "The answer is ABCD.", "fail", "different"),
        ("B", "The answer is maybe B, maybe C.", "fail", "hedged"),
        ("B", "答案可能是A，也可能是B", "fail", "hedged"),
        ("B", r"\boxed{B. Rome}", "undecided", "answer_unparseable"),
        ("B", "The answer is none of the above.", "fail", "different"),
        ("B", "It isn't Paris, I guess.", "undecided", "answer_unparseable"),
        ("B", "The answer is Lyon.", "undecided", "answer_unparseable"),
        ("B", "I would take Paris, I guess, for it is nice.", "pass", "equal"),
        ("B", "I would take Rome, I guess, for it is nice.", "fail", "different"),
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
    ("answer", "reason"),
    [
        ("AC", "equal"),
        ("A, C", "equal"),
        ("C and A", "equal"),
        ("A、C", "equal"),
        ("(A), (C)", "equal"),
        ("A", "partial"),
        ("ABC", "different"),
        ("AB", "different"),
        ("B", "different"),
        ("A or C", "hedged"),
    ],
)
def test_several_letters(judge, answer: str, reason: str) -> None:
    outcome = "pass" if reason == "equal" else "fail"
    assert judge(PROMPT, "AC", f"\\boxed{{{answer}}}") == (outcome, reason)


@pytest.mark.parametrize(
    ("prompt", "reference", "answer", "outcome"),
    [
        (INLINE, "B", r"\boxed{5}", "pass"),
        (INLINE, "5", r"\boxed{B}", "pass"),
        (INLINE, "B", r"\boxed{15}", "fail"),
        (INLINE, "B", r"\boxed{7}", "fail"),
        (INLINE, "B", r"So it is $\frac{10}{2}$.", "pass"),
        (INLINE, "B", "So it is $4$.", "fail"),
        (CIRCLED, "B", "答案是②", "pass"),
        (CIRCLED, "②", "The answer is B.", "pass"),
        (CIRCLED, "②", "答案是③", "fail"),
        (STEMS, "甲", "答案是甲。", "pass"),
        (STEMS, "甲", "答案是乙。", "fail"),
        (SMALL, "b", "The answer is (b).", "pass"),
        (SMALL, "b", "The answer is (a).", "fail"),
        (DIGITS, "2", "The answer is 2.", "pass"),
        (DIGITS, "B", "The answer is (2).", "pass"),
        (DIGITS, "2", "The answer is 3.", "fail"),
        (COMBINED, "B", "正确的是①③，故选B。", "pass"),
        (COMBINED, "B", "答案是①③。", "pass"),
        (COMBINED, "B", "答案是①②。", "fail"),
        ("Which?\nA. x\nB. none of the above", "B", "The answer is none of the above.", "pass"),
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


TEMPLATES = (
    "{}", "({})", "**{}**", "{}.", "\\boxed{{{}}}", "\\boxed{{\\text{{({})}}}}", "$\\mathbf{{{}}}$",
    "The answer is {}.", "The correct answer is ({}).", "The correct option is {}.", "Answer: {}",
    "Option {} is correct.", "So {} is the best answer.", "I would choose {}.", "Therefore, {}.",
    "The answer is {}, because the others are wrong.", "Final Answer: {}", "故选{}。", "应选：{}",
    "选 {}", "答案：{}", "正确答案是（{}）", "选项{}正确。", "因此正确的是{}项", "综上，{}项正确",
    "<think>A, B? C or D.</think>The answer is {}.", '{{"answer": "{}"}}', "<answer>{}</answer>",
    "A, B, C and D are all cities.\n\n**Answer: {}**\n\nThis is well known.",
)  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_letter_in_every_phrasing(template: str) -> None:
    for letter in "ABCD":
        for reference in "ABCD":
            verdict = verify_choice(reference, template.format(letter), problem=PROMPT)
            assert verdict.outcome == ("pass" if letter == reference else "fail"), verdict


@pytest.mark.parametrize("template", TEMPLATES)
def test_several_letters_in_every_phrasing(template: str) -> None:
    for letters in ("ABD", "AB", "ACD"):
        verdict = verify_choice("ABD", template.format(letters), problem=PROMPT)
        reason = {"ABD": "equal", "AB": "partial", "ACD": "different"}[letters]
        assert verdict.reason == reason, verdict


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("A错误；B正确；C错误；D错误。", "pass"),
        ("A正确；B错误；C错误；D错误。", "fail"),
        ("故ACD错误，B正确。", "pass"),
        ("排除A、C、D，只剩一个。", "pass"),
        ("排除A、B、C，只剩一个。", "fail"),
        ("A is wrong. C is wrong, and D is wrong.", "pass"),
        ("A is wrong and so is C.", "undecided"),
        ("不选B，选C", "fail"),
        ("选项B是错的", "undecided"),
        ("Option B is not correct.", "undecided"),
        ("If B is the answer, it would be odd.", "undecided"),
    ],
)
def test_options_that_are_judged_one_by_one(judge, answer: str, outcome: str) -> None:
    assert judge(PROMPT, "B", answer)[0] == outcome


def test_a_prompt_may_ask_for_what_is_wrong(judge) -> None:
    prompt = "下列说法不正确的是（ ）\nA．一\nB．二\nC．三\nD．四"
    assert judge(prompt, "B", "A正确；B错误；C正确；D正确。")[0] == "pass"
    assert judge(prompt, "A", "A正确；B错误；C正确；D正确。")[0] == "fail"
    assert judge(prompt, "B", "Option B is correct.")[0] == "pass"


def test_unfinished_thinking_chooses_nothing() -> None:
    verdict = verify_choice("B", "<think>The answer is B.", problem=PROMPT)
    assert (verdict.outcome, verdict.reason) == ("undecided", "truncated")


def test_a_letter_needs_no_prompt() -> None:
    assert verify_choice("B", "I think the answer is (B).").outcome == "pass"
    assert verify_choice("B", "I think the answer is (C).").outcome == "fail"
    assert verify_choice("(b)", "B").outcome == "pass"


def test_options_may_be_shuffled() -> None:
    prompt = "Which?\nA. {}\nB. {}\nC. {}"
    for first, second, third in permutations(["Rome", "Paris", "Oslo"]):
        texts = [first, second, third]
        right = "ABC"[texts.index("Paris")]
        asked = prompt.format(*texts)
        assert verify_choice("Paris", f"The answer is {right}.", problem=asked).outcome == "pass"
        assert verify_choice(right, "The answer is Paris.", problem=asked).outcome == "pass"
        assert verify_choice(right, "The answer is Oslo.", problem=asked).outcome == "fail"


@pytest.mark.parametrize(
    "piece",
    ["A", "A,", "A and ", "(A", "选A", "排除A", "A is ", "option ", "the correct ", "正确", "**A",
     "A. ", "① ", "\nA.", "so ", "or "],
)  # fmt: skip
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    verify_choice("B", text, problem=PROMPT)
    verify_choice("B", "B", problem=text[:50_000])
