"""Sums, products, powers and roots."""

import pytest

from potstill.verifiers.expressions.nodes import Negative, Node, PlusMinus, Power, Symbol
from verifiers.expressions.trees import (
    HALF,
    IMAGINARY,
    PI,
    SEP,
    E,
    call,
    n,
    num,
    product,
    read_as,
    root,
    total,
    x,
    y,
)


@pytest.mark.parametrize(
    ("texts", "node"),
    [
        (
            "x^2+2x+1   x**2 + 2*x + 1   x²+2x+1",
            total(Power(x, num(2)), product(num(2), x), num(1)),
        ),
        ("2^10   2^{10}", Power(num(2), num(10))),
        (r"2^{3^4}   2^3^4", Power(num(2), Power(num(3), num(4)))),
        ("x^-1   x^{-1}   x⁻¹", Power(x, Negative(num(1)))),
        ("x^(1/2)   x^{1/2}   x^{\\frac12}", Power(x, HALF)),
        ("-x^2", Negative(Power(x, num(2)))),
        ("3 - -2", total(num(3), Negative(Negative(num(2))))),
        (r"1 \pm \sqrt2   1±√2", PlusMinus(num(1), root(2))),
        (r"\mp 3", PlusMinus(None, num(3), True)),
        (r"\sqrt3   √3   sqrt(3)   sqrt3   根号3   \sqrt{3}", root(3)),
        (r"\sqrt[3]{x}   ∛x   \sqrt[3]x   cbrt(x)", call("sqrt", x, num(3))),
        ("|x|   \\left|x\\right|   \\lvert x \\rvert   ∣x∣   abs(x)", call("abs", x)),
        ("||x|-1|", call("abs", total(call("abs", x), Negative(num(1))))),
        ("2|x|y", product(num(2), call("abs", x), y)),
        (r"\lfloor x \rfloor   ⌊x⌋   \left\lfloor x\right\rfloor", call("floor", x)),
        ("n!   n !", call("factorial", n)),
        ("n!!", call("double_factorial", n)),
        ("2x(x+1)", product(num(2), x, total(x, num(1)))),
        ("2 x 10^5   2 × 10^5   2·10^{5}", product(num(2), Power(num(10), num(5)))),
        ("2+3i   2+3\\mathrm{i}", total(num(2), product(num(3), IMAGINARY))),
        (r"e^{i\pi}   \mathrm{e}^{\mathrm{i}π}", Power(E, product(IMAGINARY, PI))),
        (r"\bar{z}   \overline{z}", call("conj", Symbol("z"))),
        (r"10\bmod 3   10 mod 3", call("mod", num(10), num(3))),
        ("x的平方", Power(x, num(2))),
    ],
)
def test_reads_arithmetic(texts: str, node: Node) -> None:
    for text in texts.split(SEP):
        assert read_as(text) == node, text
