import pytest

from potstill.text.ngrams import words
from potstill.text.numerals import figures


def read(text):
    return figures(words(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tom has 3 apples", "Tom has three apples"),
        ("买三个", "买3个"),
        ("pays $1,200", "pays 1200 dollars"),
        ("a 50-year-old man", "a 50 year old man"),
        ("One of them sold 5", "Each of them sold 5"),
        ("星期六一早卖5个", "星期天早上卖5个"),
        ("- Ann\n- Bob has 2", "Ann, Bob has 2"),
    ],
)
def test_same_numbers(one, other):
    assert read(one) == read(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tom has 3 apples", "Tom has 5 apples"),
        ("Tom has 3, Ann has 5", "Tom has 5, Ann has 3"),
        ("three apples", "five apples"),
        ("三个", "五个"),
        ("每周五天", "每周六天"),
        ("one apple", "two apples"),
        ("3 + 4", "3 - 4"),
        ("x = -3", "x = 3"),
        ("20% of 50", "20 of 50"),
        ("twice as many", "half as many"),
        ("0.5", "5"),
    ],
)
def test_other_numbers(one, other):
    assert read(one) != read(other)
