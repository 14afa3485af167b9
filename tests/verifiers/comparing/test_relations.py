"""Equations, assignments, inequalities with several variables."""

import pytest


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("x=5", "5", "pass"),
        ("x=5", "6", "fail"),
        ("5=x", "5", "pass"),
        ("2+3=5", "5", "pass"),
        ("S=2+3=5", "5", "pass"),
        ("f(x)=2x", "2x", "pass"),
        ("f(x)=2x", "3x", "fail"),
        ("AB=5", "5", "pass"),
        ("x=5", "x=5.0", "pass"),
        ("x=5", "y=5", "undecided"),
        ("x=5", "y=6", "fail"),
    ],
)
def test_an_assignment_is_its_value(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("f(x)=2x", "f(t)=2t", "pass"),
        ("f(x)=2x", "f(t)=3t", "fail"),
        ("f(x)=2x", "y=2x", "pass"),
        ("f(x)=2x", "g(x)=2x", "undecided"),
        ("f(x)=2x", "2t", "pass"),
    ],
)
def test_functions(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("y=2x+1", "2x-y+1=0", "pass"),
        ("y=2x+1", "2x-y+2=0", "fail"),
        ("x+y=1", "2x+2y=2", "pass"),
        ("x^2+y^2=4", "x^2+y^2-4=0", "pass"),
        ("x^2+y^2=4", "x^2+y^2=2", "fail"),
        (r"\frac{x^2}{4}+\frac{y^2}{3}=1", "3x^2+4y^2=12", "pass"),
        (r"y=\frac{1}{x}", "xy=1", "pass"),
        ("x^2=4", "x=2", "fail"),
    ],
)
def test_equations_up_to_a_factor(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("x+y=3, x-y=1", "x-y-1=0, x+y=3", "pass"),
        ("x+y=3, x-y=1", "x+y=3, x-y=2", "undecided"),
    ],
)
def test_systems(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("x=1, y=2", "y=2, x=1", "pass"),
        ("x=1, y=2", "x=2, y=1", "fail"),
        ("x=1, y=2", "(1,2)", "pass"),
        ("x=1, y=2", "(2,1)", "fail"),
        ("x=1, y=2", "1, 2", "pass"),
        ("x=1, y=2", "2, 1", "undecided"),
        ("y=2, x=1", "(2,1)", "undecided"),
        ("(x,y)=(1,2)", "(1,2)", "pass"),
        ("(x,y)=(1,2)", "x=1, y=2", "pass"),
        ("a=b=2", "a=2, b=2", "pass"),
        ("a=b=2", "2", "pass"),
        ("x=1, y=2", "a=1, b=2", "undecided"),
        ("x=1, y=2", "a=1, b=3", "fail"),
    ],
)
def test_named_values(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("x=1 or x=2", "1, 2", "pass"),
        ("x_1=1, x_2=2", "2, 1", "pass"),
        ("x_1=1, x_2=2", "x=2 or x=1", "pass"),
        ("x_1=1, x_2=2", "x=2 or x=3", "fail"),
    ],
)
def test_solutions_of_one_variable(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("y>x+1", "x-y+1<0", "pass"),
        ("y>x+1", "y<x+1", "fail"),
        ("y>x+1", r"y\ge x+1", "fail"),
        ("x>a", "-x<-a", "pass"),
        ("x>a", r"(a,\infty)", "pass"),
        ("x>a", r"[a,\infty)", "undecided"),
    ],
)
def test_inequalities_with_several_variables(check, reference, answer, outcome):
    check(reference, answer, outcome)


def test_an_equation_is_no_value_but_a_value_may_come_with_what_it_is_of(one_way):
    one_way("5", "x+y=5", "pass")
    one_way("x+y=5", "5", "undecided")
    one_way("x+y=5", "6", "fail")
    one_way("0", "2x+y=0", "undecided")


def test_a_chain_that_does_not_hold_proves_nothing(check):
    check(r"\frac{1}{3}", r"\frac{1}{3}=0.333", "undecided")
