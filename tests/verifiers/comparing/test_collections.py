"""Lists, sets, points, ratios, vectors, matrices, and values with two signs."""

import pytest


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("1, 2", "2, 1", "pass"),
        ("1, 2", r"\{2,1\}", "pass"),
        ("1, 2", "1, 3", "fail"),
        ("1, 2", "1, 2, 3", "fail"),
        ("1, 1, 2", "2, 1", "pass"),
        ("1, 2", "1", "fail"),
        (r"1 \text{ or } 2", "1", "fail"),
        (r"\{1\}", "1", "pass"),
        ("0.5, 2", r"\frac{1}{2}, 2", "pass"),
    ],
)
def test_lists_and_sets(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("(1,2)", "(2,1)", "fail"),
        ("(1,2)", "(1.0,2)", "pass"),
        ("(1,2)", "1, 2", "pass"),
        ("(1,2)", "2, 1", "undecided"),
        ("(1,2)", "1, 3", "fail"),
        ("(1,2,3)", "(1,2)", "fail"),
        ("(1,2)", "1", "fail"),
        ("(1,2)", r"\{(1,2)\}", "pass"),
        ("(1,2)", r"\{1,2\}", "undecided"),
        ("(1,2), (2,1)", "(2,1), (1,2)", "pass"),
        ("(1,2), (2,1)", "(1,2), (1,2)", "fail"),
    ],
)
def test_points(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"\pm 3", "3, -3", "pass"),
        (r"\pm 3", r"\{-3,3\}", "pass"),
        (r"\pm 3", "3", "fail"),
        (r"x=\pm 3", "x=3 or x=-3", "pass"),
        (r"\frac{3\pm\sqrt{5}}{2}", r"\frac{3+\sqrt{5}}{2}, \frac{3-\sqrt{5}}{2}", "pass"),
        (r"\pm 1 \mp 2", "-1, 1", "pass"),
        (r"\pm 1 \pm 2", "-3, -1, 1, 3", "pass"),
        (r"\pm 1 \pm 2", "-3, 3", "undecided"),
        (r"\pm 0", "0", "pass"),
    ],
)
def test_both_signs(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("3:4", "6:8", "pass"),
        ("3:4", "4:3", "fail"),
        ("3:4", r"\frac{3}{4}", "pass"),
        ("3:4", "0.75", "pass"),
        ("1:2:3", "2:4:6", "pass"),
        ("1:2:3", "2:4:7", "fail"),
        ("1:2", "1:2:3", "fail"),
        ("12:0", "1:0", "undecided"),
    ],
)
def test_ratios(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (
            r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
            r"\begin{bmatrix}1&2\\3&\frac{8}{2}\end{bmatrix}",
            "pass",
        ),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{pmatrix}1&3\\2&4\end{pmatrix}", "fail"),
        (r"\frac{1}{2}\begin{pmatrix}2&4\end{pmatrix}", r"\begin{pmatrix}1&2\end{pmatrix}", "pass"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", "(1,2)", "pass"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", "(1,3)", "fail"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{pmatrix}1&2\end{pmatrix}", "undecided"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", "1", "fail"),
        (r"\begin{vmatrix}1&2\\3&4\end{vmatrix}", "-2", "pass"),
        (r"\begin{vmatrix}1&2\\3&4\end{vmatrix}", "2", "fail"),
    ],
)
def test_matrices(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"2\mathbf{i}+3\mathbf{j}", "(2,3)", "pass"),
        (r"2\mathbf{i}-3\mathbf{j}", "(2,3)", "fail"),
        (r"2\mathbf{i}-\mathbf{k}", r"\begin{pmatrix}2\\0\\-1\end{pmatrix}", "pass"),
    ],
)
def test_unit_vectors(check, reference, answer, outcome):
    check(reference, answer, outcome)


def test_a_complex_number_may_be_meant_by_a_point(check):
    check("2+3i", "(2,3)", "undecided")
    check("2+3i", "(3,2)", "fail")
