"""Piecewise expressions, and expressions with conditions."""

import pytest


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (
            r"\begin{cases} x & x\ge 0\\ -x & x<0\end{cases}",
            r"\begin{cases} -x & x<0\\ x & x\ge 0\end{cases}",
            "pass",
        ),
        (
            r"\begin{cases} x & x\ge 0\\ -x & x<0\end{cases}",
            r"\begin{cases} x & x>0\\ -x & x\le 0\end{cases}",
            "pass",
        ),
        (r"\begin{cases} x & x\ge 0\\ -x & x<0\end{cases}", "|x|", "pass"),
        (r"\begin{cases} x & x\ge 0\\ -x & x<0\end{cases}", "x", "fail"),
        (
            r"f(x)=\begin{cases} x & x\ge 0\\ -x & x<0\end{cases}",
            r"\begin{cases} x & x\ge 0\\ -x & x<0\end{cases}",
            "pass",
        ),
        (
            r"\begin{cases} x & x\ge 0\\ -x & x<0\end{cases}",
            r"\begin{cases} x & x\ge 0\\ -2x & x<0\end{cases}",
            "fail",
        ),
        (
            r"\begin{cases} x & x\ge 0\\ -x & x<0\end{cases}",
            r"\begin{cases} x & x\ge 1\\ -x & x<0\end{cases}",
            "undecided",
        ),
    ],
)
def test_piecewise(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("f(x)=2x, x>0", "f(x)=2x, x>0", "pass"),
        ("f(x)=2x, x>0", r"f(x)=2x, x\in(0,\infty)", "pass"),
        ("f(x)=2x, x>0", "f(x)=2x, x>1", "fail"),
        ("f(x)=2x, x>0", "f(x)=2x", "undecided"),
        ("f(x)=2x, x>0", "f(x)=3x", "fail"),
    ],
)
def test_conditions(check, reference, answer, outcome):
    check(reference, answer, outcome)
