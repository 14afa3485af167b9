"""The labels of the pairs that graders of mathematics are measured with."""

import sys
from fractions import Fraction
from itertools import chain
from pathlib import Path
from random import Random

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import math_rewrite
from math_pairs import Pair
from math_rewrite_algebra import differ, expression
from math_rewrite_numbers import decimal, fraction, in_base, in_words, numbers, quantities, value
from math_rewrite_sets import interval_forms, item_forms
from math_sets import SETS, Folders

OWN = ("english", "chinese", "unseen_english", "unseen_chinese", "choices")


@pytest.fixture(scope="module")
def made() -> list[Pair]:
    return math_rewrite.pairs(None, rounds=5)


def test_the_same_seed_gives_the_same_pairs(made: list[Pair]):
    assert math_rewrite.pairs(None, rounds=5) == made != math_rewrite.pairs(None, seed=1, rounds=5)


def test_pairs_are_made_without_any_data(made: list[Pair]):
    right = sum(pair.expected for pair in made)
    assert len({pair.kind for pair in made}) > 50
    assert 0.4 < right / len(made) < 0.7


def test_labels_of_numbers_agree_with_their_values(made: list[Pair]):
    valued = [(value(p.reference), value(p.answer), p) for p in made]
    checked = [(one, other, p) for one, other, p in valued if None not in (one, other)]
    assert len(checked) > 15
    assert all((one == other) is p.expected for one, other, p in checked)


def test_labels_of_expressions_agree_with_their_values(made: list[Pair]):
    pairs = [p for p in made if p.kind in ("expand", "factor", "together", "sign_of_term")]
    checked = [(expression(p.reference), expression(p.answer), p) for p in pairs[:80]]
    read = [(one, other, p) for one, other, p in checked if one is not None and other is not None]
    assert len(read) > 10
    assert all(differ(one, other) is not p.expected for one, other, p in read)


@pytest.mark.parametrize("text", ["12", "-3", "1,234", r"\frac{3}{4}", r"-\frac34", "0.25", ".5"])
def test_a_number_is_read_exactly(text: str):
    known = {"1,234": 1234, r"\frac{3}{4}": Fraction(3, 4), r"-\frac34": Fraction(-3, 4)}
    assert value(text) == known.get(
        text, Fraction(text.replace(",", "")) if "\\" not in text else 0
    )


@pytest.mark.parametrize("text", ["x", "1, 234", r"2\frac{1}{2}", r"\frac{1}{0}", "3 cm", ""])
def test_what_is_no_number_is_not_read(text: str):
    assert value(text) is None


def test_numbers_are_written_in_words_bases_and_decimals():
    assert [in_words(n) for n in (7, 40, 99, 307)] == [
        "seven",
        "forty",
        "ninety-nine",
        "three hundred seven",
    ]
    assert [in_base(45, b) for b in (2, 8, 16)] == ["101101_2", "55_8", "2D_{16}"]
    assert [decimal(Fraction(-1, 8)), decimal(Fraction(1, 3)), decimal(Fraction(2, 3), 2)] == [
        "-0.125",
        None,
        "0.67",
    ]
    assert fraction(Fraction(-2, 3), 5) == r"-\frac{10}{15}"


def test_a_quantity_is_converted_exactly():
    found = {(text, equal) for _, text, equal in quantities(r"250\text{ g}", Random(0))}
    assert ("250 grams", True) in found
    assert ("0.25 kg", True) in found or ("0.25 kilograms", True) in found
    assert ("2.5 kilograms", False) in found


def test_an_interval_is_open_or_closed():
    found = {text: equal for _, text, equal in interval_forms("[1, 4)", Random(0))}
    assert found["[1, 4]"] is found["(1, 4)"] is False
    assert any(equal and r"1 \le" in text and "< 4" in text for text, equal in found.items())
    assert not list(interval_forms("(1, 4)", Random(0)))  # may as well be a point


def test_a_mixed_number_is_no_product():
    assert expression(r"6\frac{1}{4}") is None
    assert expression(r"6x") is not None


def test_the_order_counts_for_points_alone():
    order = {
        reference: [equal for kind, _, equal in item_forms(reference, Random(0)) if kind == "order"]
        for reference in ("(1, 2)", r"\{1, 2\}", "1, 2")
    }
    assert order == {"(1, 2)": [False], r"\{1, 2\}": [True], "1, 2": [True]}


@pytest.mark.parametrize("number", [5, 10, 1000, -7, 1])
def test_integers_near_the_edges_are_labelled_by_value(number: int):
    for seed in range(20):
        for kind, text, equal in numbers(str(number), Random(seed)):
            read = value(text)
            assert read is None or (read == number) is equal, kind


def test_sets_of_our_own_are_large_and_never_say_both():
    for name in OWN:
        pairs = SETS[name](Folders(None, None), 0)
        labels: dict[tuple[str, str, str | None], bool] = {}
        for pair in pairs:
            key = (pair.reference, pair.answer, pair.problem)
            assert labels.setdefault(key, pair.expected) is pair.expected
        assert len(labels) == len(pairs) >= 120
        assert 0.4 < sum(pair.expected for pair in pairs) / len(pairs) < 0.6


def test_sets_that_are_absent_are_empty():
    absent = [load for name, load in SETS.items() if name not in (*OWN, "rewritings")]
    assert not list(chain(*(load(Folders(None, None), 0) for load in absent)))
