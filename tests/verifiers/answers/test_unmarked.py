import pytest

from potstill.verifiers.answers import last_value, numbers, unmarked


@pytest.mark.parametrize(
    ("text", "answer", "by"),
    [
        ("She makes $18 every day.", "18", "last_number"),
        ("First 3, then 1,234 apples", "1,234", "last_number"),
        ("10-3", "3", "last_number"),
        ("soit 2,74 euros", "2,74", "last_number"),
        ("so it is 1,2,3", "1,2,3", "last_number"),
        ("we count 1, 2, 3", "3", "last_number"),
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
    found = last_value(text)
    assert found
    assert found[:2] == (answer, by)


@pytest.mark.parametrize("text", ["", "no idea", "x^2", "area51", "H2O"])
def test_no_value(text: str) -> None:
    assert last_value(text) is None


def test_numbers_stand_alone() -> None:
    assert numbers("from 3 to 1,000.5 in x2") == ["3", "1,000.5"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("第1步：2+3=5。第2步：检查。", "5"),
        ("Step 1: 2 + 3 = 5\nStep 2: check", "5"),
        ("1. We add.\n2. It is 12.\n3. Done.", "12"),
        ("It is 7 by Theorem 3.", "7"),
        ("So x = 7, as equation (2) tells [1].", "7"),
        ("By equation 2, the sum is 7.", "7"),
        ("They need 3 steps.", "3"),
        ("The total is 50 dollars (10% more than before).", "50"),
        ("She has 50 apples, which is 20% of all.", "50"),
        ("She has 20% of them.", "20%"),
        ("She sold 5.\n\nNote: see step 3 for the 4.", "5"),
        ("It is 5. I hope these 2 lines help.", "5"),
        ("So **12** apples for 3 people.", "12"),
        ("**Step 3: check**\nIt is 12.", "12"),
        ("The value is `5` in base 10.", "5"),
        ("所以小明有五个苹果。", "五"),
        ("So there are twenty-five apples.", "twenty-five"),
        ("There are five of them, and 7 of those.", "7"),
        ("\\[\n\\sqrt{117} = \\sqrt{9 \\cdot 13} = 3\\sqrt{13}\n\\]", "3\\sqrt{13}"),
        ("so\n\\[\\begin{align*} x &= 3 + 4 \\\\ &= 7 \\end{align*}\\]", "7"),
        ("So the area is 3.5 square metres for each $n$.", "3.5"),
        ("it is $\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}$.",
         "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}"),
    ],
)  # fmt: skip
def test_what_a_text_comes_to(text: str, answer: str) -> None:
    found = unmarked(text)
    assert found
    assert found.text == answer


@pytest.mark.parametrize(
    "text", ["5", "x^2+1", "12 cm", "(1, 2)", "1,2,3,4,5,6", "x > 5", "3 or 4", "\\frac{1}{2}"]
)
def test_a_bare_expression_is_the_answer(text: str) -> None:
    found = unmarked(text)
    assert found
    assert found[:2] == (text, "whole")


@pytest.mark.parametrize("text", ["$9$", "$$\n9\n$$", "\\(9\\)", "\\[ 9 \\]", "$x = 4 + 5 = 9$"])
def test_a_bare_formula_is_the_answer(text: str) -> None:
    found = unmarked(text)
    assert found
    assert found[:2] == ("9", "whole")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Paris", "Paris"),
        ("the red blood cells", "the red blood cells"),
        ("It was long ago. Therefore, the capital is Paris.", "Paris"),
        ("It was long ago.\nSo the capital is **Paris**, in France.", "Paris"),
        ("Yes, because 5 > 3 and that is all there is to say.\nIt is so.", "Yes"),
        ("Let me see. They are odd.\nTherefore, no, it isn't.", "no"),
        ("这是很久以前。所以首都是巴黎。", "巴黎"),
    ],
)
def test_answers_in_words(text: str, answer: str) -> None:
    found = unmarked(text, words=True)
    assert found
    assert found.text == answer


@pytest.mark.parametrize("text", ["", "I have no idea at all how this could ever be solved."])
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert unmarked(text) is None
