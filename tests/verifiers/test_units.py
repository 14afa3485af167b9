"""Units: how they are written, what they are worth, and what is none."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.verifiers.expressions.nodes import Unit
from potstill.verifiers.units import PERCENT, match, money
from potstill.verifiers.units.counted import singular
from potstill.verifiers.units.definitions import worth
from potstill.verifiers.units.table import table


def unit(text: str) -> Unit:
    """Return the unit that a whole text is."""
    found = match(text, 0)
    assert found is not None, text
    assert found[1] == len(text), text
    return found[0]


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        (
            "cm",
            "|cm| cm|厘米| 厘米| centimeters| centimetre|\\text{ cm}|\\,\\mathrm{cm}|~cm|{\\rm cm}",
        ),
        (
            "cm²",
            " cm^2|cm²|平方厘米| sq cm| sq. cm| square centimeters|\\text{ cm}^2|\\text{cm}^{2}",
        ),
        ("cm²", "\\mathrm{~cm}^{2}| cm squared|\\text{ square centimeters}|\\ \\mathrm{cm^2}"),
        (
            "m/s",
            " m/s|m/s|米/秒|米每秒| meters per second|\\mathrm{m/s}|\\frac{\\text{m}}{\\text{s}}",
        ),
        ("m/s", " m s^{-1}|\\mathrm{m\\,s^{-1}}|\\text{m} \\cdot \\text{s}^{-1}"),
        ("m/s²", " m/s^2|\\mathrm{~m/s^2}|米每二次方秒|米/秒²| meters per second squared"),
        ("km/h", " km/h|km/h|千米/时|公里/小时| kilometers per hour| kph"),
        ("°", "°|^\\circ|^{\\circ}|度| degrees|\\text{ degrees}"),
        ("°C", "°C|^\\circ\\text{C}|^{\\circ}C|℃|摄氏度| degrees Celsius"),
        ("%", "%|\\%| percent| per cent|\\text{ percent}"),
        ("$", "美元| dollars|\\$| US dollars|\\text{ dollars}"),
        ("元", "元|块钱|人民币| yuan"),
        ("ft", " ft|ft| feet| foot|英尺|\\text{ft}| feet tall"),
        ("ft³", " cubic feet| ft^3|立方英尺| cu ft"),
        ("h", " h| hr| hrs| hours|小时|个小时|\\text{h}|hours"),
        ("kg·m/s", " kg m/s|\\text{ kg·m/s}|\\mathrm{kg \\cdot m/s}"),
        ("J/kg/K", " J/(kg\\cdot K)|\\text{ J/(kg·K)}"),
        ("kWh", " kWh|kWh|千瓦时| kilowatt-hours"),
        ("kΩ", "k\\Omega|千欧| kiloohms"),
    ],
)
def test_the_spellings_of_a_unit(name: str, spellings: str) -> None:
    for spelling in filter(None, spellings.split("|")):
        assert unit(spelling).name == name, spelling


@pytest.mark.parametrize(
    ("large", "small", "times"),
    [
        (" m", " cm", 100),
        (" km", "米", 1000),
        (" miles", " feet", 5280),
        (" ft", " inches", 12),
        ("平方米", " cm^2", 10_000),
        (" acres", " square feet", 43_560),
        ("公顷", "亩", 15),
        ("里", "米", 500),
        ("斤", "两", 10),
        ("千克", "斤", 2),
        ("吨", "千克", 1000),
        (" pounds", " ounces", 16),
        (" liters", " mL", 1000),
        ("立方米", "升", 1000),
        (" gallons", " cups", 16),
        (" hours", " minutes", 60),
        ("天", "小时", 24),
        (" weeks", " days", 7),
        (" years", " months", 12),
        ("世纪", "年", 100),
        (" dollars", " cents", 100),
        ("元", "角", 10),
        (" km/h", " m/h", 1000),
        (" m/s", " km/h", "18/5"),
        (" kWh", " J", 3_600_000),
        (" N·m", " J", 1),
        (" degrees", " arcminutes", 60),
        (" percent", "‰", 10),
        (" bytes", " bits", 8),
    ],
)
def test_units_of_one_dimension_convert(large: str, small: str, times: int | str) -> None:
    one, other = unit(large), unit(small)
    assert one.dimension == other.dimension
    assert one.factor == Fraction(times) * other.factor


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (" cm", " cm^2"),
        (" kg", " m"),
        (" dollars", "元"),
        (" euros", "英镑"),
        (" years", " days"),
        (" tons", "吨"),
        (" MB", " bytes"),
        (" degrees", " radians"),
        (" hours", " hours per day"),
        (" apples", " pears"),
        ("分", "分钟"),
    ],
)
def test_units_that_are_not_converted(one: str, other: str) -> None:
    assert unit(one).dimension != unit(other).dimension


def test_temperatures_have_an_offset() -> None:
    celsius, fahrenheit, kelvin = unit("°C"), unit("°F"), unit(" K")
    assert celsius.dimension == fahrenheit.dimension == kelvin.dimension
    assert 100 * celsius.factor + celsius.offset == 212 * fahrenheit.factor + fahrenheit.offset
    assert celsius.offset == Fraction("273.15")


@pytest.mark.parametrize(
    "text",
    ["", "x", "m", "s", "m^2", " m + 3", " m n", " x", " xy", " sin x", " cos", " theta", " or 5"]
    + [" and 4", " in the", " times 4", "\\text{ and }7", "\\text{ if }x", "\\text{x}", " mod 7"]
    + ["\\text{ cm", "次方", "边形", "倍多", "^2", "+3", "(x)", " min(x)", " more than 3", " pi"]
    + ["\\sqrt{2}", "\\text{ million}", " = 3", "5", "\\frac{1}{2}", " a b", "点五", " * $"],
)
def test_what_is_no_unit(text: str) -> None:
    assert match(text, 0) is None


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (" cm and 5 mm", 3),
        (" cm, 4 cm", 3),
        ("米或5米", 1),
        ("元5角", 1),
        ("元五角", 1),
        (" dollars and 5 cents", 8),
        ("平方米。", 3),
        (" m and 3", 2),
        (" kg + 3", 3),
        (" m/s + 3", 4),
        ("\\text{ cm} + 3", 10),
        ("^\\circ + 30^\\circ", 6),
    ],
)
def test_a_unit_ends_before_what_goes_on(text: str, end: int) -> None:
    found = match(text, 0)
    assert found is not None
    assert found[1] == end


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        (" apples", "=apple"),
        ("\\text{ apples}", "=apple"),
        (" red apples", "=red apple"),
        (" students in total", "=student"),
        (" people", "=person"),
        ("人", "=person"),
        ("个人", "=person"),
        ("个苹果", "=苹果"),
        ("棵树", "=树"),
        (" ways", "="),
        (" ways to arrange the books", "="),
        (" times", "="),
        ("个", "="),
        ("种", "="),
        ("倍", "="),
    ],
)
def test_counting_words(text: str, dimension: str) -> None:
    assert unit(text).dimension == dimension


@pytest.mark.parametrize("text", [" years", " tons", " GB", "分", " hours per day", " $/month"])
def test_units_of_no_fixed_size_are_marked(text: str) -> None:
    assert unit(text).dimension.startswith("~")


@pytest.mark.parametrize(
    ("one", "many"),
    [("box", "boxes"), ("cherry", "cherries"), ("glass", "glasses"), ("cookie", "cookies")]
    + [("child", "children"), ("leaf", "leaves"), ("dish", "dishes"), ("dog", "dogs")],
)
def test_plural_and_singular_are_one_word(one: str, many: str) -> None:
    assert singular(one) == singular(many)
    assert singular(one) != singular(f"{one}x")


@pytest.mark.parametrize("word", ["bus", "glass", "radius", "axis", "gas"])
def test_a_singular_in_s_keeps_it(word: str) -> None:
    assert singular(word) == word


@pytest.mark.parametrize(
    ("before", "text", "name"),
    [
        ("元", "分", "分钱"),
        (" hours", "分", "min"),
        ("度", "分", "′"),
        ("°", "'", "′"),
        ("°", "秒", "″"),
    ],
)
def test_parts_of_one_measurement(before: str, text: str, name: str) -> None:
    found = match(text, 0, after=unit(before))
    assert found is not None
    assert (found[0].name, found[1]) == (name, len(text))
    assert match(text, 0) != found


@pytest.mark.parametrize(
    ("text", "dimension", "end"),
    [("$5", "USD", 1), ("\\$5", "USD", 2), ("US$5", "USD", 3), ("¥5", "CNY", 1), ("€5", "EUR", 1)]
    + [("£5", "GBP", 1), ("\\text{\\$}5", "USD", 9), ("RMB 5", "CNY", 3), ("\\pounds 5", "GBP", 7)],
)
def test_money_signs_in_front(text: str, dimension: str, end: int) -> None:
    found = money(text, 0)
    assert found is not None
    assert (found[0].dimension, found[1]) == (dimension, end)


@pytest.mark.parametrize("text", ["5", "x", "USD", "\\text{5}", "Rsx"])
def test_no_money_in_front(text: str) -> None:
    assert money(text, 0) is None


def test_every_spelling_has_a_worth() -> None:
    for name in table().names:
        assert worth(name).factor > 0, name


def test_percent_is_a_hundredth() -> None:
    assert unit("%") == PERCENT
    assert PERCENT.factor == Fraction(1, 100)


@given(st.text("cmksft hour\\{}^/2·°%$个米元每 per\\text{", max_size=60), st.integers(0, 5))
def test_any_text_has_a_unit_inside_it_or_none(text: str, start: int) -> None:
    if found := match(text, start):
        assert start < found[1] <= len(text)
        assert found[0].factor > 0


def test_hostile_texts_have_no_unit() -> None:
    assert match("\\text{" * 20_000, 0) is None
    assert match(" a" * 50_000, 0) is None
    assert match("/" * 100_000, 0) is None
