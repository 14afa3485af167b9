import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.verifiers.answers import answering, final_answer

TEMPLATES = (
    "The answer is {}.",
    "The final answer is {}",
    "So the answer is: {}",
    "Hence the correct answer to this question is {}.",
    "Therefore the answer should be {}.",
    "My answer: {}",
    "Answer: {}",
    "**Answer:** {}",
    "**Answer**: {}",
    "**Answer: {}**",
    "**The answer is {}.**",
    "The answer is **{}**.",
    "### Final Answer\n\n{}",
    "**Final Answer**\n\n{}",
    "> **Final answer:** {}",
    "Final Answer: The final answer is {}. I hope it is correct.",
    "ANS: {}",
    "Ans. {}",
    "Final answer → {}",
    "Final result: {}",
    "The answer is {} because nothing else fits.",
    "The answer is {}, since nothing else fits.",
    "The answer is {}.\n\nLet me know if you have questions.",
    "The answer is 98. Wait, that is wrong. The answer is {}.",
    "If the answer is 99, fine. The answer is {}. Check that the answer is 98.",
    "答案是{}。",
    "答案：{}",
    "答案为：{}。",
    "因此，答案是 {}。",
    "故答案为：{}",
    "最终答案：{}",
    "正确答案是{}。",
    "答案应该是{}，因为别的都不行。",
    "综上，答案为{}。",
    "答：{}。",
    "<answer>{}</answer>",
    "<answer> {} </answer>\nDone.",
    "I am done.\n#### {}",
    "\\boxed{{{}}}",
    "So we have $\\boxed{{{}}}$.",
    "$$\\fbox{{{}}}$$",
    "\\answer{{{}}}",
    "<think>\\boxed{{99}}, the answer is 98</think>\\boxed{{{}}}",
    "\\boxed{{{}}}<|im_end|>\n<|im_start|>user\nAnd \\boxed{{99}}?",
    "Answer: {}\n\nQuestion: What is 7 + 7?\nAnswer: 14",
    '{{"reasoning": "2 + 3", "answer": "{}"}}',
    "It is this:\n```\n{}\n```",
    "```python\nprint({})\n```",
)
VALUES = (
    "5", "-5", "0", "1,234", "3.14", "-0.5", "1/2", "50%", "x", "2x+1", "x^2", "(1, 2)", "[1, 2)",
    "{1, 2}", "12 cm", "x = 5", "1, 2, 3", "1,2,3,4,5,6", "x > 5", "Paris", "yes", "B", "3:2",
    "2^10", "√2", "π/4", "二十五", "5个", "5 km/h", "10:30",
)  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_way_to_state_every_kind_of_answer(template: str) -> None:
    for value in VALUES:
        found = final_answer(answering(template.format(value)).text)
        assert found, value
        assert found.text == value


values = st.one_of(
    st.integers().map(str),
    st.decimals(-1000, 1000, allow_nan=False, places=3).map("{:f}".format),
    st.fractions(max_denominator=99).map(str),
    st.from_regex(r"[xyz](?: [+*-] [1-9]{1,3}[xyz]?){1,3}", fullmatch=True),
    st.from_regex(r"\([1-9], [1-9]\)", fullmatch=True),
    st.from_regex(r"\\frac\{[1-9]\}\{[1-9]{1,3}\}", fullmatch=True),
)


@given(st.sampled_from(TEMPLATES), values)
def test_any_value_in_any_template(template: str, value: str) -> None:
    escaped = value.replace("\\", "\\\\") if template.startswith("{{") else value
    found = final_answer(answering(template.format(escaped)).text)
    assert found
    assert found.text == value
    assert not found.hedged


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answer is not 10 but 1,000.99.", "1,000.99"),
        ("The answer is 5, not 6.", "5"),
        ("The answer is 5 rather than 6.", "5"),
        ("The answer is $5$ and not $6$.", "5"),
        ("The answer is 5. It is not 6.", "5"),
        ("答案不是5而是6。答案是6。", "6"),
        ("答案是5，而不是6。", "5"),
        ("The answer does not exist: the answer is that there is none.", "that there is none"),
        ("The answer is not defined.", "not defined"),
    ],
)
def test_what_is_denied_is_no_answer(text: str, answer: str) -> None:
    found = final_answer(text)
    assert found
    assert found.text == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answer is approximately 3.14.", "3.14"),
        ("The answer is about 3.14 metres.", "3.14 metres"),
        ("The answer is 1/3, or approximately 0.333.", "1/3"),
        ("The answer is 1/3 ≈ 0.333.", "1/3"),
        ("The answer is $\\frac{1}{3} \\approx 0.333$.", "\\frac{1}{3}"),
        ("The answer is $\\frac{1}{3}$ (about 0.333).", "\\frac{1}{3}"),
        ("The answer is $x \\approx 0.333$.", "0.333"),
        ("答案是1/3，约为0.333。", "1/3"),
        ("答案约为0.333。", "0.333"),
        ("The answer is 25 percent (25%).", "25 percent"),
        ("The answer is maybe 5.", "5"),
        ("The answer is 3 + 4 = 7.", "7"),
        ("The answer is $x = 3 + 4 = 7$.", "7"),
    ],
)
def test_what_only_comments_on_the_answer(text: str, answer: str) -> None:
    found = final_answer(text)
    assert found
    assert found.text == answer
    assert not found.hedged


@pytest.mark.parametrize(
    "text",
    [
        "The answer is 3 or 4.",
        "The answer is either 3 or 4.",
        "The answer is $3$ or $4$.",
        "The answer is 3, or maybe 4.",
        "The answer is maybe 3, maybe 4.",
        "答案是3或4。",
        "答案是3或者4。",
        "答案可能是3，也可能是4。",
        "答案要么3要么4。",
        "答案是3还是4？",
    ],
)
def test_alternatives_are_marked(text: str) -> None:
    found = final_answer(text)
    assert found
    assert found == ("3 or 4", "phrase", ("3", "4"), True)


@pytest.mark.parametrize(
    "text", ["The answer is 3 and 4.", "The answer is 3, 4.", "The answer is more.", "答案是3和4。"]
)
def test_what_is_no_alternative(text: str) -> None:
    found = final_answer(text)
    assert found
    assert not found.hedged


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answers are:\n- 1\n- 2", "1, 2"),
        ("答案：\n(1) 5\n(2) 6", "5, 6"),
        ("答案：(1) 5；(2) 6。", "5, 6"),
        ("Answer: (a) 5, (b) 6", "5, 6"),
    ],
)
def test_answers_to_several_parts(text: str, answer: str) -> None:
    found = final_answer(text)
    assert found
    assert found.text == answer
    assert ", ".join(found.parts) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Final Answer: The largest $n$ is 34.", "34"),
        ("Answer: The probability is 1/3.", "1/3"),
        ("Answer: She makes 18 dollars every day.", "18 dollars"),
        ("答：小明一共花了25元。", "25元"),
        ("The answer is at least 5 eggs.", "at least 5 eggs"),
        ("The answer is increased by 20%.", "increased by 20%"),
        ("The answer is 5 apples and 3 pears.", "5 apples and 3 pears"),
    ],
)
def test_the_figure_in_a_sentence_is_its_answer_where_nothing_else_counts(text, answer) -> None:
    found = final_answer(text)
    assert found
    assert found.text == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"\boxed{5}. Wait, that is wrong. So the answer is 7.", "7"),
        (r"\boxed{5}。更正：答案是7。", "7"),
        (r"\boxed{5}. Wait, it should be 7.", "7"),
        ("<answer>5</answer> Oops, the answer is 7.", "7"),
        (r"\boxed{5}. Wait, let me check: 2 + 3 = 5. Yes.", "5"),
        (r"\boxed{5}. The answer is 5 apples.", "5"),
        (r"\boxed{5}. So much for the answer: 7 would be wrong.", "5"),
    ],
)
def test_a_correction_counts_where_it_marks_an_answer(text: str, answer: str) -> None:
    found = final_answer(text)
    assert found
    assert found.text == answer


def test_a_value_comes_before_later_talk() -> None:
    talk = "The answer is 7. The answer is what we get when we add up all of these things."
    found = final_answer(talk)
    assert found
    assert found.text == "7"


def test_a_point_that_is_chosen_is_no_option() -> None:
    assert final_answer("我们选A点为原点，得到5") is None
    assert final_answer("我们选A。") is not None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"It is \boxed{200}, then \boxed{255}. Final Answer: The final answer is $455$.", "455"),
        (r"It is \boxed{255}. So the final answer is 455.", "455"),
        ("先得\\boxed{255}。最终答案是455。", "455"),
        (r"It is \boxed{255}. The final answer is approximately 455.", "255"),
        (r"It is \boxed{\frac{1}{3}}. The final answer is 0.33.", r"\frac{1}{3}"),
        (r"It is \boxed{255}. The final answer is what was asked for.", "255"),
        (r"It is \boxed{255}. The answer is 255 of 455.", "255"),
    ],
)
def test_a_final_answer_comes_before_the_boxes_that_lead_to_it(text: str, answer: str) -> None:
    found = final_answer(text)
    assert found
    assert found.text == answer
