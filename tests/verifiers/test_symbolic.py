import pytest

from potstill.verifiers.plain import plain
from potstill.verifiers.symbolic import compare


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("(x+1)^2", "x^2+2x+1"),
        (r"\sin^2 x", r"1-\cos^2 x"),
        (r"\frac{\sqrt3}{3}", r"\frac{1}{\sqrt3}"),
        (r"\ln 8", r"3\ln 2"),
        ("2^{100}", "1267650600228229401496703205376"),
        ("2^{-99}", r"\frac{1}{2^{99}}"),
        (r"\binom{10}{3}", "120"),
        ("2π", r"2\pi"),
        ("2pi", r"2\pi"),
        ("6-5i", r"-5 \cdot i+6"),
        ("3:4", "6:8"),
        (r"\pm 3", "3,-3"),
        (r"\{1,2,3\}", "3,2,1"),
        ("1,2", "2,1"),
        ("(1,2)", r"\left(1, 2\right)"),
        ("x=1,y=2", "(1,2)"),
        ("x>2", r"(2,\infty)"),
        ("x ≤ 2", "x <= 2"),
        ("x=5", "5"),
        ("5", "x=5"),
        ("f(x)=2x", "2x"),
        ("y=2x+1", "2x-y+1=0"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{bmatrix}1\\2\end{bmatrix}"),
        (r"\begin{pmatrix}1&0\\0&1\end{pmatrix}", r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}"),
        ("n(n+1)/2", r"\sum_{k=1}^{n}k"),
    ],
)
def test_equal(reference: str, answer: str) -> None:
    assert compare(plain(reference), plain(answer))[:2] == ("pass", "equal")


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("(x+1)^2", "x^2+2x+2"),
        ("2^{-99}", "2^{-98}"),
        (r"\frac{1}{2004!}", r"\frac{1}{2006!}"),
        ("1-1/e", "1+1/e"),
        (r"\sqrt{2}", "1.41421356"),
        (r"2\pi", "6.28"),
        ("0.333333", r"\frac{1}{3}+0"),
        ("p-q", "q-p"),
        ("x+1", "y+1"),
        ("3c", "3"),
        ("6-5i", "6+5i"),
        (r"\pm 3", "3"),
        ("3", r"\pm 3"),
        ("5", "1,2,3,4,5,6"),
        (r"\{1,2\}", r"\{1,3\}"),
        ("(1,2)", "(2,1)"),
        ("(1,2,3)", "(1,2,4)"),
        ("[0,1]", "(0,1)"),
        ("x>2", "x>3"),
        ("x=5", "6"),
        ("f(x)=2x", "f(x)=x"),
        ("y=2x+1", "y=2x+2"),
        (r"\infty", r"-\infty"),
        (r"\infty", "5"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{pmatrix}1\\3\end{pmatrix}"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", "3"),
        (r"(0,9)\cup(9,36)", "12"),
        (r"\emptyset", "5"),
    ],
)
def test_different(reference: str, answer: str) -> None:
    assert compare(plain(reference), plain(answer))[:2] == ("fail", "different")


@pytest.mark.parametrize(
    ("reference", "answer", "reason"),
    [
        (r"\frac{1}{", "1", "reference_unparseable"),
        ("{", "5", "reference_unparseable"),
        ("11101_2", "29", "reference_unparseable"),
        ("5", "{", "answer_unparseable"),
        ("5", r"5 \pmod 7", "answer_unparseable"),
        ("120", "C_{10}^3", "not_proven"),
        ("(0,1)", "0<x<1", "not_proven"),
    ],
)
def test_what_can_not_be_told(reference: str, answer: str, reason: str) -> None:
    assert compare(plain(reference), plain(answer))[:2] == ("undecided", reason)
