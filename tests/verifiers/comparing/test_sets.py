"""Sets of real numbers."""

import pytest


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("x>2", r"(2,\infty)", "pass"),
        ("x>2", r"[2,\infty)", "fail"),
        (r"x\ge 2", r"[2,+\infty)", "pass"),
        ("-1<x<1", "(-1,1)", "pass"),
        ("|x|<1", "(-1,1)", "pass"),
        ("|x|<1", r"-1\le x\le 1", "fail"),
        ("x^2<2", r"(-\sqrt{2},\sqrt{2})", "pass"),
        ("x^2-3x+2>0", r"(-\infty,1)\cup(2,\infty)", "pass"),
        (r"\frac{x-1}{x+2}>0", r"(-\infty,-2)\cup(1,\infty)", "pass"),
        ("0<f(x)<1", "(0,1)", "pass"),
        ("2x>4", "x>2", "pass"),
        ("2x>4", "x>4", "fail"),
        ("x>2", "y>2", "undecided"),
        ("(1,2]", "(1,2)", "fail"),
        ("(1,2]", r"1<x\le 2", "pass"),
        ("[1,2]", "(1,2)", "fail"),
    ],
)
def test_intervals_and_inequalities(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"x>2 \text{ or } x<-1", r"(-\infty,-1)\cup(2,\infty)", "pass"),
        (r"x>2 \text{ or } x<-1", r"(-\infty,-1]\cup(2,\infty)", "fail"),
        ("x<-1, x>2", r"(-\infty,-1)\cup(2,\infty)", "pass"),
        ("x>1, x<2", "(1,2)", "pass"),
        (r"(0,1)\cup[1,2)", "(0,2)", "pass"),
        (r"(0,1)\cup(1,2)", "(0,2)", "fail"),
    ],
)
def test_unions(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"x\ne 3", r"(-\infty,3)\cup(3,\infty)", "pass"),
        (r"x\ne 3", r"\mathbb{R}\setminus\{3\}", "pass"),
        (r"x\ne 3", r"\mathbb{R}", "fail"),
        (r"x\ne 1, x\ne 2", r"(-\infty,1)\cup(1,2)\cup(2,\infty)", "pass"),
    ],
)
def test_points_left_out(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"\mathbb{R}", r"(-\infty,\infty)", "pass"),
        (r"x\in\mathbb{R}", r"\mathbb{R}", "pass"),
        (r"\mathbb{Z}", r"\mathbb{Q}", "fail"),
        (r"\mathbb{R}", "5", "fail"),
        (r"\mathbb{R}", r"\mathbb{C}", "fail"),
        (r"\mathbb{Z}", r"\mathbb{N}", "fail"),
        (r"\mathbb{R}^+", r"(0,\infty)", "pass"),
    ],
)
def test_named_sets(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"\{x\mid x>2\}", r"(2,\infty)", "pass"),
        (r"\{x\mid x>2\}", r"\{y\mid y>2\}", "pass"),
        (r"\{x\mid x>2\}", "2", "fail"),
        (r"\{x\in\mathbb{Z}\mid 0<x<3\}", r"\{1,2\}", "pass"),
        (r"\{x\in\mathbb{Z}\mid 0<x<3\}", r"\{1,2,3\}", "fail"),
        (r"\{x\in\mathbb{N}\mid x<2\}", r"\{1\}", "undecided"),
        (r"\{x\in\mathbb{N}\mid x<2\}", r"\{3\}", "fail"),
        (r"x\in\{1,2\}", "1, 2", "pass"),
    ],
)
def test_builders_and_integers(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"\emptyset", "0", "fail"),
        (r"\emptyset", r"\{\}", "pass"),
        (r"\emptyset", "(1,2]", "fail"),
        ("x>1, x<1, x=2", r"\mathbb{R}", "fail"),
    ],
)
def test_nothing(check, reference, answer, outcome):
    check(reference, answer, outcome)
