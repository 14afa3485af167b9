"""Numbers: decimals, thousands, repeating decimals, mixed numbers, bases."""

import pytest

from potstill.verifiers.expressions.nodes import Negative, Node, Symbol
from verifiers.expressions.trees import HALF, SEP, half, num, product, read_as, total, x


@pytest.mark.parametrize(
    ("texts", "node"),
    [
        ("12   12.   １２   {12}   $12$   \\(12\\)   \\boxed{12}   十二   twelve", num(12)),
        (".5   0.5   ．5", num("1/2", 1)),
        ("1.2e-3", num("0.0012", 4)),
        (r"0.\overline{3}   0.\dot{3}   0.\bar3   0.(3)   三分之一", num("1/3")),
        (r"0.1\overline{6}   0.1\dot{6}", num("1/6")),
        (r"0.\dot{1}4285\dot{7}", num("1/7")),
        (r"1\,234   1{,}234   1 234   1,\!234   1~234", num(1234)),
        ("1,234,567   1.234.567   1 234 567", num(1234567)),
        ("1,234.5   1.234,5", num("1234.5", 1)),
        ("3{,}14", num("3.14", 2)),
        ("1.2万   12000", num(12000)),
        ("-5   −5   – 5", Negative(num(5))),
        (r"1/2   \frac12   \dfrac{1}{2}   \frac1{2}   {1 \over 2}   ½   1÷2", HALF),
        (r"3 1/2   3\frac12   3\tfrac{1}{2}   3½   3又1/2", total(num(3), HALF)),
        (r"1011_2   1011_{(2)}   1011_{\text{two}}   1011₂", num(11, None, 2)),
        (r"1A3_{16}   \text{1A3}_{16}", num(419, None, 16)),
    ],
)
def test_reads_numbers(texts: str, node: Node) -> None:
    for text in texts.split(SEP):
        assert read_as(text) == node, text


def test_a_factor_before_a_fraction_is_no_mixed_number() -> None:
    assert read_as(r"2\cdot\frac12") == product(num(2), HALF)
    assert read_as(r"x\frac12") == product(x, HALF)
    assert read_as(r"2\frac32") == product(num(2), half(num(3)))
    assert read_as("3 1") is None


def test_digits_that_the_base_does_not_have_are_no_number() -> None:
    assert read_as("132_2") is None
    assert read_as("x_2") == Symbol("x_2")
