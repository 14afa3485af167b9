"""Infinite families of numbers."""

import pytest


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"k\pi+\frac{\pi}{2}, k\in\mathbb{Z}", r"n\pi-\frac{\pi}{2}, n\in\mathbb{Z}", "pass"),
        (r"k\pi+\frac{\pi}{2}, k\in\mathbb{Z}", r"2k\pi+\frac{\pi}{2}, k\in\mathbb{Z}", "fail"),
        (r"k\pi, k\in\mathbb{Z}", r"n\pi", "pass"),
        (r"x=k\pi, k\in\mathbb{Z}", r"x=2k\pi \text{ or } x=(2k+1)\pi, k\in\mathbb{Z}", "pass"),
        (r"2k\pi\pm\frac{\pi}{2}, k\in\mathbb{Z}", r"k\pi+\frac{\pi}{2}, k\in\mathbb{Z}", "pass"),
        (r"\{2k\mid k\in\mathbb{Z}\}", r"\{2k+2\mid k\in\mathbb{Z}\}", "pass"),
        (r"\{2k\mid k\in\mathbb{Z}\}", r"\{2k+1\mid k\in\mathbb{Z}\}", "fail"),
        (r"k\pi, k\in\mathbb{Z}", r"\pi", "fail"),
    ],
)
def test_linear_families_are_residue_classes(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"x\equiv 3\pmod 7", "7k+3", "pass"),
        (r"x\equiv 3\pmod 7", r"3\pmod 7", "pass"),
        (r"x\equiv 3\pmod 7", r"10\pmod 7", "pass"),
        (r"x\equiv 3\pmod 7", r"4\pmod 7", "fail"),
        (r"x\equiv 3\pmod 7", r"3\pmod 8", "fail"),
        (r"3\pmod 7", "3", "pass"),
        (r"3\pmod 7", "10", "undecided"),
        (r"3\pmod 7", "4", "fail"),
    ],
)
def test_congruences(check, reference, answer, outcome):
    check(reference, answer, outcome)


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"k^2, k\in\mathbb{Z}", r"n^2, n\in\mathbb{Z}", "pass"),
        (r"k^2, k\in\mathbb{Z}", r"(k+1)^2, k\in\mathbb{Z}", "undecided"),
        (r"2k, k\in\mathbb{N}", r"2k, k\in\mathbb{Z}", "undecided"),
        (r"2k\pi<x<2k\pi+\pi, k\in\mathbb{Z}", r"(2n\pi,2n\pi+\pi), n\in\mathbb{Z}", "pass"),
    ],
)
def test_other_families(check, reference, answer, outcome):
    check(reference, answer, outcome)
