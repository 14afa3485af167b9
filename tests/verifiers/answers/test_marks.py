import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.verifiers.answers import answering, final_answer, last_value, unmarked


@pytest.mark.parametrize(
    ("text", "answer", "by"),
    [
        (r"so \boxed{\frac{1}{2}}.", r"\frac{1}{2}", "boxed"),
        (r"\boxed{3} wait, \boxed{5}", "5", "boxed"),
        (r"\boxed{ \{1,2\} }", r"\{1,2\}", "boxed"),
        (r"\boxed {7}", "7", "boxed"),
        (r"\boxed{1} and \boxed{2}", "1, 2", "boxed"),
        (r"$x=\boxed{1}$ or $x = \boxed{2}$", "1, 2", "boxed"),
        (r"$\boxed{(2, 2)} \quad \text{and} \quad \boxed{(6, 2)}$", "(2, 2), (6, 2)", "boxed"),
        (r"\boxed{5}, \boxed{5}", "5", "boxed"),
        (r"\boxed{1}. Then \boxed{2}", "2", "boxed"),
        (r"The answer is 7, or rather \boxed{8}", "8", "boxed"),
        ("<answer>12 cm</answer>", "12 cm", "tag"),
        ("<answer>3</answer> no: <answer>4</answer>", "4", "tag"),
        ("<answer>\nso \\boxed{3}\n</answer> \\boxed{4}", "3", "boxed"),
        ("9 * 2 = 18\n#### 18", "18", "hashes"),
        ("#### 1,234 \n", "1,234", "hashes"),
        ("The answer is 3.5. I hope it helps.", "3.5", "phrase"),
        ("The final answer is **$5$ dollars**.", "5 dollars", "phrase"),
        ("The answer is $5$ or $6$.", "5 or 6", "phrase"),
        ("The answer is $x=5$ because of what was said before.", "x=5", "phrase"),
        ("So the answer to the question is 42!", "42", "phrase"),
        ("**Answer:** 7\n\nThat was easy.", "7", "phrase"),
        ("Final Answer: \\(\\frac{2}{3}\\)", r"\frac{2}{3}", "phrase"),
        ("The answer is 3. No: the correct answer is 4.", "4", "phrase"),
        ("答案是5。", "5", "phrase"),
        ("所以答案为：$\\frac{1}{2}$", r"\frac{1}{2}", "phrase"),
        ("答案：\n12 平方厘米", "12 平方厘米", "phrase"),
        ("故选B。", "B", "phrase"),
        ("故选：$\\mathrm{AC}$", "AC", "phrase"),
        ("故选: $A B D$ 。", "A B D", "phrase"),
        ("the correct option is (C).", "C", "phrase"),
    ],
)
def test_an_explicit_answer(text: str, answer: str, by: str) -> None:
    found = final_answer(text)
    assert found
    assert found[:2] == (answer, by)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "She has 5 apples.",
        r"\boxed{1",
        r"\boxed{}",
        "#### Step 1: add\nWe get 5",
        "To answer this, note that x is 5.",
        "The answer is not 5.",
        "My answer is wrong.",
        "The answer is",
        "<answer></answer>",
        "<answer> 5",
        "选项B是错的",
        "不选A",
        "回答是否正确",
    ],
)
def test_no_explicit_answer(text: str) -> None:
    assert final_answer(text) is None


balanced = st.recursive(
    st.text(
        st.characters(exclude_characters="{}\\=≈≃≐%°_.…?", exclude_categories=["Cs"]), max_size=8
    ),
    lambda inner: st.builds(lambda a, b, c: f"{a}{{{b}}}{c}", inner, inner, inner),
    max_leaves=8,
)


@given(before=balanced, inside=balanced.filter(lambda text: text.strip()), after=balanced)
def test_a_box_holds_what_its_braces_do(before: str, inside: str, after: str) -> None:
    found = final_answer(f"{before} \\boxed{{{inside}}} {after}")
    if "<answer>" not in before + inside + after:
        assert found
        assert found[:2] == (inside.strip(), "boxed")


@given(st.text(st.sampled_from("\\boxed{}$ 1.,=<answer>#\n()[]答案是选A the"), max_size=200))
def test_any_text_is_read(text: str) -> None:
    for found in (final_answer(text), last_value(text)):
        assert found is None or found.text.strip()


@pytest.mark.parametrize(
    "piece",
    [
        "\\boxed{", "\\boxed{1},", "\\boxed{1} and ", "\\boxed{\\boxed{1}", "<answer>", "{",
        "$", "$$a", "\\(", "\\[", "the answer is ", "the final ", "Answer: ", "答案", "选A",
        "((((", "[", " ", "1 ", "1,", "-", "or ", "not ", "is ", "≈", "=", "x=", "**",
        "```\n5\n", '"answer": ', "\n#### ", "\n- 5", "(a) ", "第1步", "Step 1", "Wait ",
        "<think>", "</think>", "`</think>`", "\n\nQ: ", "\ufffc", "half ", "一",
    ],
)  # fmt: skip
def test_hostile_text_takes_linear_time(piece: str) -> None:
    # Quadratic time would take minutes here; the pool's limit, not a clock, ends such a test.
    text = piece * (200_000 // len(piece))
    final_answer(answering(text).text)
    unmarked(text)
    unmarked(text, words=True)
