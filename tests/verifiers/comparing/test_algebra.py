"""Expressions with variables."""

import pytest


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("(x+1)^2", "x^2+2x+1", "pass"),
        ("(x+1)^2", "x^2+2x+2", "fail"),
        (r"\frac{x^2-1}{x-1}", "x+1", "pass"),
        (r"\sin 2x", r"2\sin x\cos x", "pass"),
        (r"\sin^2 x", r"1-\cos^2 x", "pass"),
        (r"\sin^2 x", r"\cos^2 x", "fail"),
        (r"2\sqrt{x}", r"\sqrt{4x}", "pass"),
        (r"\cosh^2 x-\sinh^2 x", "1", "pass"),
        (r"\cosh^2 x+\sinh^2 x", "1", "fail"),
        ("2^{x+1}", r"2\cdot 2^x", "pass"),
        ("x", "y", "fail"),
        ("2x", "2", "fail"),
        ("a+b", "b+a", "pass"),
        ("a-b", "b-a", "fail"),
    ],
)
def test_identities(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"\sqrt{x^2}", "x", "undecided"),
        (r"\sqrt{x^2}", "|x|", "pass"),
        (r"\ln x^2", r"2\ln x", "pass"),
        ("|x|", "-x", "fail"),
    ],
)
def test_what_differs_at_negative_numbers_only_is_not_proven(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"\sum_{k=1}^{n} k", r"\frac{n(n+1)}{2}", "pass"),
        (r"\sum_{k=1}^{n} k", r"\frac{n(n+2)}{2}", "fail"),
        ("(-1)^n", r"\cos n\pi", "pass"),
    ],
)
def test_sums_to_a_variable_limit(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("2n+1", "2k+1", "undecided"),
        ("2n+1", "2k+3", "fail"),
        ("2x", "2y", "undecided"),
        ("2x", "3y", "fail"),
        ("x^2+C", "x^2+c", "pass"),
    ],
)
def test_names_of_variables(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"\ln|2x|+C", r"\ln|x|+C", "pass"),
        ("x^2+C", "x^2+1+C", "pass"),
        ("x^2+C", "x^2", "fail"),
        ("x^2+C", "x^3+C", "fail"),
        ("x^2+2C", "x^2+C", "fail"),
    ],
)
def test_constants_of_integration(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("2f(x)", "f(x)+f(x)", "pass"),
        ("f(x)", "f(x+1)", "undecided"),
    ],
)
def test_functions_of_the_problem(check, reference, answer, outcome):
    check(reference, answer, outcome)
