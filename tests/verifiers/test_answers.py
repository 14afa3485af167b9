import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.verifiers.answers import final_answer, last_value, numbers


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
    assert final_answer(text) == (answer, by)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "She has 5 apples.",
        r"\boxed{1",
        r"\boxed{}",
        r"\boxed 5",
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


@pytest.mark.parametrize(
    ("text", "answer", "by"),
    [
        ("She makes $18 every day.", "18", "last_number"),
        ("First 3, then 1,234 apples", "1,234", "last_number"),
        ("10-3", "3", "last_number"),
        ("it fell to -3 degrees", "-3", "last_number"),
        ("about 50%", "50%", "last_number"),
        ("half of it: 1/2 cup", "1/2", "last_number"),
        ("一共3亿人", "3亿", "last_number"),
        ("一共3千克", "3", "last_number"),
        ("it costs 3 million", "3 million", "last_number"),
        ("Thus $x = 3+4 = 7$.", "7", "last_formula"),
        (r"the point is \((3, \frac{\pi}{2})\).", r"(3, \frac{\pi}{2})", "last_formula"),
        (r"so $x \le 2$", r"x \le 2", "last_formula"),
        ("so $x <= 2$", "x <= 2", "last_formula"),
        ("$x = 1$ in 3 steps", "3", "last_number"),
        ("it costs $2 and $6", "6", "last_number"),
    ],
)
def test_the_last_value(text: str, answer: str, by: str) -> None:
    assert last_value(text) == (answer, by)


@pytest.mark.parametrize("text", ["", "no idea", "x^2", "area51", "H2O"])
def test_no_value(text: str) -> None:
    assert last_value(text) is None


def test_numbers_stand_alone() -> None:
    assert numbers("from 3 to 1,000.5 in x2") == ["3", "1,000.5"]


balanced = st.recursive(
    st.text(st.characters(exclude_characters="{}\\", exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.builds(lambda a, b, c: f"{a}{{{b}}}{c}", inner, inner, inner),
    max_leaves=8,
)


@given(before=balanced, inside=balanced.filter(lambda text: text.strip()), after=balanced)
def test_a_box_holds_what_its_braces_do(before: str, inside: str, after: str) -> None:
    found = final_answer(f"{before} \\boxed{{{inside}}} {after}")
    if "<answer>" not in before + inside + after:
        assert found == (inside.strip(), "boxed")


@given(st.text(st.sampled_from("\\boxed{}$ 1.,=<answer>#\n()[]答案是选A the"), max_size=200))
def test_any_text_is_read(text: str) -> None:
    for found in (final_answer(text), last_value(text)):
        assert found is None or found.text.strip()


@pytest.mark.parametrize(
    "piece",
    ["\\boxed{", "\\boxed{1},", "<answer>", "the answer is ", "{", "$", "\\(", "\\[", "$$a", "1,",
     "-", "\n#### ", "答案", "选A", " ", "1 ", "**", "\\boxed{\\boxed{1}"],
)  # fmt: skip
def test_hostile_text_takes_linear_time(piece: str) -> None:
    # Quadratic time would take minutes here; the pool's limit, not a clock, ends such a test.
    text = piece * (200_000 // len(piece))
    final_answer(text)
    last_value(text)
