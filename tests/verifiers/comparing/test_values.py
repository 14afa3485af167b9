"""Numbers without variables."""

import pytest

from potstill.verifiers.comparing.compare import compare
from potstill.verifiers.comparing.rules import Rules
from potstill.verifiers.expressions.parse import read


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("0.5", r"\frac{1}{2}", "pass"),
        ("0.333", r"\frac{1}{3}", "fail"),
        ("2^{-99}", "2^{-98}", "fail"),
        ("2^{10}", "1024", "pass"),
        (r"\sqrt{16}", "4", "pass"),
        (r"\sqrt[3]{-8}", "-2", "pass"),
        ("5!", "120", "pass"),
        (r"\frac{1}{2004!}", r"\frac{1}{2006!}", "fail"),
        (r"\binom{5}{2}", "10", "pass"),
        (r"\binom{5}{2}", "20", "fail"),
        (r"\sum_{k=1}^{10} k", "55", "pass"),
        (r"\sum_{k=1}^{10} k", "54", "fail"),
    ],
)
def test_rationals(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"\sqrt{8}", r"2\sqrt{2}", "pass"),
        (r"\sqrt{8}", r"2\sqrt{3}", "fail"),
        (r"\frac{1}{\sqrt{2}}", r"\frac{\sqrt{2}}{2}", "pass"),
        (r"\sqrt{3+2\sqrt{2}}", r"1+\sqrt{2}", "pass"),
        (r"\sqrt{3+2\sqrt{2}}", "2.414213562373095", "fail"),
        (r"\pi", "3.14159265358979", "fail"),
        (r"1-\frac{1}{e}", r"1+\frac{1}{e}", "fail"),
        (r"\ln 8", r"3\ln 2", "pass"),
        (r"\ln 8", r"2\ln 3", "fail"),
        (r"\log_2 8", "3", "pass"),
        (r"\sin\frac{\pi}{6}", r"\frac{1}{2}", "pass"),
        (r"\sin \pi", "0", "pass"),
        (r"e^{\pi\sqrt{163}}", "262537412640768744", "fail"),
        (r"\sin 30^\circ", "0.5", "pass"),
        (r"\sin 30", "0.5", "fail"),
    ],
)
def test_irrationals(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("2+3i", "3i+2", "pass"),
        ("2+3i", "2-3i", "fail"),
        (r"\frac{1}{i}", "-i", "pass"),
        ("i^2", "-1", "pass"),
        (r"e^{i\pi}", "-1", "pass"),
    ],
)
def test_complex_numbers(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("3^{100000}+1", "3^{100000}", "fail"),
        ("3^{100000}", "9^{50000}", "pass"),
        ("10^{10^{10}}", "10^{10^{9}}", "fail"),
        ("10^{10^{10^{10}}}", "10^{10^{10^{10}}}", "pass"),
        ("10^{10^{10^{10}}}", "10^{10^{10^{9}}}", "fail"),
        ("e^{-1000}", "e^{-1001}", "fail"),
        ("e^{1000}+1", "e^{1000}", "fail"),
        ("9^{9^{9^{9^{9}}}}+1", "9^{9^{9^{9^{9}}}}+2", "undecided"),
    ],
)
def test_huge_and_tiny_numbers(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"\infty", r"+\infty", "pass"),
        (r"\infty", r"-\infty", "fail"),
        (r"\infty", "10^{9}", "fail"),
    ],
)
def test_infinities(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"\log 2", r"\ln 2", "pass"),
        (r"\log 2", r"\ln 3", "fail"),
        (r"\lg 2", r"\ln 2", "fail"),
        (r"\log 100", "2", "pass"),
    ],
)
def test_log_is_the_natural_one_where_the_other_side_says_so(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("1011_2", "1011", "pass"),
        ("1011_2", "11", "pass"),
        ("1011_2", "1101", "fail"),
        ("1011_2", "13_8", "pass"),
    ],
)
def test_number_bases(one_way, reference, answer, outcome):
    one_way(reference, answer, outcome)


def test_digits_of_a_base_that_only_the_answer_names_prove_nothing(one_way):
    one_way("1011", "1011_2", "undecided")
    one_way("1101", "1011_2", "fail")


@pytest.mark.parametrize(
    ("reference", "answer", "rules", "outcome"),
    [
        ("1/3", "0.333", Rules(tolerance=0.01), "pass"),
        ("1/3", "0.3", Rules(tolerance=0.01), "fail"),
        ("3.14", r"\pi", Rules(rounding=True), "pass"),
        ("3.14", "3.1449", Rules(rounding=True), "pass"),
        ("3.14", "3.146", Rules(rounding=True), "fail"),
        ("3", "3.1", Rules(rounding=True), "fail"),
        (r"\pi", "3.14", Rules(rounding=True), "fail"),
    ],
)
def test_options_let_more_pass(reference, answer, rules, outcome):
    (expected, *_), (given, *_) = read(reference), read(answer)
    assert compare(expected, given, rules).outcome == outcome


def test_no_value_equals_no_number(check):
    check(r"\frac{1}{0}", "1", "undecided")
