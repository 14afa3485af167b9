import pytest

from potstill.verifiers.answers import final_answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"\boxed{1} and \boxed{2}", "1, 2"),
        (r"\boxed{1} papers and \boxed{2} bins", "1, 2"),
        (r"\[\boxed{(3, 3)} \text{ for part (a) and } \boxed{(1, 1)}\]", "(3, 3), (1, 1)"),
        (r"\(\boxed{1}\) and \(\boxed{-2}\).", "1, -2"),
        (r"$x=\boxed{1}$, $y=\boxed{2}$", "x = 1, y = 2"),
        (r"$x=\boxed{1}$ or $x=\boxed{2}$", "1, 2"),
        (r"$x_1 = \boxed{1}$ and $x_2 = \boxed{2}$", "x_1 = 1, x_2 = 2"),
        ("(a) \\boxed{3}\n(b) \\boxed{5}", "3, 5"),
        ("(a) The area is \\boxed{3}.\n(b) The volume is \\boxed{5}.", "3, 5"),
        ("（1）$\\boxed{3}$；（2）$\\boxed{5}$", "3, 5"),
        ("最大值为\\boxed{3}，最小值为\\boxed{1}", "3, 1"),
    ],
)
def test_parts_of_one_answer(text: str, answer: str) -> None:
    found = final_answer(text)
    assert found
    assert found.text == answer


@pytest.mark.parametrize(
    "text",
    [
        r"\boxed{3} wait, \boxed{5}",
        r"\boxed{3}, no, \boxed{5}",
        r"\boxed{3} no no no no no \boxed{5}",
        r"\boxed{3} and check: \boxed{5}",
        r"\boxed{3}. Then \boxed{5}",
        r"$a = \boxed{3}$, so $b = \boxed{5}$",
        r"$\boxed{3} \implies \boxed{5}$",
        "First \\boxed{3}\n\nThe total is \\boxed{5}",
        "\\boxed{3}，不对，应为\\boxed{5}",
        "得到\\boxed{3}，所以\\boxed{5}",
    ],
)
def test_the_last_box_where_one_leads_to_it_or_corrects_it(text: str) -> None:
    found = final_answer(text)
    assert found
    assert found.text == "5"
    assert found.parts == ("3", "5")  # for a reference with as many


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"$\boxed{28}$ pct", "28 pct"),
        (r"\boxed{28}\%", r"28\%"),
        (r"\boxed{12}\text{ cm}^2", r"12\text{ cm}^2"),
        (r"\boxed{90}^\circ", r"90^\circ"),
        (r"$\boxed{204}_5$", "204_5"),
        (r"\boxed{9} \pmod{11}", "9"),
        (r"\boxed{9}\text{ and no more}", "9"),
        (r"\boxed{9}\text{ or }", "9"),
        (r"\boxed{9} apples", "9"),
    ],
)
def test_a_unit_behind_a_box_is_part_of_the_answer(text: str, answer: str) -> None:
    found = final_answer(text)
    assert found
    assert found.text == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"\boxed{\frac13 \approx 0.333}", r"\frac13"),
        (r"\boxed{x \approx 0.333}", "0.333"),
        (r"\boxed{1 + 2 = 3}", "3"),
        (r"\boxed{x = 1 + 2 = 3}", "3"),
        (r"\boxed{x = 3}", "x = 3"),
        (r"\boxed{2x + 3y = 5}", "2x + 3y = 5"),
        (r"\boxed{x = 1, y = 2}", "x = 1, y = 2"),
        (r"\boxed{x \le 5}", r"x \le 5"),
        ("\\boxed{\n\\begin{pmatrix} 0 & 3 \\\\ 0 & -1 \\end{pmatrix}\n}",
         "\\begin{pmatrix} 0 & 3 \\\\ 0 & -1 \\end{pmatrix}"),
    ],
)  # fmt: skip
def test_what_a_box_comes_to(text: str, answer: str) -> None:
    found = final_answer(text)
    assert found
    assert found.text == answer


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (r"\boxed{3 \text{ or } 4}", ("3", "4")),
        (r"\boxed{3} or \boxed{4}", ("3", "4")),
        ("\\boxed{3或4}", ("3", "4")),
    ],
)
def test_alternatives_in_boxes(text: str, parts: tuple[str, ...]) -> None:
    found = final_answer(text)
    assert found
    assert found.hedged
    assert found.parts == parts


@pytest.mark.parametrize("text", [r"\boxed{3} and \boxed{4}", r"\boxed{3, 4}", r"\boxed{\cos x}"])
def test_lists_are_no_alternatives(text: str) -> None:
    found = final_answer(text)
    assert found
    assert not found.hedged
