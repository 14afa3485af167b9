"""Numbers in words: what is one, what it is worth, and where it ends."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.verifiers.numerals import chinese, english, match, percent

HAN = "零一二三四五六七八九"
SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
UNITS = SMALL.split()
ROUND = "- - twenty thirty forty fifty sixty seventy eighty ninety"
TENS = ROUND.split()


def in_han(value: int) -> str:
    """Write a number in Chinese."""
    for scale, sign in ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if value >= scale:
            count, rest = divmod(value, scale)
            gap = "零" if rest and rest < scale // 10 else ""
            return in_han(count) + sign + (gap + in_han(rest) if rest else "")
    return HAN[value]


def in_english(value: int) -> str:
    """Write a number in English."""
    for scale, word in ((10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if value >= scale:
            count, rest = divmod(value, scale)
            joint = " and " if 0 < rest < 100 else " "
            return f"{in_english(count)} {word}" + (joint + in_english(rest) if rest else "")
    if value >= 100:
        count, rest = divmod(value, 100)
        return f"{UNITS[count]} hundred" + (f" and {in_english(rest)}" if rest else "")
    if value >= 20:
        return TENS[value // 10] + (f"-{UNITS[value % 10]}" if value % 10 else "")
    return UNITS[value]


@given(st.integers(0, 10**12 - 1))
def test_chinese_numerals_are_read_as_they_are_written(value: int) -> None:
    assert chinese(in_han(value)) == value


@given(st.integers(0, 10**12 - 1))
def test_english_numerals_are_read_as_they_are_written(value: int) -> None:
    assert english(in_english(value)) == value


@given(st.text("零一二两三十百千万亿点分之又负半几个0123456789., -abdefhilmnorstuwy", max_size=40))
def test_any_run_is_read_or_left_alone(text: str) -> None:
    chinese(text)
    english(text)
    for start in range(len(text) + 1):
        if found := match(text, start):
            assert start < found[1] <= len(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10),
        ("三十二", 32),
        ("一百零五", 105),
        ("一百五", 150),
        ("两百五", 250),
        ("一万两千", 12000),
        ("一万二", 12000),
        ("三千零五万", 30_050_000),
        ("二〇二四", 2024),
        ("廿三", 23),
        ("壹佰贰拾叁", 123),
        ("叁萬", 30000),
        ("三点一四", "3.14"),
        ("三点五万", 35000),
        ("负三", -3),
        ("三分之一", "1/3"),
        ("三又二分之一", "7/2"),
        ("百分之五", "1/20"),
        ("百分之十二点五", "1/8"),
        ("千分之三", "3/1000"),
        ("百分之50", "1/2"),
        ("半", "1/2"),
        ("一半", "1/2"),
        ("1.2万", 12000),
        ("3亿5千万", 350_000_000),
        ("1亿2000万", 120_000_000),
        ("12万亿", 12 * 10**12),
        ("3百万", 3_000_000),
    ],
)
def test_chinese(text: str, value: int | str) -> None:
    assert chinese(text) == Fraction(value)
    found = match(text, 0)
    assert found is not None
    assert (found[0].value, found[1]) == (Fraction(value), len(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "几",
        "十几",
        "一百多",
        "三四",
        "万",
        "百",
        "一百零零",
        "三点",
        "零分之一",
        "一千万千",
        "两",
        "二两",
    ],
)
def test_what_is_no_chinese_number(text: str) -> None:
    assert chinese(text) is None or text == "两"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twenty-five", 25),
        ("Forty two", 42),
        ("a hundred", 100),
        ("one hundred and five", 105),
        ("twelve hundred", 1200),
        ("one million two hundred thousand and five", 1_200_005),
        ("half", "1/2"),
        ("three quarters", "3/4"),
        ("two-thirds", "2/3"),
        ("one twenty-fifth", "1/25"),
        ("seven tenths", "7/10"),
        ("one and a half", "3/2"),
        ("two and three quarters", "11/4"),
        ("two and a half million", 2_500_000),
        ("zero point two five", "1/4"),
        ("minus three", -3),
        ("a dozen", 12),
        ("half a dozen", 6),
        ("2.5 million", 2_500_000),
        ("1,200 thousand", 1_200_000),
        ("3 and a half", "7/2"),
    ],
)
def test_english(text: str, value: int | str) -> None:
    assert english(text) == Fraction(value)
    found = match(text, 0)
    assert found is not None
    assert (found[0].value, found[1]) == (Fraction(value), len(text))


@pytest.mark.parametrize(
    "text",
    ["", "a", "third", "twenty third", "hundreds", "nineteen ninety-nine", "two and three", "and"]
    + ["ten thousandths", "two third", "apples", "twenty eleven", "hundred", "million two"],
)
def test_what_is_no_english_number(text: str) -> None:
    assert english(text) is None


@pytest.mark.parametrize(
    ("text", "start", "value", "end"),
    [
        ("二十五个", 0, 25, 3),
        ("三两", 0, 3, 1),
        ("三千克", 0, 3, 1),
        ("一个半小时", 0, "3/2", 3),
        ("半小时", 0, "1/2", 1),
        ("是五", 1, 5, 2),
        ("twenty five percent", 0, 25, 11),
        ("two and three", 0, 2, 3),
        ("one hundred and two hundred", 0, 100, 11),
        ("3\\text{ million}", 0, 3_000_000, 16),
        ("x = five", 4, 5, 8),
    ],
)
def test_a_number_ends_where_its_words_do(
    text: str, start: int, value: int | str, end: int
) -> None:
    found = match(text, start)
    assert found is not None
    assert (found[0].value, found[1]) == (Fraction(value), end)


@pytest.mark.parametrize(
    "text",
    [
        "三角形",
        "一次函数",
        "一样",
        "半径",
        "十几个",
        "一百多人",
        "三四个",
        "5",
        "5千克",
        "5千米",
        "5 apples",
    ]
    + ["one-way", "five-year", "half past three", "ten o'clock", "stone", "a book", "十分重要"],
)
def test_words_that_only_begin_like_a_number(text: str) -> None:
    assert match(text, 0) is None


@pytest.mark.parametrize(("text", "start"), [("星期三", 2), ("第五", 1), ("周二", 1), ("bone", 1)])
def test_words_that_only_end_like_a_number(text: str, start: int) -> None:
    assert match(text, start) is None


def test_decimals_keep_their_places_and_fractions_have_none() -> None:
    decimal, fraction = match("三点一〇", 0), match("百分之三点一", 0)
    assert decimal is not None
    assert decimal[0].places == 2
    assert fraction is not None
    assert fraction[0].places is None


def test_the_figure_of_a_percentage() -> None:
    found = percent("约百分之十二点五。", 1)
    assert found is not None
    assert (found[0].value, found[0].places, found[1]) == (Fraction(25, 2), 1, 8)
    assert percent("千分之五", 0) is None
    assert percent("百分之几", 0) is None


def test_a_long_run_is_no_number() -> None:
    assert chinese("一" * 100_000) is None
    assert match("十" * 100_000, 0) is None
    assert english("two " * 10_000) is None
