"""Values with units."""

import pytest


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"12\text{ cm}", "12", "pass"),
        (r"12\text{ cm}", r"120\text{ mm}", "pass"),
        (r"12\text{ cm}", r"12\text{ mm}", "fail"),
        (r"12\text{ cm}", r"12\text{ cm}^2", "fail"),
        (r"8\pi\text{ cm}", r"0.08\pi\text{ m}", "pass"),
        (r"5\text{ apples}", r"5\text{ oranges}", "undecided"),
        (r"5\text{ apples}", r"6\text{ oranges}", "fail"),
        (r"x=3\text{ cm}", r"3\text{ cm}", "pass"),
        (r"3\text{ cm}, 4\text{ cm}", "4, 3", "pass"),
        (r"20^\circ\text{C}", r"68^\circ\text{F}", "pass"),
        (r"20^\circ\text{C}", r"20^\circ\text{F}", "fail"),
    ],
)
def test_units(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"50\%", "0.5", "pass"),
        (r"50\%", "50", "pass"),
        (r"50\%", "5", "fail"),
        (r"0.5\%", "0.5", "undecided"),
        (r"0.5\%", "0.005", "pass"),
        (r"50\%", r"\frac{1}{2}", "pass"),
    ],
)
def test_percent(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"180^\circ", r"\pi", "pass"),
        (r"180^\circ", r"2\pi", "fail"),
        (r"30^\circ", "30", "pass"),
        (r"30^\circ", r"\frac{\pi}{6}", "pass"),
        (r"30^\circ", r"\frac{\pi}{3}", "fail"),
    ],
)
def test_angles(check, reference, answer, outcome):
    check(reference, answer, outcome)
