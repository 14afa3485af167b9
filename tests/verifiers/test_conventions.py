"""What docs/math-verification.md states, line by line of its table."""

import pytest

from potstill.verifiers import verify_math

EQUAL = [
    ("1/2", "0.5"), ("1/2", "二分之一"), ("1/2", "one half"), ("0.0012", "1.2e-3"),
    ("12,000", "1.2万"), ("1011_2", "11"), ("50%", "0.5"), ("50%", "50"), ("12 cm", "120 mm"),
    ("3元5角", "3.5元"), ("30°", "π/6"), ("12", "12 cm"), ("12 cm", "12"), ("5 m", "5m"),
    ("5 kg", "5kg"), ("f(x)=2x", "f(t)=2t"), ("f(x)=2x", "2x"), ("x^2+C", "x^2+5+C"),
    ("y=2x+1", "2x-y+1=0"), ("x=5", "5"), ("x>2", "(2, ∞)"), ("x≠3", "x<3或x>3"),
    ("1, 2", "{2, 1}"), ("±3", "3, -3"), ("1, 2", "x_1=2, x_2=1"), ("(1,2)", "1, 2"),
    ("(1,2)", "x = 1, y = 2"),
    (r"\frac{\pi}{2}+2k\pi, k\in\mathbb{Z}", r"2n\pi+\frac{\pi}{2}, n\in\mathbb{Z}"),
    (r"3 \pmod 7", "3"), ("no solution", "∅"), ("无解", "does not exist"),
    ("March 5", "2024年3月5日"), ("15:30", "3:30 pm"), ("yes", "是"), ("true", "√"),
    ("Evelyn", "The answer is Evelyn."), ("1/2", "1/2 or 0.5"), ("5 or 6", "5 or 6"),
    ("1,234", "1234"), (r"C_{10}^{3}", "120"), (r"\sqrt[3]{-8}", "-2"),
]  # fmt: skip
DIFFERENT = [
    ("1/3", "0.333"), ("\\pi", "3.14"), ("2^{-99}", "2^{-98}"),
    (r"\frac{1}{2004!}", r"\frac{1}{2006!}"), ("5%", "50%"), ("12 cm", "12 cm²"), ("5", "5m"),
    ("x+1", "y+1"), ("x=5", "x=6"), ("x>2", "[2, ∞)"), ("1, 2", "1, 2, 3"), ("±3", "3"),
    ("(1,2)", "(2,1)"), ("[0,1]", "(0,1)"), ("3 \\pmod 7", "4 \\pmod 7"), ("no solution", "0"),
    ("March 5", "March 6"), ("3:30 pm", "3:30 am"), ("yes", "错"), ("平行", "垂直"), ("CO", "Co"),
    ("3", "3 or 4"),
]  # fmt: skip
UNDECIDED = [
    ("0.5", "0.5%"), ("5 apples", "5 pears"), (r"\sqrt{x^2}", "x"), ("x+y=0", "0"),
    ("6；8", "8；6"), ("Evelyn", "Bob"), ("\\frac{1}{", "5"),
]  # fmt: skip


@pytest.mark.parametrize(("reference", "answer"), EQUAL)
def test_equal(reference: str, answer: str) -> None:
    assert verify_math(reference, answer).outcome == "pass"


@pytest.mark.parametrize(("reference", "answer"), DIFFERENT)
def test_different(reference: str, answer: str) -> None:
    assert verify_math(reference, answer).outcome == "fail"


@pytest.mark.parametrize(("reference", "answer"), UNDECIDED)
def test_undecided(reference: str, answer: str) -> None:
    assert verify_math(reference, answer).outcome == "undecided"
