from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.verifiers.plain import plain
from potstill.verifiers.quantities import Quantity, compare, quantity, split_unit


def read(text: str) -> Quantity | None:
    return quantity(plain(text))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5", 5, ""),
        ("-5", -5, ""),
        ("+5.", 5, ""),
        ("０．５", Fraction(1, 2), ""),
        (".5", Fraction(1, 2), ""),
        ("1,234,567", 1234567, ""),
        ("1 000", 1000, ""),
        (r"10,\!000", 10000, ""),
        ("10{,}000", 10000, ""),
        ("0.333", Fraction(333, 1000), ""),
        ("1.2e-3", Fraction(12, 10000), ""),
        ("3/4", Fraction(3, 4), ""),
        (r"\frac{3}{4}", Fraction(3, 4), ""),
        (r"-\dfrac34", Fraction(-3, 4), ""),
        (r"\frac{-3}{4}", Fraction(-3, 4), ""),
        ("$5$", 5, ""),
        (r"\(5\)", 5, ""),
        (r"\$5", 5, "$"),
        ("-$5", -5, "$"),
        ("5 dollars", 5, "$"),
        ("50%", 50, "%"),
        (r"50\%", 50, "%"),
        ("$50$ %", 50, "%"),
        ("50 percent", 50, "%"),
        (r"90^\circ", 90, "°"),
        ("90 degrees", 90, "°"),
        ("12 cm", 12, "cm"),
        ("12cm", 12, "cm"),
        ("12 cm^2", 12, "cm²"),
        (r"12\text{ cm}^2", 12, "cm²"),
        (r"12\ \mathrm{m}", 12, "m"),
        ("5 m", 5, "m"),
        ("12平方厘米", 12, "平方厘米"),
        ("3千克", 3, "千克"),
        ("1 apple", 1, "apple"),
        ("2 apples", 2, "apple"),
        ("18 dollars per day", 18, "dollars per day"),
    ],
)
def test_quantities(text: str, value: Fraction, unit: str) -> None:
    assert read(text) == (value, unit)


@pytest.mark.parametrize(
    "text",
    ["", "x", "2x", "5m", "3 xy", "2 pi", "3 sin", "1,2", "1,2345", "32, 349", "5 or 6", "5或6",
     "3亿", "5 million", r"5\text{ or}", "1/0", r"\frac{1}{0}", "1/2/3", "1.2.3", "--5", "-$-5",
     r"1\frac{1}{2}", "1e9999", "9" * 201, "3:4", "11101_2", "5!", "(5)", "½", "٣"],
)  # fmt: skip
def test_what_is_no_quantity(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("5", "5.0", "pass"),
        ("5", "5.0000000001", "fail"),
        ("1/3", "0.333", "fail"),
        ("1/3", "2/6", "pass"),
        ("0", "-0", "pass"),
        ("12", "12 cm", "pass"),
        ("12 cm", "12", "pass"),
        ("12 cm", "13", "fail"),
        ("12 cm", "12 cm", "pass"),
        ("12 cm", "13 cm", "fail"),
        ("12 cm", "12 m", "undecided"),
        ("12 cm", "120 mm", "undecided"),
        ("$5", "5 dollars", "pass"),
        ("$5", "5 apples", "undecided"),
        ("50%", "50", "pass"),
        ("50", "50%", "pass"),
        ("0.5", "50%", "pass"),
        ("50%", "1/2", "pass"),
        ("50%", "51", "fail"),
        ("0.5", "0.5%", "undecided"),
        ("50%", "50 cm", "undecided"),
    ],
)
def test_quantities_compare_exactly(reference: str, answer: str, outcome: str) -> None:
    left, right = read(reference), read(answer)
    assert left
    assert right
    assert compare(left, right).outcome == outcome


@given(st.integers(-(10**30), 10**30))
def test_thousands_may_be_set_apart(number: int) -> None:
    assert read(f"{number:,}") == read(str(number)) == (number, "")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_decimals_are_exact(number) -> None:
    assert read(f"{number:f}") == (Fraction(number), "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"8\pi\text{ cm}", (r"8\pi", "cm")),
        (r"15\pi \mbox{ cm}^2", (r"15\pi", "cm²")),
        (r"1\text{ or }2", (r"1\text{ or }2", "")),
        (r"\text{cm}", (r"\text{cm}", "")),
        ("x", ("x", "")),
    ],
)
def test_a_unit_behind_an_expression(text: str, expected: tuple[str, str]) -> None:
    assert split_unit(text) == expected
